using System.Text.Json;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;
using CdfProvisioning.Tests.Registry;
using Xunit;

namespace CdfProvisioning.Tests.Fleet;

public sealed class FleetTotalsTests : RegistryTestBase
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_sum_what_listing_everything_sums()
    {
        await Registry.InvokeAllAsync(new CreateThingTypeRequest("sensor"), new CreateThingTypeRequest("unused"));
        await Registry.InvokeAllAsync(new CreateThingGroupRequest("factory"), new CreateThingGroupRequest("hall", "factory"), new CreateThingGroupRequest("yard"));
        await InvokeAsync(new CreateDynamicThingGroupRequest("ulm", "attributes.site:ulm"));
        await Registry.InvokeAllAsync(
            new CreatePolicyRequest("of-certificates", TestRegistry.PolicyDocument), new CreatePolicyRequest("of-groups", TestRegistry.PolicyDocument), new CreatePolicyRequest("of-nobody", TestRegistry.PolicyDocument));
        await InvokeAsync(new AttachPolicyRequest("of-groups", (await InvokeAsync(new DescribeThingGroupRequest("factory"))).ThingGroupArn!));
        for (var i = 1; i <= 6; i++)
        {
            await InvokeAsync(new CreateThingRequest($"thing-{i}", i < 4 ? "sensor" : null, i < 3 ? Attributes(("site", "ulm")) : null));
            await InvokeAsync(new AddThingToThingGroupRequest(ThingGroupName: i % 2 == 0 ? "hall" : "yard", ThingName: $"thing-{i}"));
        }
        await InvokeAsync(new AddThingToThingGroupRequest(ThingGroupName: "factory", ThingName: "thing-1"));
        // Of thing-1 two, one of them INACTIVE; thing-2 has the policy by its certificate and by its group.
        foreach (var (thing, isActive) in new[] { ("thing-1", true), ("thing-1", false), ("thing-2", true), ("thing-3", false) })
        {
            var certificate = await Registry.CreateCertificateAsync(isActive);
            await InvokeAsync(new AttachThingPrincipalRequest(thing, certificate));
            await InvokeAsync(new AttachPolicyRequest("of-certificates", certificate));
            if (thing == "thing-2")
                await InvokeAsync(new AttachPolicyRequest("of-groups", certificate));
        }
        await Registry.CreateCertificateAsync();
        var now = DateTimeOffset.UtcNow;

        var summed = await ((ISummingRegistry)Registry.Registry).SumAsync(now, Cancellation);
        var listed = await new StreamedTotals(Registry.Registry, asksForCertificates: true, now, _ => { }).SumAsync(Cancellation);

        Assert.Equal(JsonSerializer.Serialize(summed), JsonSerializer.Serialize(listed));
        Assert.Equal<NamedCount>([new("sensor", 3), new("unused", 0), new(null, 3)], summed.ThingsByType);
        Assert.Equal<NamedCount>([new("factory", 1), new("hall", 3), new("ulm", 2), new("yard", 3)], summed.ThingsByGroup);
        Assert.Equal<StatusTotals>([new("ACTIVE", 2, 2), new("INACTIVE", 3, 2)], summed.ByStatus);
        Assert.Equal(3, summed.ThingsWithoutCertificate);
        Assert.Equal([(0, "of-nobody"), (3, "of-certificates"), (4, "of-groups")], summed.Policies.Select(policy => ((int)policy.Devices!, policy.Name)).Order());
        Assert.Equal(2, summed.Expiry!.ByMonth.Sum(month => month.Count));
    }
}
