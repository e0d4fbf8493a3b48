using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary>
/// <c>registerDeviceCertificateWithoutCA</c>: registers the certificate <c>certificatePem</c>, whose CA the account need
/// not know; the template gets <c>CertificateId</c> and <c>CertificateArn</c>.
/// </summary>
internal sealed class RegisterDeviceCertificateWithoutCAStep(IDeviceRegistry registry) : IProvisioningStep
{
    private IIotRequest<RegisterCertificateWithoutCAResponse>? _request;
    private string _certificateId = "";

    public bool SetsParametersBefore => true;

    public async ValueTask PrepareAsync(Provisioning provisioning, CancellationToken cancellationToken)
    {
        var pem = provisioning.CdfParameters.CertificatePem ?? throw IotErrorType.InvalidRequest.Error(
            "The template registers the device's own certificate (registerDeviceCertificateWithoutCA) and needs the CDF parameter 'certificatePem': the certificate as PEM.");
        var status = provisioning.CdfParameters.CertificateStatus ?? CertificateStatus.Active;
        _certificateId = ParsedCertificate.FromPem(pem, "The CDF parameter 'certificatePem'").Id;
        _request = await registry.PrepareIfTransactionalAsync(new RegisterCertificateWithoutCARequest(pem, status), cancellationToken);
    }

    public async ValueTask BeforeAsync(Provisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        await provisioning.UndoCertificateAsync(registry, _certificateId, cancellationToken);
        var registered = await registry.InvokeAsync(_request!, cancellationToken);
        provisioning.UseCertificate(_certificateId, registered.CertificateArn!);
    }
}
