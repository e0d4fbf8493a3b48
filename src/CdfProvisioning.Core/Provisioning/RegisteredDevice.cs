using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// A device that is registered already: asked to register it, this answers what AWS IoT answered then, so that the extensions that
/// come after, which can be repeated, are done with the real registry.
/// </summary>
internal sealed class RegisteredDevice : IDeviceRegistry
{
    private readonly IDeviceRegistry _registry;
    private readonly string _thingArn;
    private readonly CertificateDescription _certificate;

    private RegisteredDevice(IDeviceRegistry registry, string thingArn, CertificateDescription certificate) =>
        (_registry, _thingArn, _certificate) = (registry, thingArn, certificate);

    /// <summary>The device, if its thing has a certificate attached that is its own.</summary>
    /// <param name="registry">Where to look.</param>
    /// <param name="thingName">Its thing, if it has one.</param>
    /// <param name="isItsOwn">Tells its own certificate.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async ValueTask<RegisteredDevice?> FindAsync(
        IDeviceRegistry registry, string? thingName, Func<CertificateDescription, bool> isItsOwn, CancellationToken cancellationToken)
    {
        if (thingName is null || await registry.FindThingAsync(thingName, cancellationToken) is not { } thing)
            return null;
        await foreach (var principal in registry.PrincipalsAsync(thingName, cancellationToken))
            if (Arn.CertificateId(principal) is { } id && await registry.FindCertificateAsync(id, cancellationToken) is { } certificate && isItsOwn(certificate))
                return new RegisteredDevice(registry, thing.ThingArn!, certificate);
        return null;
    }

    /// <summary>Whether a certificate is the one that a device's own parameters give it.</summary>
    public static bool IsGiven(CertificateResource? given, CertificateDescription certificate) =>
        given is { CertificateSigningRequest: { } csr }
            ? SigningRequest.Parse(csr).PublicKey.Der.Span.SequenceEqual(ParsedCertificate.FromPem(certificate.CertificatePem!, "The certificate").PublicKey.Der.Span)
            : given?.GivenId == certificate.CertificateId;

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) =>
        Answer(request) is TResponse answer ? answer : await _registry.InvokeAsync(request, cancellationToken);

    public ValueTask DisposeAsync() => default;

    private object? Answer(object request) => request switch
    {
        CreateCertificateFromCsrRequest => new CreateCertificateFromCsrResponse(_certificate.CertificateArn, _certificate.CertificateId, _certificate.CertificatePem),
        RegisterCertificateRequest => new RegisterCertificateResponse(_certificate.CertificateArn, _certificate.CertificateId),
        RegisterCertificateWithoutCARequest => new RegisterCertificateWithoutCAResponse(_certificate.CertificateArn, _certificate.CertificateId),
        RegisterThingRequest register => new RegisterThingResponse(_certificate.CertificatePem, ResourceArns(register)),
        _ => null,
    };

    /// <summary>By the names that the resources have in the template.</summary>
    private Dictionary<string, string> ResourceArns(RegisterThingRequest request)
    {
        var resources = ProvisioningTemplate.Compile(request.TemplateBody).Resolve(request.Parameters!);
        var arns = new Dictionary<string, string>
        {
            [resources.Thing!.LogicalId] = _thingArn,
            [resources.Certificate!.LogicalId] = _certificate.CertificateArn!,
        };
        var prefix = _thingArn[..^$":thing/{resources.Thing.ThingName}".Length];
        foreach (var policy in resources.Policies.Where(policy => policy.PolicyDocument is not null))
            arns[policy.LogicalId] = $"{prefix}:policy/{policy.PolicyName}";
        return arns;
    }
}
