using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class ThingTests : RegistryTestBase
{
    [Fact]
    public async Task Every_thing_has_a_random_id_of_its_own()
    {
        var ids = new List<Guid>();
        foreach (var number in Enumerable.Range(1, 200))
            ids.Add(Guid.Parse((await InvokeAsync(new CreateThingRequest($"thing-{number}"))).ThingId!));

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((4, 0b10), (id.Version, id.Variant >> 2)));
    }

    [Fact]
    public async Task A_thing_is_described_as_it_was_created()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateBillingGroupRequest("north"));
        var created = await InvokeAsync(new CreateThingRequest("s-1", "sensor", Attributes(("colour", "red"), ("none", "")), "north"));
        Assert.Equal($"{TestRegistry.Arn}:thing/s-1", created.ThingArn);
        Assert.True(Guid.TryParse(created.ThingId, out _));

        var thing = await InvokeAsync(new DescribeThingRequest("s-1"));
        Assert.Equal(
            ("s-1", "s-1", created.ThingId, created.ThingArn, "sensor", "north", 1),
            (thing.ThingName, thing.DefaultClientId, thing.ThingId, thing.ThingArn, thing.ThingTypeName, thing.BillingGroupName, thing.Version));
        Assert.Equal([new("colour", "red")], thing.Attributes!);
    }

    [Fact]
    public async Task Creating_the_same_thing_again_finds_it_and_another_of_its_name_is_a_conflict()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        var first = await InvokeAsync(new CreateThingRequest("s-1", AttributePayload: Attributes(("a", "1"), ("b", "2"))));
        Assert.Equal(first, await InvokeAsync(new CreateThingRequest("s-1", AttributePayload: Attributes(("b", "2"), ("a", "1")))));

        var error = await RefusedAsync("ResourceAlreadyExistsException", new CreateThingRequest("s-1", AttributePayload: Attributes(("a", "1"))));
        Assert.Equal(("Thing s-1 already exists in account with different attributes", first.ThingId, first.ThingArn), (error.Message, error.ResourceId, error.ResourceArn));
        await RefusedAsync("ResourceAlreadyExistsException", new CreateThingRequest("s-1", "sensor", Attributes(("a", "1"), ("b", "2"))));
    }

    [Fact]
    public async Task A_thing_needs_what_it_names()
    {
        await RefusedAsync("ResourceNotFoundException", new CreateThingRequest("s-1", "sensor"));
        await RefusedAsync("ResourceNotFoundException", new CreateThingRequest("s-1", BillingGroupName: "north"));
        await RefusedAsync("InvalidRequestException", new CreateThingRequest("s 1"));
        await RefusedAsync("ResourceNotFoundException", new DescribeThingRequest("s-1"));
    }

    [Fact]
    public async Task An_update_replaces_attributes_or_merges_them_and_an_empty_value_removes_one()
    {
        await InvokeAsync(new CreateThingRequest("s-1", AttributePayload: Attributes(("a", "1"), ("b", "2"))));
        await InvokeAsync(new UpdateThingRequest("s-1", AttributePayload: Attributes(("a", ""), ("c", "3")) with { Merge = true }));
        await AssertAsync(2, ("b", "2"), ("c", "3"));
        await InvokeAsync(new UpdateThingRequest("s-1", AttributePayload: Attributes(("d", "4"))));
        await AssertAsync(3, ("d", "4"));
        await InvokeAsync(new UpdateThingRequest("s-1"));
        await AssertAsync(4, ("d", "4"));
        await InvokeAsync(new UpdateThingRequest("s-1", AttributePayload: new()));
        await AssertAsync(5);

        async Task AssertAsync(long version, params (string, string)[] attributes)
        {
            var thing = await InvokeAsync(new DescribeThingRequest("s-1"));
            Assert.Equal(version, thing.Version);
            Assert.Equal(attributes, thing.Attributes!.Select(a => (a.Key, a.Value)).Order());
        }
    }

    [Fact]
    public async Task An_update_or_a_deletion_that_expects_another_version_is_refused()
    {
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new UpdateThingRequest("s-1", ExpectedVersion: 1));
        await RefusedAsync("VersionConflictException", new UpdateThingRequest("s-1", ExpectedVersion: 1));
        await RefusedAsync("VersionConflictException", new DeleteThingRequest("s-1", 1));
        await InvokeAsync(new DeleteThingRequest("s-1", 2));
        await RefusedAsync("ResourceNotFoundException", new DescribeThingRequest("s-1"));
    }

    [Fact]
    public async Task A_thing_type_comes_and_goes_and_decides_how_many_attributes_there_may_be()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateThingRequest("s-1"));
        var four = Attributes(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"));
        await RefusedAsync("InvalidRequestException", new UpdateThingRequest("s-1", AttributePayload: four));
        await InvokeAsync(new UpdateThingRequest("s-1", "sensor", four));
        await RefusedAsync("InvalidRequestException", new UpdateThingRequest("s-1", RemoveThingType: true));
        await RefusedAsync("InvalidRequestException", new UpdateThingRequest("s-1", "sensor", RemoveThingType: true));
        await InvokeAsync(new UpdateThingRequest("s-1", AttributePayload: new(), RemoveThingType: true));
        Assert.Null((await InvokeAsync(new DescribeThingRequest("s-1"))).ThingTypeName);
    }

    [Fact]
    public async Task A_thing_that_is_attached_cannot_be_deleted_and_one_that_does_not_exist_can()
    {
        await InvokeAsync(new CreateThingRequest("s-1"));
        var certificate = await Registry.CreateCertificateAsync();
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", certificate));
        var error = await RefusedAsync("InvalidRequestException", new DeleteThingRequest("s-1"));
        Assert.Equal("Cannot delete. Thing s-1 is still attached to one or more principals", error.Message);
        await InvokeAsync(new DetachThingPrincipalRequest("s-1", certificate));
        await InvokeAsync(new DeleteThingRequest("s-1"));
        await InvokeAsync(new DeleteThingRequest("s-1"));
    }

    [Fact]
    public async Task Things_are_found_by_type_and_attribute()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateThingRequest("s-1", "sensor", Attributes(("a.b/#c", "red"))));
        await InvokeAsync(new CreateThingRequest("s-2", "sensor", Attributes(("a.b/#c", "redder"))));
        await InvokeAsync(new CreateThingRequest("s-3", AttributePayload: Attributes(("a.b/#c", "red"), ("x", "r_d"))));
        await InvokeAsync(new CreateThingRequest("s-4"));

        await AssertAsync(new(ThingTypeName: "sensor"), "s-1", "s-2");
        await AssertAsync(new(ThingTypeName: "pump"));
        await AssertAsync(new(AttributeName: "a.b/#c", AttributeValue: "red"), "s-1", "s-3");
        await AssertAsync(new(AttributeName: "a.b/#c", AttributeValue: "red", UsePrefixAttributeValue: true), "s-1", "s-2", "s-3");
        await AssertAsync(new(AttributeName: "a.b/#c", AttributeValue: "red", ThingTypeName: "sensor"), "s-1");
        await AssertAsync(new(AttributeName: "x", AttributeValue: "_", UsePrefixAttributeValue: true));
        await AssertAsync(new(AttributeName: "x"), "s-3");
        await RefusedAsync("InvalidRequestException", new ListThingsRequest(AttributeValue: "red"));
        await RefusedAsync("InvalidRequestException", new ListThingsRequest(AttributeName: "a\"b", AttributeValue: "red"));

        async Task AssertAsync(ListThingsRequest request, params string[] names) =>
            Assert.Equal(names, (await InvokeAsync(request)).Things!.Select(t => t.ThingName));
    }
}
