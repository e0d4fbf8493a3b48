using CdfProvisioning.Iot;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class NameIndexTests : RegistryTestBase
{
    private static readonly Gen<string> Names = Gen.Elements("aAbB-_".ToCharArray()).ArrayOf(4).Select(letters => new string(letters));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Names_are_found_by_their_beginning_in_any_case_and_in_their_order() => Prop.ForAll(
        (from names in Names.ArrayOf(30) from looked in Names from length in Gen.Choose(1, 4) select (names, prefix: looked[..length])).ToArbitrary(),
        found => FindsAsync(found.names, found.prefix).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Fact]
    public async Task All_pages_are_read()
    {
        string[] names = [.. Enumerable.Range(1, 2_001).Select(i => $"sen-{i:0000}")];
        await Registry.Registry.ChangeEachAsync(names, async (r, name) => await r.InvokeAsync(new CreateThingRequest(name), Cancellation), Cancellation).CountAsync(Cancellation);

        Assert.Equal(names, await Registry.Registry.NamesAsync(NamedResource.Thing, "Sen-", Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Groups_types_and_policies_are_found_so_too()
    {
        await InvokeAsync(new CreateThingGroupRequest("North"));
        await InvokeAsync(new CreateThingTypeRequest("Narrow"));
        await InvokeAsync(new CreatePolicyRequest("Never", Make.PolicyDocument("iot:*")));

        foreach (var (resource, name) in new[] { (NamedResource.ThingGroup, "North"), (NamedResource.ThingType, "Narrow"), (NamedResource.Policy, "Never") })
            Assert.Equal([name], await Registry.Registry.NamesAsync(resource, "n", Cancellation).ToListAsync(Cancellation));
    }

    private async Task<bool> FindsAsync(string[] names, string prefix)
    {
        foreach (var name in names)
            await InvokeAsync(new CreateThingRequest(name));
        var found = await Registry.Registry.NamesAsync(NamedResource.Thing, prefix, Cancellation).ToListAsync(Cancellation);
        var listed = await Registry.Registry.NamesAsync(NamedResource.Thing, "", Cancellation).ToListAsync(Cancellation);
        return found.SequenceEqual(listed.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal));
    }
}
