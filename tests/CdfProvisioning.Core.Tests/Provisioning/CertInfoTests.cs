using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What certInfo says of the certificate to make.</summary>
public sealed class CertInfoTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{ "CommonName": "a", "DaysExpiry": 3 }""", "a", 3)]
    [InlineData("""{ "CommonName": 17, "DaysExpiry": "3" }""", "17", 3)]
    [InlineData("""{ "CommonName": 1.50 }""", "1.50", null)]
    [InlineData("""{ "CommonName": null }""", null, null)]
    public void Numbers_may_be_written_as_texts_and_a_name_as_a_number(string json, string? commonName, int? days)
    {
        var info = JsonSerializer.Deserialize<CertInfo>(json)!;
        Assert.Equal((commonName, days), (info.CommonName, info.DaysExpiry));
        Assert.Equal(info, JsonSerializer.Deserialize<CertInfo>(JsonSerializer.Serialize(info)));
    }

    [Fact]
    public void The_request_decides_the_keys_algorithm_else_the_connection_else_it_is_P256()
    {
        var settings = new ProvisioningSettings { KeyAlgorithm = KeyAlgorithm.P384 };
        Assert.Equal(KeyAlgorithm.Rsa, CertInfo.KeyAlgorithmOf(new() { KeyAlgorithm = "RSA2048" }, settings));
        Assert.Equal(KeyAlgorithm.P384, CertInfo.KeyAlgorithmOf(new(), settings));
        Assert.Equal(KeyAlgorithm.P384, CertInfo.KeyAlgorithmOf(null, settings));
        Assert.Equal(KeyAlgorithm.P256, CertInfo.KeyAlgorithmOf(null, new()));
    }

    [Fact]
    public void A_certificate_is_valid_for_a_day_at_least_and_until_the_year_9999_at_most()
    {
        var most = (DateTimeOffset.MaxValue - Now).Days;
        Assert.Equal(Now.AddDays(1), NotAfter(1));
        Assert.Equal(Now.AddDays(most), NotAfter(most));
        foreach (var days in new[] { 0, -1, most + 1 })
            Assert.Equal(CdfErrorCode.InvalidRequest, Assert.Throws<CdfException>(() => NotAfter(days)).Code);
        Assert.Equal(Now.AddDays(7), Validity.NotAfter(null, new() { DeviceCertificateExpiryDays = 7 }, Now));
        Assert.Equal(Now.AddDays(7), Validity.NotAfter(new(), new() { DeviceCertificateExpiryDays = 7 }, Now));

        static DateTimeOffset NotAfter(int days) => Validity.NotAfter(new() { DaysExpiry = days }, new() { DeviceCertificateExpiryDays = 7 }, Now);
    }

    [Fact]
    public void A_certificate_ends_with_its_CA_at_the_latest()
    {
        var ca = Make.Ca("Factory").Certificate;
        Validity.CheckWithin(ca.NotAfter, ca, "Factory");
        var error = Assert.Throws<CdfException>(() => Validity.CheckWithin(ca.NotAfter.AddSeconds(1), ca, "Factory"));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("CA Factory itself expires", error.Message, StringComparison.Ordinal);
    }
}
