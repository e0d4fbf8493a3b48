using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>
/// <c>registerDeviceCertificateWithoutCA</c>: registers the certificate <c>certificatePem</c>, whose CA the account need
/// not know; the template gets <c>CertificateId</c> and <c>CertificateArn</c>.
/// </summary>
internal sealed class RegisterDeviceCertificateWithoutCAExtension(IDeviceRegistry registry) : IProvisioningExtension
{
    private IIotRequest<RegisterCertificateWithoutCAResponse>? _request;
    private string _certificateId = "";

    public bool SetsParametersBefore => true;

    public async ValueTask CheckAsync(CdfProvisioningParameters given, CancellationToken cancellationToken)
    {
        var certificate = Read(given);
        if (await registry.FindCertificateAsync(certificate.Id, cancellationToken) is not null)
            throw IotErrorType.ResourceAlreadyExists.Error($"Certificate {certificate.Id} is registered already.");
    }

    public async ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        _certificateId = Read(provisioning.CdfParameters).Id;
        _request = await registry.PrepareIfTransactionalAsync(
            new RegisterCertificateWithoutCARequest(
                provisioning.CdfParameters.CertificatePem!, provisioning.CdfParameters.CertificateStatus ?? CertificateStatus.Active),
            cancellationToken);
    }

    public async ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        await provisioning.UndoCertificateAsync(registry, _certificateId, cancellationToken);
        var registered = await registry.InvokeAsync(_request!, cancellationToken);
        provisioning.UseCertificate(_certificateId, registered.CertificateArn!);
    }

    private static ParsedCertificate Read(CdfProvisioningParameters given) => ParsedCertificate.FromPem(
        given.CertificatePem ?? throw IotErrorType.InvalidRequest.Error(
            "The template registers the device's own certificate (registerDeviceCertificateWithoutCA) and needs the CDF parameter 'certificatePem': the certificate as PEM."),
        "The CDF parameter 'certificatePem'");
}
