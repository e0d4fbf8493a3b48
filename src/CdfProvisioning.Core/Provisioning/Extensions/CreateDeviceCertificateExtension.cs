using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>
/// <c>createDeviceCertificate</c>: makes a key and a certificate signed by the CA <c>caId</c>, and hands both certificates
/// to the template as <c>CertificatePem</c> and <c>CaCertificatePem</c>.
/// </summary>
internal sealed class CreateDeviceCertificateExtension(SignerCache signers, ProvisioningSettings settings) : IProvisioningExtension
{
    /// <summary>The certificate is valid from a little earlier, for devices whose clock is behind.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(2);

    public async ValueTask PlanAsync(DevicePlanning planning, CancellationToken cancellationToken)
    {
        var (signer, _, _, _, _) = await ReadAsync(planning.CdfParameters, cancellationToken);
        planning.Fill("CaCertificatePem", PlannedValue.Known(signer.Certificate.Pem));
        planning.Certificate = new($"a new key and a certificate signed by CA {planning.CdfParameters.CaId}") { Signer = signer.Certificate };
    }

    public async ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        var (signer, subject, algorithm, now, notAfter) = await ReadAsync(provisioning.CdfParameters, cancellationToken);
        var key = DeviceKey.Create(algorithm);
        var certificate = signer.Issue(subject, key.SubjectPublicKeyInfo, now - Backdating, notAfter, IssueProfile.Device);

        provisioning.SetKey(key);
        provisioning.Certificate = certificate;
        provisioning.Fill("CertificatePem", certificate.Pem);
        provisioning.Fill("CaCertificatePem", signer.Certificate.Pem);
    }

    private async ValueTask<(CertificateSigner Signer, X509Name Subject, KeyAlgorithm Algorithm, DateTimeOffset Now, DateTimeOffset NotAfter)> ReadAsync(
        CdfProvisioningParameters given, CancellationToken cancellationToken)
    {
        var caId = given.CaId ?? throw Missing("caId", "the certificate id of the CA that signs (Get-CdfCertificateAuthority lists them)");
        if (caId.Length != 64 || !caId.All(char.IsAsciiHexDigit))
            throw CdfErrorCode.InvalidRequest.Error($"The CDF parameter 'caId' is '{IotNames.Shown(caId)}', and no id of a certificate authority, which has 64 hexadecimal digits: Get-CdfCertificateAuthority lists them.");
        var certInfo = given.CertInfo ?? throw Missing("certInfo", "the subject of the certificate, such as { \"commonName\": \"sensor-1\" }");

        var signer = await signers.GetAsync(caId, cancellationToken);
        var now = DateTimeOffset.UtcNow;
        var notAfter = Validity.NotAfter(certInfo, settings, now);
        Validity.CheckWithin(notAfter, signer.Certificate, caId);
        return (signer, certInfo.ToSubjectFields().ToName(), CertInfo.KeyAlgorithmOf(certInfo, settings), now, notAfter);
    }

    private static CdfException Missing(string member, string what) => CdfErrorCode.InvalidRequest.Error(
        $"The template makes a device certificate (createDeviceCertificate) and needs the CDF parameter '{member}': {what}.");
}
