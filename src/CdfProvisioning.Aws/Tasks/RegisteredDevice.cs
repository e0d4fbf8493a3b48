using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// A device that is registered already: asked to register it, this answers what AWS IoT answered then, so that the steps that
/// come after, which can be repeated, are done with the real registry.
/// </summary>
internal sealed class RegisteredDevice(IDeviceRegistry registry, string thingArn, CertificateDescription certificate) : IDeviceRegistry
{
    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) =>
        Answer(request) is TResponse answer ? answer : await registry.InvokeAsync(request, cancellationToken);

    public ValueTask DisposeAsync() => default;

    private object? Answer(object request) => request switch
    {
        CreateKeysAndCertificateRequest => new CreateKeysAndCertificateResponse(
            certificate.CertificateArn, certificate.CertificateId, certificate.CertificatePem, KeyPair: null),
        RegisterCertificateRequest => new RegisterCertificateResponse(certificate.CertificateArn, certificate.CertificateId),
        RegisterCertificateWithoutCARequest => new RegisterCertificateWithoutCAResponse(certificate.CertificateArn, certificate.CertificateId),
        RegisterThingRequest => new RegisterThingResponse(
            certificate.CertificatePem, new Dictionary<string, string> { ["thing"] = thingArn, ["certificate"] = certificate.CertificateArn! }),
        _ => null,
    };
}
