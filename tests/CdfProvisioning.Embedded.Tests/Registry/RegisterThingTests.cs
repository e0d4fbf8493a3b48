using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class RegisterThingTests : RegistryTestBase
{
    [Fact]
    public async Task All_resources_of_a_template_are_made_and_tied_together()
    {
        await PrepareAsync();
        var response = await RegisterAsync(Template(
            Thing(("ThingTypeName", "sensor"), ("AttributePayload", new JsonObject { ["colour"] = "red" }), ("ThingGroups", new JsonArray("site")), ("BillingGroup", "north")),
            Certificate(("CertificateSigningRequest", Make.Csr())),
            Policy(("PolicyName", "made"), ("PolicyDocument", TestRegistry.PolicyDocument)),
            Policy(("PolicyName", "existing"))));

        Assert.Equal(["certificate", "policy2", "thing"], response.ResourceArns!.Keys.Order());
        var thing = await InvokeAsync(new DescribeThingRequest("s-1"));
        Assert.Equal(("sensor", "north", "red"), (thing.ThingTypeName, thing.BillingGroupName, thing.Attributes!["colour"]));
        Assert.Equal(["s-1"], (await InvokeAsync(new ListThingsInThingGroupRequest("site"))).Things!);
        var certificate = Assert.Single((await InvokeAsync(new ListThingPrincipalsRequest("s-1"))).Principals!);
        Assert.Equal(response.ResourceArns["certificate"], certificate);
        var described = (await InvokeAsync(new DescribeCertificateRequest(certificate[^64..]))).CertificateDescription!;
        Assert.Equal(("ACTIVE", response.CertificatePem), (described.Status, described.CertificatePem));
        Assert.Equal(["existing", "made"], (await InvokeAsync(new ListAttachedPoliciesRequest(certificate))).Policies!.Select(p => p.PolicyName).Order());
    }

    [Fact]
    public async Task A_certificate_is_taken_as_a_request_by_id_or_as_PEM()
    {
        var ca = await Registry.RegisterCaAsync();
        var known = await InvokeAsync(new CreateKeysAndCertificateRequest());
        var device = Make.Device(ca);
        await RegisterAsync(Template(Thing(), Certificate(("CertificateSigningRequest", Make.Csr()), ("Status", "Inactive"))));
        var byId = await RegisterAsync(Template(Thing(), Certificate(("CertificateId", known.CertificateId!))));
        Assert.Equal(known.CertificatePem, byId.CertificatePem);
        var byPem = await RegisterAsync(Template(Thing(), Certificate(("CertificatePem", device.Pem), ("CACertificatePem", ca.Certificate.Pem))));
        Assert.Equal(device.Pem, byPem.CertificatePem);
        await RegisterAsync(Template(Thing(), Certificate(("CertificatePem", device.Pem))));

        var principals = (await InvokeAsync(new ListThingPrincipalsRequest("s-1"))).Principals!;
        Assert.Equal(3, principals.Count);
        var statuses = new List<string?>();
        foreach (var principal in principals)
            statuses.Add((await InvokeAsync(new DescribeCertificateRequest(principal[^64..]))).CertificateDescription!.Status);
        Assert.Equal(["ACTIVE", "INACTIVE", "INACTIVE"], statuses.Order());
    }

    [Fact]
    public async Task A_policy_without_a_name_is_named_by_its_document_and_made_once()
    {
        var template = Template(Thing(), Policy(("PolicyDocument", TestRegistry.PolicyDocument)));
        await RegisterAsync(template);
        await RegisterAsync(template);
        var policy = Assert.Single((await InvokeAsync(new ListPoliciesRequest())).Policies!);
        Assert.Matches("^[0-9A-F]{40}$", policy.PolicyName);
    }

    [Theory]
    [InlineData(null, "old", "sensor", "site", 1)]
    [InlineData("DO_NOTHING", "old", "sensor", "site", 1)]
    [InlineData("REPLACE", "new", "pump", "yard", 2)]
    public async Task What_exists_is_kept_or_replaced(string? action, string colour, string type, string group, long version)
    {
        await RegisterOverAsync(action);
        var thing = await InvokeAsync(new DescribeThingRequest("s-1"));
        Assert.Equal((colour, type, version), (thing.Attributes!["colour"], thing.ThingTypeName, thing.Version));
        Assert.Equal(action != "REPLACE", thing.Attributes.ContainsKey("size"));
        Assert.Equal([group], (await InvokeAsync(new ListThingGroupsForThingRequest("s-1"))).ThingGroups!.Select(g => g.GroupName));
    }

    [Fact]
    public async Task What_exists_is_merged()
    {
        await RegisterOverAsync("MERGE", typeAction: "DO_NOTHING");
        var thing = await InvokeAsync(new DescribeThingRequest("s-1"));
        Assert.Equal([new("colour", "new"), new("size", "1")], thing.Attributes!.OrderBy(a => a.Key));
        Assert.Equal(["site", "yard"], (await InvokeAsync(new ListThingGroupsForThingRequest("s-1"))).ThingGroups!.Select(g => g.GroupName));
    }

    [Theory]
    [InlineData("AttributePayload")]
    [InlineData("THING_TYPE_NAME")]
    [InlineData("ThingGroups")]
    public async Task What_exists_can_fail_the_registration(string property)
    {
        await PrepareAsync();
        await InvokeAsync(new CreateThingRequest("s-1"));
        var error = await RefusedAsync("ResourceRegistrationFailureException", new RegisterThingRequest(Template(
            Override(NewThing(), new JsonObject { [property] = "FAIL" }))));
        Assert.Contains("ResourceConflictsException", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registering_again_with_an_empty_attribute_changes_nothing()
    {
        await InvokeAsync(new CreateThingRequest("s-1"));
        await RegisterAsync(Template(Override(Thing(("AttributePayload", new JsonObject { ["colour"] = "" })), new JsonObject { ["AttributePayload"] = "REPLACE" })));
        Assert.Equal(1, (await InvokeAsync(new DescribeThingRequest("s-1"))).Version);
    }

    [Fact]
    public async Task A_known_certificate_is_activated_only_where_the_template_says_so_or_it_waits_for_it()
    {
        var known = await InvokeAsync(new CreateKeysAndCertificateRequest());
        var byId = Certificate(("CertificateId", known.CertificateId!), ("Status", "ACTIVE"));
        await RegisterAsync(Template(Thing(), byId));
        Assert.Equal("INACTIVE", await StatusAsync());
        await RefusedAsync("ResourceRegistrationFailureException", new RegisterThingRequest(Template(Thing(), Override(byId, new JsonObject { ["Status"] = "FAIL" }))));
        await RegisterAsync(Template(Thing(), Override(byId, new JsonObject { ["Status"] = "REPLACE" })));
        Assert.Equal("ACTIVE", await StatusAsync());
        await InvokeAsync(new UpdateCertificateRequest(known.CertificateId!, "REVOKED"));
        await RefusedAsync("ResourceRegistrationFailureException", new RegisterThingRequest(Template(Thing(), Override(byId, new JsonObject { ["Status"] = "REPLACE" }))));

        async Task<string?> StatusAsync() => (await InvokeAsync(new DescribeCertificateRequest(known.CertificateId!))).CertificateDescription!.Status;
    }

    public static TheoryData<string, string> Failures => new()
    {
        { "Thing type pump-x not found", Template(Certificate(("CertificateSigningRequest", Make.Csr())), Thing(("ThingTypeName", "pump-x"))) },
        { "Thing group 'nowhere' does not exist", Template(Certificate(("CertificateSigningRequest", Make.Csr())), Thing(("ThingGroups", new JsonArray("site", "nowhere")))) },
        { "Billing group 'nowhere' does not exist", Template(Certificate(("CertificateSigningRequest", Make.Csr())), Thing(("BillingGroup", "nowhere"))) },
        { "Policy 'none' does not exist", Template(Certificate(("CertificateSigningRequest", Make.Csr())), Thing(), Policy(("PolicyName", "new"), ("PolicyDocument", TestRegistry.PolicyDocument)), Policy(("PolicyName", "none"))) },
        { "another document", Template(Thing(), Policy(("PolicyName", "existing"), ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iot:*","Resource":"*"}]}"""))) },
        { "No registered CA", Template(Thing(), Certificate(("CertificatePem", Make.Device(Make.Ca("Stranger")).Pem))) },
        { $"Certificate {new string('0', 64)} does not exist", Template(Thing(), Certificate(("CertificateId", new string('0', 64)))) },
        { "The CSR", Template(Thing(), Certificate(("CertificateSigningRequest", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"))) },
    };

    [Theory, MemberData(nameof(Failures))]
    public async Task A_registration_that_fails_leaves_nothing(string why, string template)
    {
        await PrepareAsync();
        var error = await RefusedAsync("ResourceRegistrationFailureException", new RegisterThingRequest(template));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Empty((await InvokeAsync(new ListThingsRequest())).Things!);
        Assert.Empty((await InvokeAsync(new ListCertificatesRequest())).Certificates!);
        Assert.Equal(["existing"], (await InvokeAsync(new ListPoliciesRequest())).Policies!.Select(p => p.PolicyName));
    }

    [Fact]
    public async Task A_template_or_parameters_that_cannot_be_used_are_refused()
    {
        await RefusedAsync("InvalidRequestException", new RegisterThingRequest("{"));
        await RefusedAsync("InvalidRequestException", new RegisterThingRequest(Template(Thing(), Policy(("PolicyName", "new"), ("PolicyDocument", """{"Statement":[1]}""")))));
        await RefusedAsync("InvalidRequestException", new RegisterThingRequest(
            """{"Parameters":{"Name":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"}}}}}"""));
        await InvokeAsync(new RegisterThingRequest(
            """{"Parameters":{"Name":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"}}}}}""",
            new Dictionary<string, string> { ["Name"] = "s-1", ["Undeclared"] = "tolerated" }));
    }

    private async Task PrepareAsync()
    {
        await InvokeAsync(new CreateThingTypeRequest("sensor"));
        await InvokeAsync(new CreateThingTypeRequest("pump"));
        await InvokeAsync(new CreateThingGroupRequest("site"));
        await InvokeAsync(new CreateThingGroupRequest("yard"));
        await InvokeAsync(new CreateBillingGroupRequest("north"));
        await InvokeAsync(new CreatePolicyRequest("existing", TestRegistry.PolicyDocument));
    }

    private async Task RegisterOverAsync(string? action, string? typeAction = null)
    {
        await PrepareAsync();
        await RegisterAsync(Template(Thing(("ThingTypeName", "sensor"), ("AttributePayload", new JsonObject { ["colour"] = "old", ["size"] = "1" }), ("ThingGroups", new JsonArray("site")))));
        var settings = action is null ? null : new JsonObject { ["AttributePayload"] = action, ["ThingTypeName"] = typeAction ?? action, ["ThingGroups"] = action };
        await RegisterAsync(Template(settings is null ? NewThing() : Override(NewThing(), settings)));
    }

    private static JsonObject NewThing() =>
        Thing(("ThingTypeName", "pump"), ("AttributePayload", new JsonObject { ["colour"] = "new" }), ("ThingGroups", new JsonArray("yard")));

    private Task<RegisterThingResponse> RegisterAsync(string template) => InvokeAsync(new RegisterThingRequest(template));

    private static JsonObject Thing(params ReadOnlySpan<(string, JsonNode)> properties) => Resource("Thing", [("ThingName", "s-1"), .. properties]);

    private static JsonObject Certificate(params ReadOnlySpan<(string, JsonNode)> properties) => Resource("Certificate", properties);

    private static JsonObject Policy(params ReadOnlySpan<(string, JsonNode)> properties) => Resource("Policy", properties);

    private static JsonObject Override(JsonObject resource, JsonObject settings)
    {
        var overridden = (JsonObject)resource.DeepClone();
        overridden["OverrideSettings"] = settings;
        return overridden;
    }

    private static JsonObject Resource(string type, ReadOnlySpan<(string, JsonNode)> properties)
    {
        var all = new JsonObject();
        foreach (var (name, value) in properties)
            all[name] = value;
        return new() { ["Type"] = $"AWS::IoT::{type}", ["Properties"] = all };
    }

    /// <summary>A template whose resources are named by their type, and policies by their place too.</summary>
    private static string Template(params JsonObject[] resources)
    {
        var all = new JsonObject();
        foreach (var (i, resource) in resources.Index())
            all[((string)resource["Type"]!)[10..].ToLowerInvariant() + (((string)resource["Type"]!).EndsWith("Policy", StringComparison.Ordinal) ? $"{i}" : "")] = resource.DeepClone();
        return JsonSerializer.Serialize(new JsonObject { ["Resources"] = all });
    }
}
