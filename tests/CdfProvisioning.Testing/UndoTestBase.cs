using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>What a failed registration leaves in a registry that has no transactions, AWS's for one.</summary>
public abstract partial class UndoTestBase
{
    public static TheoryData<string> Extensions => [.. ExtensionTemplates.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the registry, which then has no transactions.</summary>
    internal abstract Task<Factory> OpenAsync();

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_call_fails_the_registry_is_as_it_was_before(string extension) =>
        await FailAtEveryCallAsync(extension, (registry, failing) => registry.LosesCall = _ => registry.Calls == failing ? Lost() : null, CheckIsAsBefore);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_call_fails_and_the_first_that_undoes_too_the_registry_is_as_it_was_before(string extension) => await FailAtEveryCallAsync(
        extension,
        (registry, failing) => registry.LosesCall = _ => registry.Calls == failing || registry.Calls == failing + 1 ? Lost() : null,
        CheckIsAsBefore);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_answer_is_lost_the_registry_is_as_it_was_before(string extension) => await FailAtEveryCallAsync(
        extension,
        (registry, failing) => registry.LosesAnswer = _ => registry.Calls == failing ? Lost() : null,
        CheckIsAsBefore);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task If_nothing_can_be_undone_the_error_lists_exactly_what_remains(string extension) => await FailAtEveryCallAsync(
        extension,
        (registry, failing) => registry.LosesCall = _ => registry.Calls >= failing ? Lost() : null,
        (before, after, error) =>
        {
            var remains = after.Except(before).Where(fact => RegistryFacts.IsResource(fact)).Order(StringComparer.Ordinal);
            Assert.Equal(remains, Listed(error).Order(StringComparer.Ordinal));
        });

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_device_that_was_registered_before_is_restored(string extension)
    {
        await using var factory = await OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a", "actor", new AttributePayload(new Dictionary<string, string> { ["site"] = "Bonn", ["floor"] = "2" })));
        await factory.InvokeAsync(new AddThingToThingGroupRequest("spares", ThingName: "a"));
        var certificate = await factory.InvokeAsync(new CreateKeysAndCertificateRequest(SetAsActive: true));
        await factory.InvokeAsync(new AttachThingPrincipalRequest("a", certificate.CertificateArn!));
        await factory.InvokeAsync(new AttachPolicyRequest("sensors", certificate.CertificateArn!));

        await FailAtEveryCallAsync(factory, extension, (registry, failing) => registry.LosesCall = _ => registry.Calls == failing ? Lost() : null, CheckIsAsBefore);
    }

    [Fact]
    public async Task A_device_that_is_registered_again_with_its_certificate_is_restored()
    {
        await using var factory = await OpenAsync();
        var response = await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var arn = response.ResourceArns["certificate"];
        await factory.InvokeAsync(new AttachThingPrincipalRequest("a", arn, "EXCLUSIVE_THING"));
        const string again = """
            {
              "Parameters": { "ThingName": { "Type": "String" }, "Id": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "site": "Bonn" } } },
                "certificate": {
                  "Type": "AWS::IoT::Certificate",
                  "Properties": { "CertificateId": { "Ref": "Id" }, "Status": "INACTIVE", "ThingPrincipalType": "NON_EXCLUSIVE_THING" },
                  "OverrideSettings": { "Status": "REPLACE" }
                }
              },
              "CDF": { "attachAdditionalPolicies": [ { "name": "more", "document": "{ \"Version\": \"2012-10-17\", \"Statement\": { \"Effect\": \"Allow\", \"Action\": \"iot:Connect\", \"Resource\": \"*\" } }" } ] }
            }
            """;
        var request = await factory.RequestAsync(again, "a");
        request = request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "a", ["Id"] = Arn.CertificateId(arn)! } };

