using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>
/// <c>createDeviceAWSCertificate</c>: AWS IoT issues the certificate for a new key; the template gets <c>CertificateId</c>,
/// <c>CertificateArn</c> and (as the original service names it) <c>CaCertificatePem</c>. The embedded registry makes the key
/// too. For AWS it is made here: the certificate can then be found by its key if AWS's answer is lost, where one of
/// CreateKeysAndCertificate could not, and no private key travels.
/// </summary>
internal sealed class CreateDeviceAwsCertificateExtension(IDeviceRegistry registry, ProvisioningSettings settings) : IProvisioningExtension
{
    private IIotRequest<CreateKeysAndCertificateResponse>? _withKey;
    private string _csr = "";

    public bool SetsParametersBefore => true;

    public ValueTask PlanAsync(DevicePlanning planning, CancellationToken cancellationToken)
    {
        planning.Certificate = new("a new key and a certificate made by AWS IoT");
        return default;
    }

    public async ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        if (registry is ITransactionalRegistry transactional)
        {
            _withKey = await transactional.PrepareAsync(new CreateKeysAndCertificateRequest(SetAsActive: true), cancellationToken);
            return;
        }
        var key = DeviceKey.Create(settings.KeyAlgorithm ?? KeyAlgorithm.Rsa);
        provisioning.SetKey(key);
        provisioning.KeyIdentifier = PublicKey.Read(key.SubjectPublicKeyInfo).Identifier;
        _csr = SigningRequest.Create(AwsCertificates.DeviceSubject, key.PrivateKeyPem);
    }

    public ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken) =>
        _withKey is null ? IssueAsync(provisioning, registry, cancellationToken) : MakeAsync(provisioning, registry, _withKey, cancellationToken);

    private static async ValueTask MakeAsync(
        DeviceProvisioning provisioning, IDeviceRegistry registry, IIotRequest<CreateKeysAndCertificateResponse> request, CancellationToken cancellationToken)
    {
        var made = await registry.InvokeAsync(request, cancellationToken);
        provisioning.PrivateKeyPem = made.KeyPair?.PrivateKey;
        provisioning.PublicKeyPem = made.KeyPair?.PublicKey;
        Use(provisioning, made.CertificateId!, made.CertificateArn!, made.CertificatePem!);
    }

    private async ValueTask IssueAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        string? id = null;
        provisioning.NoteUndo(Undoing.IssuedCertificate(() => id, provisioning.KeyIdentifier!, DateTimeOffset.UtcNow));
        var issued = await registry.InvokeAsync(new CreateCertificateFromCsrRequest(_csr, SetAsActive: true), cancellationToken);
        id = issued.CertificateId!;
        Use(provisioning, id, issued.CertificateArn!, issued.CertificatePem!);
    }

    private static void Use(DeviceProvisioning provisioning, string id, string arn, string pem)
    {
        provisioning.UseCertificate(id, arn);
        provisioning.Fill("CaCertificatePem", pem);
    }
}
