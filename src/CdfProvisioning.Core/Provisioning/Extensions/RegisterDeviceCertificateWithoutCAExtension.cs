using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;

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

    public ValueTask PlanAsync(DevicePlanning planning, CancellationToken cancellationToken)
    {
        var given = planning.CdfParameters;
        var id = PlannedValue.Known(GivenCertificate.Read(PemOf(given), () => null).Certificate!.Id);
        planning.Fill("CertificateId", id);
        planning.Fill("CertificateArn", NotYetKnown.ArnOf(id));
        planning.Certificate = new("the device's own certificate, registered without a CA") { Id = id.One, Status = StatusOf(given) };
        return default;
    }

    public async ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        var given = provisioning.CdfParameters;
        _certificateId = ParsedCertificate.FromPem(PemOf(given), "The CDF parameter 'certificatePem'").Id;
        provisioning.GivenCertificateId = _certificateId;
        _request = await registry.PrepareIfTransactionalAsync(new RegisterCertificateWithoutCARequest(given.CertificatePem!, StatusOf(given)), cancellationToken);
    }

    /// <summary>One that is the thing's already is used as it is, so that a device that has not changed can be registered again.</summary>
    public async ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        try
        {
            var registered = await provisioning.RegisterCertificateAsync(registry, _certificateId, _request!, cancellationToken);
            provisioning.UseCertificate(_certificateId, registered.CertificateArn!);
        }
        catch (CdfException e) when (e.ErrorType == IotErrorType.ResourceAlreadyExists)
        {
            if (RegistryRules.ReuseProblem(_certificateId, await IsAttachedHereAsync(provisioning, registry, cancellationToken)) is { } problem)
                throw problem;
        }
    }

    private async ValueTask<bool> IsAttachedHereAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        if ((await registry.FindCertificateAsync(_certificateId, cancellationToken))?.CertificateArn is not { } arn)
            return false;
        provisioning.UseCertificate(_certificateId, arn);
        return provisioning.ResolveThingName() is { } name
            && await registry.ThingsOfPrincipalAsync(arn, cancellationToken).ContainsAsync(name, cancellationToken: cancellationToken);
    }

    private static string PemOf(CdfProvisioningParameters given) => given.CertificatePem ?? throw CdfErrorCode.InvalidRequest.Error(
        "The template registers the device's own certificate (registerDeviceCertificateWithoutCA) and needs the CDF parameter 'certificatePem': the certificate as PEM.");

    private static string StatusOf(CdfProvisioningParameters given) => CertificateStatus.Registrable(given.CertificateStatus ?? CertificateStatus.Active);
}
