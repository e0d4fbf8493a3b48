using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using CdfProvisioning.Tests.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Which parameters something uses, and what is said of the others.</summary>
public sealed class ParameterNamesTests
{
    private static readonly ProvisioningTemplate Template = ProvisioningTemplate.Compile(
        """
        { "Parameters": { "Serial": { "Type": "String" }, "site": { "Type": "String" }, "SITE": { "Type": "String" }, "CertificatePem": { "Type": "String" } },
          "CDF": { "createDeviceCertificate": true },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Serial" }, "AttributePayload": { "a": { "Ref": "site" }, "b": { "Ref": "SITE" } } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" } } } } }
        """);

    private readonly ParameterNames _names = new(Template, new() { CaId = "{Factory}", CertInfo = new() { CommonName = "{serial}" } }, "KeyFile");

    [Theory]
    [InlineData("serial", "Serial")]
    [InlineData("site", "site")]
    [InlineData("SITE", "SITE")]
    [InlineData("Site", null)]
    [InlineData("FACTORY", "Factory")]
    [InlineData("keyfile", "KeyFile")]
    [InlineData("CertificatePem", null)]
    [InlineData("colour", null)]
    [InlineData("cdf.caId", "cdf.caId")]
    [InlineData("CDF.certinfo.COUNTRY", "CDF.certinfo.COUNTRY")]
    [InlineData("cdf.csr", null)]
    [InlineData("cdf.unknown", "cdf.unknown")]
    public void A_name_is_found_in_any_case_if_something_uses_it(string name, string? found)
    {
        Assert.Equal(found, _names.Find(name));
        Assert.Equal(found, _names.Find(name));
    }

    [Theory]
    [InlineData("certificatepem", "The column 'certificatepem' is not used: the template's CDF section fills in 'CertificatePem' itself.")]
    [InlineData("cdf.csr", "Nothing uses the column 'cdf.csr': the template's CDF section has no extension that takes it.")]
    [InlineData("Serail", "Nothing uses the column 'Serail': did you mean 'Serial'?")]
    [InlineData("q", "Nothing uses the column 'q'. The template uses: Factory, Serial, site.")]
    public void Of_a_name_that_nothing_uses_it_is_said_why(string name, string said) => Assert.Equal(said, _names.Unused(name, "column"));

    [Fact]
    public void A_template_that_uses_nothing_says_so()
    {
        var names = new ParameterNames(ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\"")), null);
        Assert.Equal("Nothing uses the parameter 'q'. The template uses: none.", names.Unused("q", "parameter"));
        Assert.Empty(names.All);
    }
}
