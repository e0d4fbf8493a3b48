using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Devices that cannot be registered: the plan says why, the registration says the same, and nothing is left of it.</summary>
public sealed class RefusedDeviceTests : FactoryTestBase
{
    [Fact]
    public async Task A_thing_that_exists_has_three_attributes_at_most_as_long_as_it_has_no_type()
    {
        await Factory.InvokeAsync(new CreateThingRequest("a", AttributePayload: new(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" })));
        const string two = """ "AttributePayload": { "c": "3", "d": "4" } """;

        await RefusedAsync(await RequestAsync(two, overrides: """ "AttributePayload": "MERGE" """), "attributes");
        await AcceptedAsync(await RequestAsync(two, overrides: """ "AttributePayload": "REPLACE" """));
        await AcceptedAsync(await RequestAsync(""" "AttributePayload": { "a": "1", "b": "2" }, "ThingTypeName": "sensor" """, overrides: """ "AttributePayload": "MERGE", "ThingTypeName": "REPLACE" """));
    }

    [Theory]
    [InlineData("half \uD83D", 6)]
    [InlineData("\uD83D is half", 1)]
    [InlineData("half \uDCA1 a pair", 6)]
    [InlineData("unreadable \uFFFD", 12)]
    [InlineData("\uD83D\uDCA1\uD83D", 3)]
    public async Task A_value_that_is_no_text_is_refused_at_its_character(string value, int character)
    {
        var request = await RequestAsync(""" "AttributePayload": { "a": { "Ref": "CSR" } } """);
        await RefusedAsync(request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "a", ["CSR"] = value } }, $"'CSR' is not Unicode at its character {character}.");
    }

    [Fact]
    public async Task Whole_pairs_and_rare_characters_are_text()
    {
        var request = await Factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var cdf = request.CdfProvisioningParameters! with { CertInfo = new CertInfo { CommonName = "Lampe 💡\uE000\uFFFC" } };
        await AcceptedAsync(request with { CdfProvisioningParameters = cdf });
    }

    [Theory]
    [InlineData("0")]
    [InlineData("gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000g")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000")]
    public async Task An_id_of_a_CA_has_64_hexadecimal_digits(string caId)
    {
        var request = await Factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await RefusedAsync(request with { CdfProvisioningParameters = request.CdfProvisioningParameters! with { CaId = caId } }, "64 hexadecimal digits");
    }

    [Fact]
    public async Task What_ACM_PCA_would_refuse_is_known_before()
    {
        var request = await Factory.RequestAsync(ExtensionTemplates.All["acmpca without CA"], "a");
        var cdf = request.CdfProvisioningParameters! with { CertificatePem = null };

        await RefusedAsync(request with { CdfProvisioningParameters = cdf with { CertInfo = null } }, "'certInfo'");
        await RefusedAsync(request with { CdfProvisioningParameters = cdf with { Csr = "no CSR" } }, "PEM");
        await RefusedAsync(request with { CdfProvisioningParameters = cdf with { CertInfo = cdf.CertInfo! with { KeyAlgorithm = "DSA" } } }, "DSA");

        Assert.Equal("a new key and a certificate issued by ACM PCA", (await PlanAsync(request)).Certificate);
        var withCsr = request with { CdfProvisioningParameters = cdf with { Csr = Make.Csr("a"), CertInfo = null } };
        Assert.Equal("a certificate issued by ACM PCA from the CSR", (await PlanAsync(withCsr)).Certificate);
        await AcceptedAsync(withCsr);
    }

    [Theory]
    [InlineData(null, "ACTIVE")]
    [InlineData("ACTIVE", "ACTIVE")]
    [InlineData("INACTIVE", "INACTIVE")]
    public async Task A_devices_own_certificate_is_registered_with_the_status_that_is_asked_for(string? status, string registered)
    {
        const string template = """
            {
              "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" }, "CertificateArn": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "arn": { "Ref": "CertificateArn" } } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }
              },
              "CDF": { "registerDeviceCertificateWithoutCA": true }
            }
            """;
        var pem = Make.ForeignCertificate("a");
        var id = ParsedCertificate.FromPem(pem, "The certificate").Id;
        var request = await Factory.RequestAsync(template, "a", new() { CertificatePem = pem, CertificateStatus = status });

        var plan = await PlanAsync(request);
        Assert.Equal(("the device's own certificate, registered without a CA", registered), (plan.Certificate, plan.CertificateStatus));
        Assert.Equal("(known after registration)", plan.Attributes["arn"]);
        await AcceptedAsync(request);
        await AcceptedAsync(request);

        var thing = await Factory.Connection.Things.GetAsync("a", Cancellation);
        var certificate = Assert.Single(thing.Certificates);
        Assert.Equal((id, registered, certificate.Arn), (certificate.CertificateId, certificate.CertificateStatus, thing.Attributes["arn"]));
    }

    [Fact]
    public async Task What_an_extension_fills_in_counts_and_not_what_the_device_gave_for_it()
    {
        var request = await Factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var parameters = new Dictionary<string, string>(request.Parameters) { ["CertificatePem"] = "given", ["CaCertificatePem"] = "given" };

        var registered = await Factory.Connection.Things.ProvisionAsync(request with { Parameters = parameters }, Cancellation);

        Assert.Equal(registered.CertificatePem, Assert.Single((await Factory.Connection.Things.GetAsync("a", Cancellation)).Certificates).CertificatePem);
        var certificate = ParsedCertificate.FromPem(registered.CertificatePem!, "The certificate");
        Assert.True(certificate.NotBefore < DateTimeOffset.UtcNow.AddMinutes(-1)); // for devices whose clock is behind
    }

    [Fact]
    public async Task A_certificate_of_hundreds_of_things_is_known_to_be_this_ones_or_not()
    {
        var certificate = await Factory.InvokeAsync(new RegisterCertificateWithoutCARequest(Make.ForeignCertificate("shared"), CertificateStatus.Active));
        for (var i = 0; i < 260; i++)
        {
            await Factory.InvokeAsync(new CreateThingRequest($"t-{i:000}"));
            await Factory.InvokeAsync(new AttachThingPrincipalRequest($"t-{i:000}", certificate.CertificateArn!));
        }
        await Factory.InvokeAsync(new CreateThingRequest("z-alone"));
        var resource = $$""" "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": "{{certificate.CertificateId}}" } } """;

        foreach (var name in new[] { "t-000", "t-259" })
            Assert.Equal(PlannedOutcome.Same, (await PlanAsync(await RequestAsync("", more: resource, thingName: name))).Outcome);
        foreach (var (name, outcome) in new[] { ("z-alone", PlannedOutcome.Changed), ("zz-new", PlannedOutcome.New) })
        {
            var plan = await PlanAsync(await RequestAsync("", more: resource, thingName: name));
            Assert.Equal(outcome, plan.Outcome);
            Assert.Contains(plan.Changes, change => change is { Property: "Certificate", From: null });
        }
    }

    private async Task RefusedAsync(ProvisionRequest request, string what)
    {
        var before = await Factory.FactsAsync();
        string? planned;
        try
        {
            planned = Assert.Single((await PlanAsync(request)).Problems);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            planned = e.Message;
        }

        Assert.Contains(what, planned, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Factory.Connection.Things.ProvisionAsync(request, Cancellation));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Factory.FactsAsync());
    }

    private async Task AcceptedAsync(ProvisionRequest request)
    {
        Assert.Empty((await PlanAsync(request)).Problems);
        await Factory.Connection.Things.ProvisionAsync(request, Cancellation);
    }
}
