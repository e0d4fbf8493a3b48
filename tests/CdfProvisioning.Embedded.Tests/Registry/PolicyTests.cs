using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class PolicyTests : RegistryTestBase
{
    private const string Document = TestRegistry.PolicyDocument;
    private const string Other = """{ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": ["iot:Connect"], "Resource": ["*"], "Condition": {} } }""";

    [Fact]
    public async Task A_policy_has_up_to_five_versions_one_of_them_the_default()
    {
        var created = await InvokeAsync(new CreatePolicyRequest("p", Document));
        Assert.Equal(("1", Document, $"{TestRegistry.Arn}:policy/p"), (created.PolicyVersionId, created.PolicyDocument, created.PolicyArn));
        var second = await InvokeAsync(new CreatePolicyVersionRequest("p", Other));
        Assert.Equal(("2", false), (second.PolicyVersionId, second.IsDefaultVersion));
        Assert.Equal(Document, (await InvokeAsync(new GetPolicyRequest("p"))).PolicyDocument);
        Assert.Equal((Other, false), await VersionAsync("2"));

        await InvokeAsync(new SetDefaultPolicyVersionRequest("p", "2"));
        var policy = await InvokeAsync(new GetPolicyRequest("p"));
        Assert.Equal(("2", Other), (policy.DefaultVersionId, policy.PolicyDocument));
        await RefusedAsync("DeleteConflictException", new DeletePolicyVersionRequest("p", "2"));
        await RefusedAsync("DeleteConflictException", new DeletePolicyRequest("p"));

        Assert.True((await InvokeAsync(new CreatePolicyVersionRequest("p", Document, SetAsDefault: true))).IsDefaultVersion);
        await InvokeAsync(new CreatePolicyVersionRequest("p", Document));
        await InvokeAsync(new CreatePolicyVersionRequest("p", Document));
        await RefusedAsync("VersionsLimitExceededException", new CreatePolicyVersionRequest("p", Document));
        await InvokeAsync(new DeletePolicyVersionRequest("p", "5"));
        Assert.Equal("6", (await InvokeAsync(new CreatePolicyVersionRequest("p", Document))).PolicyVersionId);

        var versions = (await InvokeAsync(new ListPolicyVersionsRequest("p"))).PolicyVersions!;
        Assert.Equal([("6", false), ("4", false), ("3", true), ("2", false), ("1", false)], versions.Select(v => (v.VersionId!, v.IsDefaultVersion!.Value)));
        foreach (var version in versions.Where(v => v.VersionId != "3"))
            await InvokeAsync(new DeletePolicyVersionRequest("p", version.VersionId!));
        await InvokeAsync(new DeletePolicyRequest("p"));
        await RefusedAsync("ResourceNotFoundException", new GetPolicyRequest("p"));

        async Task<(string?, bool?)> VersionAsync(string id)
        {
            var version = await InvokeAsync(new GetPolicyVersionRequest("p", id));
            return (version.PolicyDocument, version.IsDefaultVersion);
        }
    }

    [Fact]
    public async Task Versions_that_do_not_exist_or_could_not_are_told_apart()
    {
        await InvokeAsync(new CreatePolicyRequest("p", Document));
        await RefusedAsync("ResourceAlreadyExistsException", new CreatePolicyRequest("p", Document));
        await RefusedAsync("ResourceNotFoundException", new GetPolicyVersionRequest("p", "2"));
        await RefusedAsync("InvalidRequestException", new GetPolicyVersionRequest("p", "two"));
        await RefusedAsync("ResourceNotFoundException", new SetDefaultPolicyVersionRequest("p", "9"));
        await RefusedAsync("ResourceNotFoundException", new ListPolicyVersionsRequest("q"));
    }

    [Fact]
    public async Task The_generation_changes_with_every_change_of_a_policy()
    {
        await InvokeAsync(new CreatePolicyRequest("p", Document));
        var generations = new List<string?> { await GenerationAsync() };
        await InvokeAsync(new CreatePolicyVersionRequest("p", Other));
        generations.Add(await GenerationAsync());
        await InvokeAsync(new SetDefaultPolicyVersionRequest("p", "2"));
        generations.Add(await GenerationAsync());
        Assert.Equal(generations.Count, generations.Distinct().Count());

        async Task<string?> GenerationAsync() => (await InvokeAsync(new GetPolicyRequest("p"))).GenerationId;
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":"x"}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"iot:*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[1],"Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Condition":[]}]}""")]
    public async Task A_document_that_is_no_policy_is_refused(string document)
    {
        await RefusedAsync("MalformedPolicyException", new CreatePolicyRequest("p", document));
        await InvokeAsync(new CreatePolicyRequest("p", Document));
        await RefusedAsync("MalformedPolicyException", new CreatePolicyVersionRequest("p", document));
    }

    [Fact]
    public async Task Policies_are_attached_to_certificates_and_groups_and_found_from_both_ends()
    {
        var certificate = await Registry.CreateCertificateAsync();
        await InvokeAsync(new CreateThingGroupRequest("site"));
        await InvokeAsync(new CreateThingGroupRequest("hall", "site"));
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", certificate));
        await InvokeAsync(new AddThingToThingGroupRequest("hall", ThingName: "s-1"));
        foreach (var name in new[] { "own", "of-hall", "of-site" })
            await InvokeAsync(new CreatePolicyRequest(name, Document));
        var (site, hall) = ($"{TestRegistry.Arn}:thinggroup/site", $"{TestRegistry.Arn}:thinggroup/hall");
        await InvokeAsync(new AttachPolicyRequest("own", certificate));
        await InvokeAsync(new AttachPolicyRequest("own", certificate));
        await InvokeAsync(new AttachPolicyRequest("own", site));
        await InvokeAsync(new AttachPolicyRequest("of-hall", hall));
        await InvokeAsync(new AttachPolicyRequest("of-site", site));

        await AssertAsync(new(certificate), "own");
        await AssertAsync(new(certificate, Recursive: true), "own", "of-hall", "of-site");
        await AssertAsync(new(hall), "of-hall");
        await AssertAsync(new(hall, Recursive: true), "own", "of-hall", "of-site");
        Assert.Equal([certificate, site], (await InvokeAsync(new ListTargetsForPolicyRequest("own"))).Targets!);
        var first = await InvokeAsync(new ListTargetsForPolicyRequest("own", PageSize: 1));
        Assert.Equal([site], (await InvokeAsync(new ListTargetsForPolicyRequest("own", first.NextMarker, 1))).Targets!);

        var error = await RefusedAsync("DeleteConflictException", new DeletePolicyRequest("own"));
        Assert.Equal("The policy cannot be deleted as the policy is attached to one or more principals (name=own)", error.Message);
        await InvokeAsync(new DetachPolicyRequest("own", site));
        await InvokeAsync(new DetachPolicyRequest("own", certificate));
        await InvokeAsync(new DetachPolicyRequest("own", certificate));
        await InvokeAsync(new DeletePolicyRequest("own"));
        await RefusedAsync("ResourceNotFoundException", new AttachPolicyRequest("own", certificate));
        await RefusedAsync("InvalidRequestException", new AttachPolicyRequest("of-hall", $"{TestRegistry.Arn}:thing/s-1"));

        async Task AssertAsync(ListAttachedPoliciesRequest request, params string[] names) =>
            Assert.Equal(names, (await InvokeAsync(request)).Policies!.Select(p => p.PolicyName));
    }

    [Fact]
    public async Task A_certificate_has_ten_policies_and_a_group_two()
    {
        var certificate = await Registry.CreateCertificateAsync();
        await InvokeAsync(new CreateThingGroupRequest("site"));
        for (var i = 1; i <= 11; i++)
            await InvokeAsync(new CreatePolicyRequest($"p-{i}", Document));
        for (var i = 1; i <= 10; i++)
            await InvokeAsync(new AttachPolicyRequest($"p-{i}", certificate));
        await RefusedAsync("LimitExceededException", new AttachPolicyRequest("p-11", certificate));
        Assert.Equal(10, (await InvokeAsync(new ListAttachedPoliciesRequest(certificate))).Policies!.Count);

        await InvokeAsync(new AttachPolicyRequest("p-1", $"{TestRegistry.Arn}:thinggroup/site"));
        await InvokeAsync(new AttachPolicyRequest("p-2", $"{TestRegistry.Arn}:thinggroup/site"));
        await RefusedAsync("LimitExceededException", new AttachPolicyRequest("p-3", $"{TestRegistry.Arn}:thinggroup/site"));
    }

    [Fact]
    public async Task The_deprecated_operations_do_the_same_for_certificates()
    {
        var (one, two) = (await Registry.CreateCertificateAsync(), await Registry.CreateCertificateAsync());
        await InvokeAsync(new CreatePolicyRequest("p", Document));
        await InvokeAsync(new CreatePolicyRequest("q", Document));
        await InvokeAsync(new AttachPrincipalPolicyRequest("p", one));
        await InvokeAsync(new AttachPrincipalPolicyRequest("p", two));
        await InvokeAsync(new AttachPrincipalPolicyRequest("q", one));

        Assert.Equal(["q", "p"], (await InvokeAsync(new ListPrincipalPoliciesRequest(one))).Policies!.Select(p => p.PolicyName));
        Assert.Equal(["p", "q"], (await InvokeAsync(new ListPrincipalPoliciesRequest(one, AscendingOrder: true))).Policies!.Select(p => p.PolicyName));
        Assert.Equal([two, one], (await InvokeAsync(new ListPolicyPrincipalsRequest("p"))).Principals!);
        await InvokeAsync(new DetachPrincipalPolicyRequest("p", one));
        Assert.Equal([two], (await InvokeAsync(new ListPolicyPrincipalsRequest("p"))).Principals!);
        await RefusedAsync("ResourceNotFoundException", new DetachPrincipalPolicyRequest("r", one));
        await RefusedAsync("InvalidRequestException", new AttachPrincipalPolicyRequest("p", $"{TestRegistry.Arn}:thinggroup/site"));
    }
}
