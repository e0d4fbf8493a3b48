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

    [Theory]
    [InlineData("createDeviceCertificate createDeviceAWSCertificate", "createDeviceCertificate")]
    [InlineData("createDeviceCertificate registerDeviceCertificateWithoutCA acmpca", "createDeviceCertificate")]
    [InlineData("createDeviceAWSCertificate registerDeviceCertificateWithoutCA", "createDeviceAWSCertificate")]
    [InlineData("registerDeviceCertificateWithoutCA acmpca", "registerDeviceCertificateWithoutCA")]
    [InlineData("createDeviceAWSCertificate registerDeviceCertificateWithoutCA acmpca", "createDeviceAWSCertificate")]
    public void Of_several_extensions_that_make_a_certificate_the_first_alone_does(string given, string maker)
    {
        var section = string.Join(", ", given.Split(' ').Reverse().Select(name => $"\"{name}\": {(name == "acmpca" ? "{ \"mode\": \"REGISTER_WITH_CA\" }" : "true")}"));
        var by = maker == "createDeviceCertificate" ? "CertificatePem" : "CertificateId";
        var cdf = ProvisioningTemplate.Compile(Sample.WithCertificate($"\"{by}\": {{ \"Ref\": \"{by}\" }}", $"\"CDF\": {{ {section} }},", $"\"{by}\": {{ \"Type\": \"String\" }}")).Cdf;
        Assert.Equal(
            (maker == "createDeviceCertificate", maker == "createDeviceAWSCertificate", maker == "registerDeviceCertificateWithoutCA", (AcmPcaMode?)null),
            (cdf.CreateDeviceCertificate, cdf.CreateDeviceAwsCertificate, cdf.RegisterDeviceCertificateWithoutCA, cdf.AcmPcaMode));
    }

    [Fact]
    public void A_key_is_made_for_a_device_unless_it_brings_its_certificate_or_its_CSR()
    {
        var withCsr = new CdfProvisioningParameters { Csr = "csr" };
        Assert.True((CdfSection.None with { CreateDeviceCertificate = true }).MakesKey(withCsr));
        Assert.True((CdfSection.None with { CreateDeviceAwsCertificate = true }).MakesKey(null));
        Assert.False((CdfSection.None with { RegisterDeviceCertificateWithoutCA = true }).MakesKey(null));
        var acmPca = CdfSection.None with { AcmPcaMode = AcmPcaMode.RegisterWithCA };
        Assert.Equal([true, true, false], new[] { null, new CdfProvisioningParameters(), withCsr }.Select(acmPca.MakesKey));
        Assert.False(CdfSection.None.MakesKey(null));
    }

    [Fact]
    public void A_section_has_something_to_do_if_any_extension_is_on()
    {
        Assert.False(CdfSection.None.Any);
        Assert.True((CdfSection.None with { ClientIdMustMatchThingName = true }).Any);
        Assert.True((CdfSection.None with { AttachAdditionalPolicies = [new("p", null)] }).Any);
        Assert.True((CdfSection.None with { CreateDeviceAwsCertificate = true }).Any);
    }

    [Fact]
    public void The_name_by_its_document_of_a_further_policy_is_one_that_AWS_takes()
    {
        AdditionalPolicy policy = new("p", "{}"), edited = policy with { Document = "{ }" }, longest = policy with { Name = new string('n', 128) };
        Assert.Matches("^p_[0-9a-f]{8}$", policy.NameOfItsDocument);
        Assert.NotEqual(policy.NameOfItsDocument, edited.NameOfItsDocument);
        Assert.Equal(128, longest.NameOfItsDocument.Length);
        Assert.Equal(128, (policy with { Name = new string('n', 119) }).NameOfItsDocument.Length);
        Assert.EndsWith(policy.NameOfItsDocument[1..], longest.NameOfItsDocument, StringComparison.Ordinal);
    }

    [Fact]
    public void The_client_id_can_match_a_things_name_only_if_there_is_a_thing() => Assert.Contains(
        "AWS::IoT::Thing",
        Sample.Error("""
            { "CDF": { "clientIdMustMatchThingName": true },
              "Resources": { "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": "pem" } } } }
            """).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("\"acmpca\": true", "$.CDF.acmpca")]
    [InlineData("\"attachAdditionalPolicies\": [\"p\"]", "$.CDF.attachAdditionalPolicies[0]")]
    [InlineData("\"attachAdditionalPolicies\": { \"policies\": \"p\" }", "$.CDF.attachAdditionalPolicies.policies")]
    public void So_is_one_of_another_kind(string extension, string path) =>
        Assert.Contains(ProvisioningTemplate.Validate(Sample.WithCertificate("\"CertificatePem\": \"pem\"", $"\"CDF\": {{ {extension} }},")), p => p.Path == path && p.Severity == TemplateProblemSeverity.Error);

    [Theory]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER_WITH_CA\", \"more\": 1 }", "$.CDF.acmpca.more")]
    [InlineData("\"attachAdditionalPolicies\": [{ \"name\": \"p\", \"more\": 1 }]", "$.CDF.attachAdditionalPolicies[0].more")]
    public void What_an_extension_does_not_know_is_ignored_with_a_warning(string extension, string path) =>
        Assert.Equal(path, Sample.Warning(Sample.WithCertificate(ById, $"\"CDF\": {{ {extension} }},", IdParameter)).Path);

    [Fact]
    public void A_certificate_that_is_made_but_given_otherwise_is_an_error_where_it_is_given() => Assert.Equal(
        "$.Resources.certificate.Properties.CertificateId",
        Sample.Error(Sample.WithCertificate($"\"CertificateId\": \"{new string('a', 64)}\"", "\"CDF\": { \"createDeviceAWSCertificate\": true },", IdParameter)).Path);
}
