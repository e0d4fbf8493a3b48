using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Which certificate a registered device keeps when a list says what it is to be like.</summary>
public sealed class KeptCertificatesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_keeps_the_certificate_that_it_has()
    {
        await using var factory = await Factory.OpenAsync();
        var id = (await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a")).CertificateId!;
        var kept = await FindAsync(factory, ExtensionTemplates.All["createDeviceCertificate"], "a");
        Assert.Equal(new Dictionary<string, string> { ["ThingName"] = "a", [DesiredTemplate.KeptCertificate] = id }, kept);
    }

    [Fact]
    public async Task A_device_that_is_not_registered_or_has_no_certificate_keeps_none()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("bare"));
        foreach (var template in new[] { ExtensionTemplates.All["createDeviceCertificate"], OfItsCsr })
        {
            Assert.Null(await FindAsync(factory, template, "nosuch", Make.Csr("a")));
            Assert.Null(await FindAsync(factory, template, "bare", Make.Csr("a")));
        }
    }

    [Fact]
    public async Task A_certificate_that_the_device_brings_is_not_kept_but_used()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        Assert.Null(await FindAsync(factory, ExtensionTemplates.GivenCertificate, "a"));
    }

    [Fact]
    public async Task Of_several_the_newest_active_one_is_kept_and_one_that_was_deactivated_if_there_is_no_other()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        var first = await IssueAsync(factory, "a", Make.Csr("a"));
        var second = await IssueAsync(factory, "a", Make.Csr("a"));
        var template = ExtensionTemplates.All["createDeviceAWSCertificate"];
        var newest = await NewestAsync(factory, first, second);
        Assert.Equal(newest, (await FindAsync(factory, template, "a"))![DesiredTemplate.KeptCertificate]);

        var other = newest == first ? second : first;
        await factory.InvokeAsync(new UpdateCertificateRequest(newest, CertificateStatus.Inactive));
        Assert.Equal(other, (await FindAsync(factory, template, "a"))![DesiredTemplate.KeptCertificate]);
        await factory.InvokeAsync(new UpdateCertificateRequest(other, CertificateStatus.Inactive));
        Assert.Equal(newest, (await FindAsync(factory, template, "a"))![DesiredTemplate.KeptCertificate]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_certificate_that_was_made_for_the_devices_CSR_is_kept_and_no_other(bool isOfAcmPca)
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        string own = Make.Csr("a"), others = Make.Csr("a");
        var id = await IssueAsync(factory, "a", own);
        var template = isOfAcmPca ? ExtensionTemplates.All["acmpca with CA"] : OfItsCsr;

        Assert.Equal(id, (await FindAsync(factory, template, "a", own))![DesiredTemplate.KeptCertificate]);
        Assert.Null(await FindAsync(factory, template, "a", others));
        var second = await IssueAsync(factory, "a", others);
        Assert.Equal(id, (await FindAsync(factory, template, "a", own))![DesiredTemplate.KeptCertificate]);
        Assert.Equal(second, (await FindAsync(factory, template, "a", others))![DesiredTemplate.KeptCertificate]);
    }

    [Theory]
    [InlineData("CertificateId")]
    [InlineData("CertificateArn")]
    [InlineData("CaCertificatePem")]
    public async Task What_else_of_the_certificate_the_template_writes_is_that_of_the_one_which_is_kept(string name)
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        var id = await IssueAsync(factory, "a", Make.Csr("a"));
        var certificate = (await factory.Connection.Registry.FindCertificateAsync(id, Cancellation))!;
        var template = $$"""
            {
              "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" }, "{{name}}2": { "Type": "String" }, "{{name}}": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "of": { "Ref": "{{name}}" } } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }
              },
              "CDF": { "createDeviceAWSCertificate": true }
            }
            """;
        if (name == "CertificateId")
            template = template.Replace("\"CertificateId\": { \"Type\": \"String\" }, \"CertificateId2\"", "\"CertificateId2\"", StringComparison.Ordinal);
        var kept = (await FindAsync(factory, template, "a"))!;
        Assert.Equal(id, kept[DesiredTemplate.KeptCertificate]);
        Assert.Equal(name switch { "CertificateId" => id, "CertificateArn" => certificate.CertificateArn, _ => certificate.CertificatePem }, kept[name]);
    }

    private static string OfItsCsr => ExtensionTemplates.All["CSR"];

    private static async Task<string> IssueAsync(Factory factory, string thing, string csr)
    {
        var issued = await factory.InvokeAsync(new CreateCertificateFromCsrRequest(csr, SetAsActive: true));
        await factory.InvokeAsync(new AttachThingPrincipalRequest(thing, issued.CertificateArn!));
        return issued.CertificateId!;
    }

    /// <summary>The registry's times are of milliseconds, in which two may be made.</summary>
    private static async Task<string> NewestAsync(Factory factory, string first, string second)
    {
        var (one, two) = ((await factory.Connection.Registry.FindCertificateAsync(first, Cancellation))!, (await factory.Connection.Registry.FindCertificateAsync(second, Cancellation))!);
        if (two.CreationDate > one.CreationDate)
            return second;
        var listed = await factory.Connection.Registry.PrincipalsAsync("a", Cancellation).FirstAsync(Cancellation);
        return Arn.CertificateId(listed)!;
    }

    private static async Task<IReadOnlyDictionary<string, string>?> FindAsync(Factory factory, string body, string thing, string? csr = null)
    {
        var template = ProvisioningTemplate.Compile(body);
        var parameters = new Dictionary<string, string> { ["ThingName"] = thing };
        if (csr is not null && DesiredTemplate.Of(template).HasRequest)
            parameters["CSR"] = csr;
        var kept = await factory.Provisioner.CreateKeptCertificates().FindAsync(template, DesiredTemplate.Of(template), parameters, factory.CdfParameters(thing) with { Csr = csr }, Cancellation);
        return kept?.Where(p => p.Key != "CSR").ToDictionary();
    }
}
