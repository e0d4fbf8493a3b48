using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>
/// <c>acmpca</c>: ACM PCA issues the certificate, for the device's CSR or for a key made here, and it is registered with
/// AWS IoT; the template gets <c>CertificateId</c> and <c>CertificateArn</c>.
/// </summary>
internal sealed class AcmPcaExtension(AcmPcaMode mode, IDeviceRegistry registry, IPrivateCertificateAuthority privateCas, ProvisioningSettings settings)
    : IProvisioningExtension
{
    private IIotRequest<RegisterCertificateResponse>? _withCA;
    private IIotRequest<RegisterCertificateWithoutCAResponse>? _withoutCA;
    private string _certificateId = "";

    public bool SetsParametersBefore => true;

    public async ValueTask PlanAsync(DevicePlanning planning, CancellationToken cancellationToken)
    {
        var given = planning.CdfParameters;
        var ca = await privateCas.GetAsync(PrivateCaArn(given), cancellationToken);
        var signer = ParsedCertificate.FromPem(ca.CertificatePem, "The certificate of the CA of ACM PCA");
        if (mode == AcmPcaMode.RegisterWithCA)
        {
            var registered = await RegisteredCaAsync(RegisteredCaArn(given), cancellationToken);
            var registeredCa = GivenCertificate.ReadCa(registered.CertificatePem!);
            if (RegistryRules.IssuerOf(new(null, registeredCa, signer), [new(registeredCa.Id, registered.Status!, registered.CertificateMode ?? "", registeredCa)]).Problem is { } problem)
                throw problem;
        }

        Validity.CheckWithin(Validity.NotAfter(given.CertInfo, settings, DateTimeOffset.UtcNow), signer, ca.Arn);
        if (given.Csr is { } csr)
            SigningRequest.Parse(csr);
        else
        {
            Subject(given);
            CertInfo.KeyAlgorithmOf(given.CertInfo, settings);
        }
        planning.Certificate = new(given.Csr is null ? "a new key and a certificate issued by ACM PCA" : "a certificate issued by ACM PCA from the CSR");
    }

    public async ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        var given = provisioning.CdfParameters;
        var caArn = PrivateCaArn(given);
        var registeredCa = mode == AcmPcaMode.RegisterWithCA ? (await RegisteredCaAsync(RegisteredCaArn(given), cancellationToken)).CertificatePem : null;
        var csr = given.Csr ?? MakeKey(provisioning);
        var issued = await privateCas.IssueAsync(caArn, csr, Validity.NotAfter(given.CertInfo, settings, DateTimeOffset.UtcNow), cancellationToken);

        var certificate = ParsedCertificate.FromPem(issued.CertificatePem, "The certificate that ACM PCA issued");
        provisioning.Certificate = certificate;
        _certificateId = certificate.Id;
        if (registeredCa is null)
            _withoutCA = await registry.PrepareIfTransactionalAsync(
                new RegisterCertificateWithoutCARequest(certificate.Pem, CertificateStatus.Active), cancellationToken);
        else
            _withCA = await registry.PrepareIfTransactionalAsync(
                new RegisterCertificateRequest(certificate.Pem, registeredCa, Status: CertificateStatus.Active), cancellationToken);
    }

    public async ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var arn = _withCA is not null
            ? (await provisioning.RegisterCertificateAsync(registry, _certificateId, _withCA, cancellationToken)).CertificateArn
            : (await provisioning.RegisterCertificateAsync(registry, _certificateId, _withoutCA!, cancellationToken)).CertificateArn;
        provisioning.UseCertificate(_certificateId, arn!);
    }

    private string PrivateCaArn(CdfProvisioningParameters given) => Arn(
        given.AcmpcaCaArn, given.AcmpcaCaAlias, settings.PrivateCaAliases, ("acmpcaCaArn", "acmpcaCaAlias", "PCA_"), "the CA of ACM PCA that signs");

    private string RegisteredCaArn(CdfProvisioningParameters given) => Arn(
        given.AwsiotCaArn, given.AwsiotCaAlias, settings.CaAliases, ("awsiotCaArn", "awsiotCaAlias", "CA_"), "its CA certificate as it is registered with AWS IoT");

    private static string Arn(
        string? arn, string? alias, IReadOnlyDictionary<string, string> aliases, (string Arn, string Alias, string Variable) names, string what)
    {
        if (alias is null)
            return arn ?? throw CdfErrorCode.InvalidRequest.Error(
                $"The template has its certificates issued by ACM PCA (acmpca) and needs the CDF parameter '{names.Arn}' or '{names.Alias}': {what}.");
        return aliases.TryGetValue(alias, out var known)
            ? known
            : throw CdfErrorCode.InvalidRequest.Error(
                $"There is no alias '{IotNames.Shown(alias)}' ({names.Alias}): define it when connecting, or in the environment variable {names.Variable}{IotNames.Shown(alias).ToUpperInvariant()}.");
    }

    private string MakeKey(DeviceProvisioning provisioning)
    {
        var subject = Subject(provisioning.CdfParameters);
        var key = DeviceKey.Create(CertInfo.KeyAlgorithmOf(provisioning.CdfParameters.CertInfo, settings));
        provisioning.SetKey(key);
        return SigningRequest.Create(subject, key.PrivateKeyPem);
    }

    private static X509Name Subject(CdfProvisioningParameters given) => given.CertInfo?.ToSubjectFields().ToName() ?? throw CdfErrorCode.InvalidRequest.Error(
        "The template has its certificates issued by ACM PCA (acmpca) and needs the CDF parameter 'csr', the device's CSR, or 'certInfo', the subject of the certificate for a key that is made here.");

    private async ValueTask<CaCertificateDescription> RegisteredCaAsync(string arn, CancellationToken cancellationToken)
    {
        var caId = Iot.Arn.CaCertificateId(arn) ?? throw CdfErrorCode.InvalidRequest.Error(
            $"'{IotNames.Shown(arn)}' is not the ARN of a CA certificate that is registered with AWS IoT (arn:aws:iot:...:cacert/...).");
        var described = await registry.InvokeAsync(new DescribeCACertificateRequest(caId), cancellationToken);
        return described.CertificateDescription!;
    }
}
