using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class ThingTypeTests : RegistryTestBase
{
    [Fact]
    public async Task A_type_is_created_once_updated_and_described()
    {
        var created = await InvokeAsync(new CreateThingTypeRequest("sensor", new("Feels", ["colour"])));
        Assert.Equal(created, await InvokeAsync(new CreateThingTypeRequest("sensor", new("Feels", ["colour"]))));
        await RefusedAsync("ResourceAlreadyExistsException", new CreateThingTypeRequest("sensor"));
        await RefusedAsync("InvalidRequestException", new CreateThingTypeRequest("pump", new(SearchableAttributes: ["a", "b", "c", "d"])));

        await InvokeAsync(new UpdateThingTypeRequest("sensor", new(SearchableAttributes: ["size", "place"])));
        var type = await InvokeAsync(new DescribeThingTypeRequest("sensor"));
        Assert.Equal((created.ThingTypeId, "Feels", false), (type.ThingTypeId, type.ThingTypeProperties!.ThingTypeDescription, type.ThingTypeMetadata!.Deprecated));
        Assert.Equal(["size", "place"], type.ThingTypeProperties.SearchableAttributes!);
        await RefusedAsync("ResourceNotFoundException", new UpdateThingTypeRequest("pump"));
        Assert.Equal("sensor", Assert.Single((await InvokeAsync(new ListThingTypesRequest(ThingTypeName: "sensor"))).ThingTypes!).ThingTypeName);
        Assert.Empty((await InvokeAsync(new ListThingTypesRequest(ThingTypeName: "sens"))).ThingTypes!);
    }

    [Fact]
    public async Task A_deprecated_type_keeps_its_things_and_gets_no_more()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateThingRequest("s-1", "sensor"));
        await InvokeAsync(new DeprecateThingTypeRequest("sensor"));
        await RefusedAsync("InvalidRequestException", new CreateThingRequest("s-2", "sensor"));
        await InvokeAsync(new CreateThingRequest("s-1", "sensor"));
        await InvokeAsync(new UpdateThingRequest("s-1", "sensor"));

        await InvokeAsync(new DeprecateThingTypeRequest("sensor", UndoDeprecate: true));
        await InvokeAsync(new CreateThingRequest("s-2", "sensor"));
    }

    [Fact]
    public async Task A_type_is_deleted_when_it_is_deprecated_and_has_no_things()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateThingRequest("s-1", "sensor"));
        await RefusedAsync("InvalidRequestException", new DeleteThingTypeRequest("sensor"));
        await InvokeAsync(new DeprecateThingTypeRequest("sensor"));
        await RefusedAsync("InvalidRequestException", new DeleteThingTypeRequest("sensor"));
        await InvokeAsync(new DeleteThingRequest("s-1"));
        await InvokeAsync(new DeleteThingTypeRequest("sensor"));
        await RefusedAsync("ResourceNotFoundException", new DeleteThingTypeRequest("sensor"));
    }

    public sealed class WithAwsWait : RegistryTestBase
    {
        private protected override RegistrySettings Settings => new() { ThingTypeDeletionDelay = TimeSpan.FromMinutes(5) };

        [Fact]
        public async Task The_deletion_has_to_wait_for_five_minutes()
        {
            await InvokeAsync(new CreateThingTypeRequest("sensor"));
            await InvokeAsync(new DeprecateThingTypeRequest("sensor"));
            var since = (await InvokeAsync(new DescribeThingTypeRequest("sensor"))).ThingTypeMetadata!.DeprecationDate;
            var error = await RefusedAsync("InvalidRequestException", new DeleteThingTypeRequest("sensor"));
            Assert.Equal("Cannot delete thing type : sensor. Please wait for 5 minutes after deprecation and then retry", error.Message);

            await InvokeAsync(new DeprecateThingTypeRequest("sensor"));
            Assert.Equal(since, (await InvokeAsync(new DescribeThingTypeRequest("sensor"))).ThingTypeMetadata!.DeprecationDate);
        }
    }
}
