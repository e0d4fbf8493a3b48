using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary>
/// <c>createDeviceCertificate</c>: makes a key and a certificate signed by the CA <c>caId</c>, and hands both certificates
/// to the template as <c>CertificatePem</c> and <c>CaCertificatePem</c>.
/// </summary>
internal sealed class CreateDeviceCertificateStep(SignerCache signers) : IProvisioningStep
{
    /// <summary>The original service's default for <c>daysExpiry</c>.</summary>
    private const int DefaultDaysExpiry = 365;

    /// <summary>The certificate is valid from a little earlier, for devices whose clock is behind.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(2);

    public async ValueTask PrepareAsync(Provisioning provisioning, CancellationToken cancellationToken)
    {
        var caId = provisioning.CdfParameters.CaId
            ?? throw Missing("caId", "the certificate id of the CA that signs (Get-CdfCertificateAuthority lists them)");
        var certInfo = provisioning.CdfParameters.CertInfo
            ?? throw Missing("certInfo", "the subject of the certificate, such as { \"commonName\": \"sensor-1\" }");

        var signer = await signers.GetAsync(caId, cancellationToken);
        var now = DateTimeOffset.UtcNow;
        var notAfter = NotAfter(certInfo, now, signer.Certificate);
        var key = DeviceKey.CreateP256();
        var certificate = signer.Issue(
            certInfo.ToSubjectFields().ToName(), key.SubjectPublicKeyInfo, now - Backdating, notAfter, IssueProfile.Device);

        provisioning.SetKey(key);
        provisioning.Certificate = certificate;
        provisioning.Parameters["CertificatePem"] = certificate.Pem;
        provisioning.Parameters["CaCertificatePem"] = signer.Certificate.Pem;
    }

    private static DateTimeOffset NotAfter(CertInfo certInfo, DateTimeOffset now, ParsedCertificate ca)
    {
        var days = certInfo.DaysExpiry ?? DefaultDaysExpiry;
        if (days < 1)
            throw IotErrorType.InvalidRequest.Error($"certInfo.daysExpiry is {days}: a certificate is valid for at least 1 day.");

        if (days > (ca.NotAfter - now).TotalDays)
            throw IotErrorType.InvalidRequest.Error(
                $"certInfo.daysExpiry is {days}, but CA {ca.Id} itself expires on {ca.NotAfter:yyyy-MM-dd}: ask for fewer days or use another CA.");

        return now.AddDays(days);
    }

    private static CdfException Missing(string member, string what) => IotErrorType.InvalidRequest.Error(
        $"The template makes a device certificate (createDeviceCertificate) and needs the CDF parameter '{member}': {what}.");
}
