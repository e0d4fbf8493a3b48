using CdfProvisioning.Iot;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class PagingTests : RegistryTestBase
{
    /// <summary>What another client does between two pages: which things it deletes, and how many it makes.</summary>
    private sealed record Between(int[] Deleted, int Created);

    private static readonly Arbitrary<(int Size, Between[] Changes)> Plans = (
        from size in Gen.Choose(1, 7)
        from changes in (
            from deleted in Gen.Choose(0, 19).ArrayOf()
            from created in Gen.Choose(0, 3)
            select new Between(deleted, created)).ArrayOf(20)
        select (size, changes)).ToArbitrary();

    [Fact]
    public void What_is_there_throughout_a_listing_is_listed_once_whatever_comes_and_goes() =>
        Prop.ForAll(Plans, plan => ListsOnceAsync(plan.Size, plan.Changes, Things)).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Fact]
    public void That_is_so_in_descending_order_too() =>
        Prop.ForAll(Plans, plan => ListsOnceAsync(plan.Size, plan.Changes, Policies)).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Fact]
    public async Task A_page_has_250_items_at_most_and_the_last_has_no_token()
    {
        for (var i = 0; i < 251; i++)
            await InvokeAsync(new CreateThingRequest($"s-{i}"));
        var first = await InvokeAsync(new ListThingsRequest());
        var last = await InvokeAsync(new ListThingsRequest(first.NextToken));
        Assert.Equal((250, 1, null), (first.Things!.Count, last.Things!.Count, last.NextToken));
        var exact = await InvokeAsync(new ListThingsRequest(first.NextToken, 1));
        Assert.Equal((1, null), (exact.Things!.Count, exact.NextToken));

        await RefusedAsync("InvalidRequestException", new ListThingsRequest(MaxResults: 251));
        await RefusedAsync("InvalidRequestException", new ListThingsRequest(MaxResults: 0));
        await RefusedAsync("InvalidRequestException", new ListPoliciesRequest(PageSize: -1));
        await RefusedAsync("InvalidRequestException", new ListThingTypesRequest(first.NextToken));
        await RefusedAsync("InvalidRequestException", new ListThingsRequest("garbage"));
        await RefusedAsync("InvalidRequestException", new ListThingsRequest(""));
    }

    [Fact]
    public async Task A_token_of_another_listing_is_refused_whatever_that_is_called()
    {
        await InvokeAsync(new CreateThingRequest("a"));
        var thing = await InvokeAsync(new CreateThingRequest("b"));
        for (var i = 0; i < 2; i++)
        {
            await InvokeAsync(new CreateThingGroupRequest($"g-{i}"));
            await InvokeAsync(new AddThingToThingGroupRequest($"g-{i}", ThingName: "a"));
            await InvokeAsync(new CreateKeysAndCertificateRequest());
        }
        await InvokeAsync(new AddThingToThingGroupRequest("g-0", ThingName: thing.ThingName));

        var groups = (await InvokeAsync(new ListThingGroupsForThingRequest("a", MaxResults: 1))).NextToken;
        var members = (await InvokeAsync(new ListThingsInThingGroupRequest("g-0", MaxResults: 1))).NextToken;
        var allGroups = (await InvokeAsync(new ListThingGroupsRequest(MaxResults: 1))).NextToken;
        var certificates = (await InvokeAsync(new ListCertificatesRequest(1))).NextMarker;

        await RefusedAsync("InvalidRequestException", new ListThingsInThingGroupRequest("g-0", NextToken: groups));
        await RefusedAsync("InvalidRequestException", new ListThingGroupsForThingRequest("a", NextToken: members));
        await RefusedAsync("InvalidRequestException", new ListCertificatesRequest(Marker: allGroups));
        await RefusedAsync("InvalidRequestException", new ListThingGroupsRequest(NextToken: certificates));
    }

    [Fact]
    public async Task Certificates_come_25_to_a_page_the_newest_first_unless_asked_otherwise()
    {
        var ids = new List<string>();
        for (var i = 0; i < 26; i++)
            ids.Add((await InvokeAsync(new CreateKeysAndCertificateRequest())).CertificateId!);
        var first = await InvokeAsync(new ListCertificatesRequest());
        var second = await InvokeAsync(new ListCertificatesRequest(Marker: first.NextMarker));
        Assert.Equal(25, first.Certificates!.Count);
        Assert.Equal(ids.AsEnumerable().Reverse(), first.Certificates.Concat(second.Certificates!).Select(c => c.CertificateId!));
        Assert.Null(second.NextMarker);

        first = await InvokeAsync(new ListCertificatesRequest(20, AscendingOrder: true));
        second = await InvokeAsync(new ListCertificatesRequest(20, first.NextMarker, AscendingOrder: true));
        Assert.Equal(ids, first.Certificates!.Concat(second.Certificates!).Select(c => c.CertificateId!));
    }

    private sealed record Listing(
        Func<TestRegistry, string, Task> Create, Func<TestRegistry, string, Task> Delete,
        Func<TestRegistry, string?, int, Task<(IEnumerable<string> Names, string? Token)>> Page);

    private static readonly Listing Things = new(
        (r, name) => r.InvokeAsync(new CreateThingRequest(name)),
        (r, name) => r.InvokeAsync(new DeleteThingRequest(name)),
        async (r, token, size) => await r.InvokeAsync(new ListThingsRequest(token, size)) is var page ? (page.Things!.Select(t => t.ThingName!), page.NextToken) : default);

    private static readonly Listing Policies = new(
        (r, name) => r.InvokeAsync(new CreatePolicyRequest(name, TestRegistry.PolicyDocument)),
        (r, name) => r.InvokeAsync(new DeletePolicyRequest(name)),
        async (r, token, size) => await r.InvokeAsync(new ListPoliciesRequest(token, size)) is var page ? (page.Policies!.Select(p => p.PolicyName!), page.NextMarker) : default);

    private static async Task<bool> ListsOnceAsync(int size, Between[] changes, Listing listing)
    {
        await using var registry = await TestRegistry.OpenAsync();
        var throughout = Enumerable.Range(0, 20).Select(i => $"n-{i}").ToHashSet();
        foreach (var name in throughout)
            await listing.Create(registry, name);

        var present = throughout.ToHashSet();
        var listed = new List<string>();
        var made = 0;
        string? token = null;
        for (var pageNumber = 0; ; pageNumber++)
        {
            (var names, token) = await listing.Page(registry, token, size);
            listed.AddRange(names);
            if (token is null)
                break;
            foreach (var name in changes[pageNumber % changes.Length].Deleted.Select(i => $"n-{i}").Where(present.Remove))
            {
                throughout.Remove(name);
                await listing.Delete(registry, name);
            }

            for (var i = 0; i < changes[pageNumber % changes.Length].Created && made < 40; i++)
                await listing.Create(registry, $"new-{made++}");
        }

        return listed.Distinct().Count() == listed.Count && throughout.IsSubsetOf(listed);
    }
}
