using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Devices;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

/// <summary>AWS IoT Developer Guide, "X.509 Certificate AWS IoT Core policy variables" and "Using X.509 certificate policy variables".</summary>
public sealed class PolicyVariablesTests
{
    private static readonly PolicyVariables Variables = Of(
        "CN=\"sensor, one\", O=Example Corp, O=AnyCompany, OU=a*b, OU=c, OU=d, OU=e, OU=f, OU=g",
        names =>
        {
            names.AddDnsName("one.example");
            names.AddDnsName("two.example");
            names.AddEmailAddress("who@example.com");
            names.AddUri(new Uri("urn:device:1"));
            names.AddIpAddress(IPAddress.Loopback);
        });

    [Theory]
    [InlineData("iot:Certificate.Subject.Organization", "Example Corp")]
    [InlineData("iot:Certificate.Subject.Organization.0", "Example Corp")]
    [InlineData("iot:Certificate.Subject.Organization.1", "AnyCompany")]
    [InlineData("iot:Certificate.Subject.Organization.2", "")]
    [InlineData("iot:Certificate.Subject.Organization.List", "Example Corp|AnyCompany")]
    [InlineData("iot:certificate.subject.organization.list", "Example Corp|AnyCompany")]
    [InlineData("iot:Certificate.Issuer.Organization.1", "AnyCompany")]
    [InlineData("iot:Certificate.Subject.AlternativeName.DNSName", "one.example")]
    [InlineData("iot:Certificate.Subject.AlternativeName.DNSName.1", "two.example")]
    [InlineData("iot:Certificate.Subject.AlternativeName.DNSName.List", "one.example|two.example")]
    [InlineData("iot:Certificate.Subject.AlternativeName.RFC822Name", "who@example.com")]
    [InlineData("iot:Certificate.Subject.AlternativeName.UniformResourceIdentifier", "urn:device:1")]
    [InlineData("iot:Certificate.Subject.AlternativeName.IPAddress", "127.0.0.1")]
    [InlineData("iot:Certificate.Issuer.AlternativeName.DNSName", "")]
    [InlineData("iot:Certificate.Subject.Country", "")]
    [InlineData("iot:Certificate.Subject.Nothing", "")]
    [InlineData("iot:Certificate.SerialNumber", "10539280805")]
    public void A_variable_has_the_values_that_AWSs_page_gives_it(string variable, string values) =>
        Assert.Equal(values, string.Join('|', Variables.Find(variable)));

    [Fact]
    public void Wildcards_make_a_value_unusable_only_five_values_count_and_special_characters_are_escaped()
    {
        Assert.Empty(Variables.Find("iot:Certificate.Subject.OrganizationalUnit"));
        Assert.Equal(["c", "d", "e", "f"], Variables.Find("iot:Certificate.Subject.OrganizationalUnit.List"));
        Assert.Equal(["sensor\\, one"], Variables.Find("iot:Certificate.Subject.CommonName"));
    }

    [Fact]
    public void The_variables_that_have_values_can_be_asked_for() => Assert.Equal(
        [
            "iot:Certificate.Issuer.CommonName", "iot:Certificate.Issuer.Organization", "iot:Certificate.Subject.AlternativeName.DNSName",
            "iot:Certificate.Subject.AlternativeName.IPAddress", "iot:Certificate.Subject.AlternativeName.RFC822Name",
            "iot:Certificate.Subject.AlternativeName.UniformResourceIdentifier", "iot:Certificate.Subject.CommonName", "iot:Certificate.Subject.Organization",
        ],
        Variables.Find("iot:Certificate.AvailableKeys").Order(StringComparer.Ordinal));

    private static PolicyVariables Of(string subject, Action<SubjectAlternativeNameBuilder> add)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        add(names);
        var name = new X500DistinguishedName(subject, X500DistinguishedNameFlags.None);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var certificate = request.Create(
            name, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [0x02, 0x74, 0x30, 0xa9, 0xa5]);
        var parsed = ParsedCertificate.FromDer(certificate.RawData, "The certificate");
        return new("sensor-1", new DeviceIdentity(parsed.Id, "ACTIVE", "DEFAULT", parsed, [], []));
    }
}
