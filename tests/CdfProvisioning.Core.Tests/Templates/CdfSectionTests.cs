using System.Text.Json;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class CdfSectionTests
{
    private const string ById = """ "CertificateId": { "Ref": "CertificateId" } """;
    private const string IdParameter = """ "CertificateId": { "Type": "String" } """;

    [Theory]
    [InlineData("\"createDeviceAWSCertificate\": true", "CertificateId CertificateArn CaCertificatePem")]
    [InlineData("\"registerDeviceCertificateWithoutCA\": true", "CertificateId CertificateArn")]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER_WITH_CA\" }", "CertificateId CertificateArn")]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER_WITHOUT_CA\" }", "CertificateId CertificateArn")]
    [InlineData("\"createDeviceAWSCertificate\": false", "")]
    public void An_extension_fills_in_the_parameters_that_the_original_fills_in(string extension, string filled) =>
        Assert.Equal(
            filled,
            string.Join(' ', ProvisioningTemplate.Compile(Sample.WithCertificate(ById, $"\"CDF\": {{ {extension} }},", IdParameter)).Cdf.FilledParameters));

    [Fact]
    public void Creating_a_device_certificate_fills_in_its_PEM_and_that_of_its_CA() =>
        Assert.Equal(["CertificatePem", "CaCertificatePem"], ProvisioningTemplate.Compile(Sample.CreateDeviceCertificate).Cdf.FilledParameters);

    [Theory]
    [InlineData("\"createDeviceCertificate\": true")]
    [InlineData("\"createDeviceAWSCertificate\": true")]
    [InlineData("\"registerDeviceCertificateWithoutCA\": true")]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER_WITH_CA\" }")]
    public void A_certificate_that_is_made_but_not_used_by_the_template_is_an_error(string extension)
    {
        var problem = Sample.Error(Sample.WithCertificate("\"CertificateSigningRequest\": \"csr\"", $"\"CDF\": {{ {extension} }},"));
        Assert.Equal("$.Resources.certificate", problem.Path);
        Assert.Contains("is not used", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_an_extension_fills_in_must_be_declared() =>
        Assert.Contains("declare", Sample.Error(Sample.WithCertificate(ById, "\"CDF\": { \"createDeviceAWSCertificate\": true },")).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_two_extensions_that_make_a_certificate_the_first_of_the_originals_order_does_with_a_warning()
    {
        var problem = Sample.Warning(Sample.WithCertificate(
            ById, """ "CDF": { "createDeviceAWSCertificate": true, "acmpca": { "mode": "REGISTER_WITH_CA" } }, """, IdParameter));
        Assert.Contains("createDeviceAWSCertificate does: acmpca is ignored", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_that_is_unknown_is_ignored_with_a_warning() => Assert.Equal(
        "$.CDF.useACMPCA", Sample.Warning(Sample.WithCertificate("\"CertificatePem\": \"pem\"", "\"CDF\": { \"useACMPCA\": \"REGISTER_WITH_CA\" },")).Path);

    [Theory]
    [InlineData("\"createDeviceAWSCertificate\": \"true\"", "$.CDF.createDeviceAWSCertificate")]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER\" }", "$.CDF.acmpca.mode")]
    [InlineData("\"acmpca\": {}", "$.CDF.acmpca")]
    [InlineData("\"attachAdditionalPolicies\": \"p\"", "$.CDF.attachAdditionalPolicies")]
    [InlineData("\"attachAdditionalPolicies\": {}", "$.CDF.attachAdditionalPolicies")]
    [InlineData("\"attachAdditionalPolicies\": [{}]", "$.CDF.attachAdditionalPolicies[0]")]
    [InlineData("\"attachAdditionalPolicies\": [{ \"name\": \"a b\" }]", "$.CDF.attachAdditionalPolicies[0].name")]
    [InlineData("\"attachAdditionalPolicies\": [{ \"document\": \"text\" }]", "$.CDF.attachAdditionalPolicies[0].document")]
    public void An_extension_that_is_not_as_documented_is_an_error_at_its_place(string extension, string path) =>
        Assert.Equal(path, Sample.Error(Sample.WithCertificate("\"CertificatePem\": \"pem\"", $"\"CDF\": {{ {extension} }},")).Path);

    [Theory]
    [InlineData("{0}")]
    [InlineData("{{ \"policies\": {0} }}")]
    public void Additional_policies_are_a_list_or_an_object_with_a_list(string shape)
    {
        var list = $$"""[ { "name": "a" }, { "name": "b", "document": {{JsonSerializer.Serialize(Sample.Document)}} }, { "document": "{\"Statement\":[]}" } ]""";
        var section = $"\"CDF\": {{ \"attachAdditionalPolicies\": {string.Format(null, shape, list)} }},";
        var policies = ProvisioningTemplate.Compile(Sample.WithCertificate("\"CertificatePem\": \"pem\"", section)).Cdf.AttachAdditionalPolicies;

        Assert.Equal([new("a", null), new("b", Sample.Document)], policies.Take(2));
        Assert.Equal("""{"Statement":[]}""", policies[2].Document);
        Assert.Matches("^[0-9A-F]{40}$", policies[2].Name);
    }

    [Theory]
    [InlineData("\"clientIdMustMatchThingName\": true")]
    [InlineData("\"attachAdditionalPolicies\": [{ \"name\": \"p\" }]")]
    [InlineData("\"createDeviceCertificate\": true")]
    public void Every_extension_needs_a_certificate_resource(string extension) =>
        Assert.Equal("$.CDF", Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", sections: $"\"CDF\": {{ {extension} }},")).Path);

    [Fact]
    public void A_template_without_a_CDF_section_goes_to_AWS_as_it_is()
    {
        var template = ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\""));
        Assert.Same(template.Body, template.AwsBody);
        Assert.False(template.Cdf.Any);
    }

    [Theory]
    [InlineData("""{"CDF": {}, "Resources": R}""", """{"Resources": R}""")]
    [InlineData("""{"Parameters": {}, "CDF" : { } , "Resources": R}""", """{"Parameters": {} , "Resources": R}""")]
    [InlineData("""{ "Mappings": {"ü": {}}, "Resources": R, "CDF": {} }""", """{ "Mappings": {"ü": {}}, "Resources": R }""")]
    public void AWS_sees_the_template_without_the_CDF_section_and_otherwise_as_it_is(string body, string awsBody)
    {
        const string resources = """{"t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": "t"}}}""";
        Assert.Equal(
            awsBody.Replace("R}", resources + "}", StringComparison.Ordinal).Replace("R }", resources + " }", StringComparison.Ordinal),
            ProvisioningTemplate.Compile(body.Replace("R}", resources + "}", StringComparison.Ordinal).Replace("R,", resources + ",", StringComparison.Ordinal)).AwsBody);
    }
}
