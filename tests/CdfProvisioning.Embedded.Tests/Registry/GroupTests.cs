using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class GroupTests : RegistryTestBase
{
    [Fact]
    public async Task A_group_knows_its_way_from_the_root()
    {
        await CreateAsync("site", null);
        await CreateAsync("hall", "site");
        await CreateAsync("line", "hall");
        var group = await InvokeAsync(new DescribeThingGroupRequest("line"));
        Assert.Equal("hall", group.ThingGroupMetadata!.ParentGroupName);
        Assert.Equal(["site", "hall"], group.ThingGroupMetadata.RootToParentThingGroups!.Select(g => g.GroupName));

        await AssertAsync(new(), "site", "hall", "line");
        await AssertAsync(new(ParentGroup: "site"), "hall");
        await AssertAsync(new(ParentGroup: "site", Recursive: true), "hall", "line");
        await AssertAsync(new(NamePrefixFilter: "l"), "line");
        await RefusedAsync("ResourceNotFoundException", new ListThingGroupsRequest(ParentGroup: "yard"));

        async Task AssertAsync(ListThingGroupsRequest request, params string[] names) =>
            Assert.Equal(names, (await InvokeAsync(request)).ThingGroups!.Select(g => g.GroupName));
    }

    [Fact]
    public async Task A_group_is_created_once()
    {
        await CreateAsync("site", null);
        var created = await InvokeAsync(new CreateThingGroupRequest("hall", "site", new("A hall", Attributes(("a", "1")))));
        Assert.Equal(created, await InvokeAsync(new CreateThingGroupRequest("hall", "site", new("A hall", Attributes(("a", "1"))))));
        await RefusedAsync("ResourceAlreadyExistsException", new CreateThingGroupRequest("hall", null, new("A hall", Attributes(("a", "1")))));
        await RefusedAsync("ResourceAlreadyExistsException", new CreateThingGroupRequest("hall", "site"));
        await RefusedAsync("ResourceNotFoundException", new CreateThingGroupRequest("line", "yard"));
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_counts_versions()
    {
        await InvokeAsync(new CreateThingGroupRequest("site", null, new("A site", Attributes(("a", "1"), ("b", "2")))));
        Assert.Equal(2, (await InvokeAsync(new UpdateThingGroupRequest("site", new(AttributePayload: Attributes(("a", ""), ("c", "3")) with { Merge = true }), 1))).Version);
        await RefusedAsync("VersionConflictException", new UpdateThingGroupRequest("site", new("Other"), 1));
        Assert.Equal(3, (await InvokeAsync(new UpdateThingGroupRequest("site", new("Other")))).Version);

        var group = await InvokeAsync(new DescribeThingGroupRequest("site"));
        Assert.Equal(("Other", 3), (group.ThingGroupProperties!.ThingGroupDescription, group.Version));
        Assert.Equal([new("b", "2"), new("c", "3")], group.ThingGroupProperties.AttributePayload!.Attributes!.OrderBy(a => a.Key));
    }

    [Fact]
    public async Task A_hierarchy_has_seven_levels_and_a_group_a_hundred_children()
    {
        await CreateAsync("g-1", null);
        for (var level = 2; level <= 7; level++)
            await CreateAsync($"g-{level}", $"g-{level - 1}");
        await RefusedAsync("InvalidRequestException", new CreateThingGroupRequest("g-8", "g-7"));

        for (var child = 2; child <= 100; child++)
            await CreateAsync($"c-{child}", "g-1");
        await RefusedAsync("InvalidRequestException", new CreateThingGroupRequest("c-101", "g-1"));
    }

    [Fact]
    public async Task A_group_goes_with_its_memberships_but_not_before_its_children()
    {
        await CreateAsync("site", null);
        await CreateAsync("hall", "site");
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new AddThingToThingGroupRequest("hall", ThingName: "s-1"));
        var error = await RefusedAsync("InvalidRequestException", new DeleteThingGroupRequest("site"));
        Assert.Equal("Cannot delete thing group : site when there are still child groups attached to it.", error.Message);
        await RefusedAsync("VersionConflictException", new DeleteThingGroupRequest("hall", 2));
        await InvokeAsync(new DeleteThingGroupRequest("hall", 1));
        await InvokeAsync(new DeleteThingGroupRequest("site"));
        await InvokeAsync(new DeleteThingGroupRequest("site"));
        Assert.Empty((await InvokeAsync(new ListThingGroupsForThingRequest("s-1"))).ThingGroups!);
    }

    [Fact]
    public async Task A_thing_is_in_one_group_of_a_hierarchy_and_can_be_moved_within_it()
    {
        await CreateAsync("site", null);
        await CreateAsync("hall", "site");
        await CreateAsync("yard", "site");
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new AddThingToThingGroupRequest(ThingGroupArn: $"{TestRegistry.Arn}:thinggroup/hall", ThingArn: $"{TestRegistry.Arn}:thing/s-1"));
        await InvokeAsync(new AddThingToThingGroupRequest("hall", ThingName: "s-1"));
        var error = await RefusedAsync("InvalidRequestException", new AddThingToThingGroupRequest("yard", ThingName: "s-1"));
        Assert.Contains("'hall'", error.Message, StringComparison.Ordinal);

        await InvokeAsync(new UpdateThingGroupsForThingRequest("s-1", ["yard"], ["hall"]));
        await AssertGroupsAsync("yard");
        await RefusedAsync("ResourceNotFoundException", new UpdateThingGroupsForThingRequest("s-1", ["nowhere"], ["yard"]));
        await AssertGroupsAsync("yard");
        await InvokeAsync(new RemoveThingFromThingGroupRequest("yard", ThingName: "s-1"));
        await InvokeAsync(new RemoveThingFromThingGroupRequest("yard", ThingName: "s-1"));
        await AssertGroupsAsync();
        await RefusedAsync("InvalidRequestException", new AddThingToThingGroupRequest(ThingName: "s-1"));
        await RefusedAsync("InvalidRequestException", new AddThingToThingGroupRequest(ThingGroupArn: "arn:aws:iot:eu-west-1:123456789012:thinggroup/yard", ThingName: "s-1"));
        await RefusedAsync("InvalidRequestException", new UpdateThingGroupsForThingRequest(ThingGroupsToAdd: ["yard"]));

        async Task AssertGroupsAsync(params string[] names) =>
            Assert.Equal(names, (await InvokeAsync(new ListThingGroupsForThingRequest("s-1"))).ThingGroups!.Select(g => g.GroupName));
    }

    [Fact]
    public async Task A_thing_is_in_ten_groups_at_most()
    {
        await InvokeAsync(new CreateThingRequest("s-1"));
        for (var i = 1; i <= 11; i++)
            await CreateAsync($"g-{i}", null);
        for (var i = 1; i <= 10; i++)
            await InvokeAsync(new AddThingToThingGroupRequest($"g-{i}", ThingName: "s-1"));
        await RefusedAsync("InvalidRequestException", new AddThingToThingGroupRequest("g-11", ThingName: "s-1"));
    }

    [Fact]
    public async Task The_things_of_a_group_are_its_own_or_those_below_it_too_each_once()
    {
        await CreateAsync("site", null);
        await CreateAsync("hall", "site");
        await CreateAsync("other", null);
        foreach (var (thing, group) in new[] { ("s-1", "hall"), ("s-2", "site"), ("s-3", "hall"), ("s-3", "other") })
        {
            await InvokeAsync(new CreateThingRequest(thing));
            await InvokeAsync(new AddThingToThingGroupRequest(group, ThingName: thing));
        }

        Assert.Equal(["s-2"], (await InvokeAsync(new ListThingsInThingGroupRequest("site"))).Things!);
        Assert.Equal(["s-1", "s-2", "s-3"], (await InvokeAsync(new ListThingsInThingGroupRequest("site", Recursive: true))).Things!);
        Assert.Equal(["hall", "other"], (await InvokeAsync(new ListThingGroupsForThingRequest("s-3"))).ThingGroups!.Select(g => g.GroupName));
        await RefusedAsync("ResourceNotFoundException", new ListThingsInThingGroupRequest("nowhere"));
    }

    [Fact]
    public async Task A_billing_group_has_things_versions_and_a_description()
    {
        var created = await InvokeAsync(new CreateBillingGroupRequest("north", new("The north")));
        Assert.Equal(created, await InvokeAsync(new CreateBillingGroupRequest("north", new("The north"))));
        await RefusedAsync("ResourceAlreadyExistsException", new CreateBillingGroupRequest("north"));
        await InvokeAsync(new CreateBillingGroupRequest("south"));
        Assert.Equal(["north"], (await InvokeAsync(new ListBillingGroupsRequest(NamePrefixFilter: "n"))).BillingGroups!.Select(g => g.GroupName));

        Assert.Equal(2, (await InvokeAsync(new UpdateBillingGroupRequest("north", new("Up"), 1))).Version);
        await RefusedAsync("VersionConflictException", new UpdateBillingGroupRequest("north", new("Down"), 1));
        var group = await InvokeAsync(new DescribeBillingGroupRequest("north"));
        Assert.Equal(("Up", 2), (group.BillingGroupProperties!.BillingGroupDescription, group.Version));

        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new AddThingToBillingGroupRequest(BillingGroupArn: $"{TestRegistry.Arn}:billinggroup/north", ThingName: "s-1"));
        await InvokeAsync(new AddThingToBillingGroupRequest("north", ThingName: "s-1"));
        await RefusedAsync("InvalidRequestException", new AddThingToBillingGroupRequest("south", ThingName: "s-1"));
        Assert.Equal(["s-1"], (await InvokeAsync(new ListThingsInBillingGroupRequest("north"))).Things!);
        await InvokeAsync(new RemoveThingFromBillingGroupRequest("south", ThingName: "s-1"));
        Assert.Equal("north", (await InvokeAsync(new DescribeThingRequest("s-1"))).BillingGroupName);
        await InvokeAsync(new RemoveThingFromBillingGroupRequest("north", ThingName: "s-1"));
        Assert.Null((await InvokeAsync(new DescribeThingRequest("s-1"))).BillingGroupName);

        await InvokeAsync(new AddThingToBillingGroupRequest("north", ThingName: "s-1"));
        await InvokeAsync(new DeleteBillingGroupRequest("north"));
        await InvokeAsync(new DeleteBillingGroupRequest("north"));
        Assert.Null((await InvokeAsync(new DescribeThingRequest("s-1"))).BillingGroupName);
        await RefusedAsync("ResourceNotFoundException", new DescribeBillingGroupRequest("north"));
    }

    private Task<CreateThingGroupResponse> CreateAsync(string name, string? parent) => InvokeAsync(new CreateThingGroupRequest(name, parent));
}