        await FailAtEveryCallAsync(factory, request, (registry, failing) => registry.LosesAnswer = _ => registry.Calls == failing ? Lost() : null, CheckIsAsBefore);
    }

    [Fact]
    public async Task A_policy_that_was_attached_before_stays_attached()
    {
        await using var factory = await OpenAsync();
        const string template = "createDeviceCertificate";
        var response = await factory.ProvisionAsync(ExtensionTemplates.All[template], "a");
        var id = Arn.CertificateId(response.ResourceArns["certificate"]);
        const string again = """
            {
              "Parameters": { "ThingName": { "Type": "String" }, "Id": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "Id" } }, "OverrideSettings": { "Status": "REPLACE" } }
              },
              "CDF": { "attachAdditionalPolicies": [ { "name": "sensors" }, { "name": "missing" } ] }
            }
            """;
        var before = await factory.FactsAsync();

        var request = await factory.RequestAsync(again, "a");
        request = request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "a", ["Id"] = id! } };
        var error = await Assert.ThrowsAsync<CdfException>(
            async () => await factory.ServiceOver(new UnreliableRegistry(factory.Connection.Registry)).ProvisionAsync(request, Cancellation));

        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await factory.FactsAsync());
    }

    [Theory]
    [InlineData("registerDeviceCertificateWithoutCA", false)]
    [InlineData("registerDeviceCertificateWithoutCA", true)]
    [InlineData("CertificatePem", true)]
    public async Task A_certificate_that_another_registers_meanwhile_is_left_as_the_other_made_it(string source, bool isAttached)
    {
        await using var factory = await OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("other"));
        var maker = Make.Ca("Maker");
        await factory.InvokeAsync(new RegisterCACertificateRequest(maker.Certificate.Pem, SetAsActive: true, CertificateMode: "SNI_ONLY"));
        var pem = Make.Device(maker, "other").Pem;
        IReadOnlyList<string> before = [];
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            Meanwhile = async call =>
            {
                if (before.Count > 0 || call is not (RegisterCertificateWithoutCARequest or RegisterThingRequest))
                    return;
                var other = await factory.InvokeAsync(new RegisterCertificateWithoutCARequest(pem, CertificateStatus.Active));
                await factory.InvokeAsync(new AttachPolicyRequest("sensors", other.CertificateArn!));
                if (isAttached)
                    await factory.InvokeAsync(new AttachThingPrincipalRequest("other", other.CertificateArn!, "EXCLUSIVE_THING"));
                before = await factory.FactsAsync();
            },
        };

        var request = await factory.RequestAsync(ExtensionTemplates.All.GetValueOrDefault(source, ExtensionTemplates.GivenCertificate), "a", factory.CdfParameters("a") with { CertificatePem = pem });
        request = request with { Parameters = new Dictionary<string, string>(request.Parameters) { ["CertificatePem"] = pem } };
        var error = await Assert.ThrowsAsync<CdfException>(async () => await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation));

        CheckIsAsBefore(before, await factory.FactsAsync(), error);
    }

    [Fact]
    public async Task A_policy_that_another_registration_was_faster_to_make_stays()
    {
        await using var factory = await OpenAsync();
        await factory.InvokeAsync(new CreatePolicyRequest("further", Make.PolicyDocument("iot:Subscribe")));
        var before = await factory.FactsAsync();
        var looks = 0;
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesCall = request => request switch
            {
                GetPolicyRequest { PolicyName: "further" } when looks++ == 0 => IotErrorType.ResourceNotFound.Error("It is not there yet."),
                AttachPolicyRequest { PolicyName: "further" } => Lost(),
                _ => null,
            },
        };

        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await Assert.ThrowsAsync<CdfException>(async () => await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation));

        Assert.True(looks > 1, "The policy was not looked for again after it could not be made.");
        Assert.Equal(before, await factory.FactsAsync());
    }

    [Fact]
    public async Task A_caller_who_gives_up_leaves_nothing_behind()
    {
        await using var factory = await OpenAsync();
        var before = await factory.FactsAsync();
        using var cancellation = new CancellationTokenSource();
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesCall = request =>
            {
                if (request is AttachPolicyRequest)
                    cancellation.Cancel();
                return null;
            },
        };

        var request = await factory.RequestAsync(ExtensionTemplates.All["acmpca with CA"], "a");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await factory.ServiceOver(registry).ProvisionAsync(request, cancellation.Token));

        Assert.Equal(before, await factory.FactsAsync());
    }

    private static CdfException Lost() => IotErrorType.ServiceUnavailable.Error("The network is down.");

    private static void CheckIsAsBefore(IReadOnlyList<string> before, IReadOnlyList<string> after, CdfException error)
    {
        Assert.Equal(before, after);
        Assert.DoesNotContain("remains", error.Message, StringComparison.Ordinal);
    }

    private async Task FailAtEveryCallAsync(
        string extension, Action<UnreliableRegistry, int> cut, Action<IReadOnlyList<string>, IReadOnlyList<string>, CdfException> check)
    {
        await using var factory = await OpenAsync();
        await FailAtEveryCallAsync(factory, extension, cut, check);
    }

    private static async Task FailAtEveryCallAsync(
        Factory factory, string extension, Action<UnreliableRegistry, int> cut, Action<IReadOnlyList<string>, IReadOnlyList<string>, CdfException> check) =>
        await FailAtEveryCallAsync(factory, await factory.RequestAsync(ExtensionTemplates.All[extension], "a"), cut, check);

    /// <summary>Registers one device after the other, failing at the first call, the second, ..., until one succeeds. What a failure left is there before the next.</summary>
    private static async Task FailAtEveryCallAsync(
        Factory factory, ProvisionRequest request, Action<UnreliableRegistry, int> cut, Action<IReadOnlyList<string>, IReadOnlyList<string>, CdfException> check)
    {
        for (var failing = 1; ; failing++)
        {
            var before = await factory.FactsAsync();
            var registry = new UnreliableRegistry(factory.Connection.Registry);
            cut(registry, failing);
            try
            {
                await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation);
            }
            catch (CdfException error)
            {
                Assert.True(registry.Calls >= failing, $"It fails without a fault: {error.Message}");
                check(before, await factory.FactsAsync(), error);
                await factory.RestoreAsync(before);
                continue;
            }

            Assert.True(registry.Calls < failing, $"Call {failing} makes no difference.");
            Assert.True(failing > 10, $"There were only {failing - 1} calls.");
            return;
        }
    }

    /// <summary>What the error says for certain, without the reasons.</summary>
    private static IEnumerable<string> Listed(CdfException error) => Remains().Match(error.Message) is { Success: true } match
        ? match.Groups[1].Value.Split("; ").Select(r => r[..r.IndexOf(" (", StringComparison.Ordinal)]).Where(r => !r.StartsWith("perhaps", StringComparison.Ordinal))
        : [];

    [GeneratedRegex(@"this remains: (.*)\.$", RegexOptions.Singleline)]
    private static partial Regex Remains();
}
