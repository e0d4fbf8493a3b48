using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary>
/// <c>createDeviceAWSCertificate</c>: AWS IoT makes key and certificate; the template gets <c>CertificateId</c>,
/// <c>CertificateArn</c> and (as the original service names it) <c>CaCertificatePem</c>.
/// </summary>
internal sealed class CreateDeviceAwsCertificateStep(IDeviceRegistry registry) : IProvisioningStep
{
    private IIotRequest<CreateKeysAndCertificateResponse> _request = new CreateKeysAndCertificateRequest(SetAsActive: true);

    public bool SetsParametersBefore => true;

    public async ValueTask PrepareAsync(Provisioning provisioning, CancellationToken cancellationToken) =>
        _request = await registry.PrepareIfTransactionalAsync(_request, cancellationToken);

    public async ValueTask BeforeAsync(Provisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var made = await registry.InvokeAsync(_request, cancellationToken);
        provisioning.PrivateKeyPem = made.KeyPair?.PrivateKey;
        provisioning.PublicKeyPem = made.KeyPair?.PublicKey;
        provisioning.UseNewCertificate(made.CertificateId!, made.CertificateArn!);
        provisioning.Parameters["CaCertificatePem"] = made.CertificatePem!;
    }
}
