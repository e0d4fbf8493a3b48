using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>What of a template gives an existing thing a further certificate.</summary>
public sealed class RotationTemplateTests
{
    private static readonly Dictionary<string, string> Device = new() { [RotationTemplate.ThingName] = "t1", [RotationTemplate.OldCertificate] = "old" };

    [Fact]
    public void A_rotation_makes_a_certificate_as_the_template_does_for_a_thing_that_is_named_and_leaves_all_else()
    {
        var rotation = RotationTemplate.Of(ProvisioningTemplate.Compile(
            Sample.CreateDeviceCertificate.Replace("\"attachAdditionalPolicies\"", "\"clientIdMustMatchThingName\": true, \"attachAdditionalPolicies\"", StringComparison.Ordinal)));

        Assert.Equal(["CertificatePem", "CaCertificatePem"], rotation.FilledParameters);
        Assert.False(rotation.Cdf.ClientIdMustMatchThingName);
        Assert.Empty(rotation.Cdf.AttachAdditionalPolicies);
        Assert.True(rotation.Cdf.CopiesAttachments);
        Assert.Equal([RotationTemplate.ThingName], rotation.RequiredParameters);
        Assert.Contains(RotationTemplate.OldCertificate, rotation.Parameters.Select(p => p.Name));

        var resolved = rotation.Resolve(new Dictionary<string, string>(Device) { ["CertificatePem"] = "new", ["CaCertificatePem"] = "ca" });
        Assert.Equal("t1", resolved.Thing!.ThingName);
        Assert.Equal(("new", "ca"), (resolved.Certificate!.CertificatePem, resolved.Certificate.CACertificatePem));
        Assert.Empty(resolved.Policies);
    }

    [Fact]
    public void A_new_certificate_is_active_even_if_those_of_new_devices_are_not()
    {
        var template = ProvisioningTemplate.Compile(
            """
            { "Resources": {
                "t": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" } },
                "c": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "csr", "Status": "INACTIVE" } } } }
            """);
        var certificate = RotationTemplate.Of(template).Resolve(Device).Certificate!;
        Assert.Equal(("csr", "ACTIVE"), (certificate.CertificateSigningRequest, certificate.Status));
    }

    [Fact]
    public void A_template_without_a_certificate_cannot_be_used_for_a_rotation()
    {
        var error = Assert.Throws<CdfException>(() => RotationTemplate.Of(ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\""))));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("no resource of type AWS::IoT::Certificate", error.Message, StringComparison.Ordinal);
    }
}
