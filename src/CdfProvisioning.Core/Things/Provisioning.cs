using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Steps;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Things;

/// <summary>One device on its way into the registry: what its steps read and fill in, and then its registration.</summary>
internal sealed class Provisioning(
    ProvisioningTemplate template,
    IReadOnlyDictionary<string, string> parameters,
    CdfProvisioningParameters? cdfParameters,
    IReadOnlyList<IProvisioningStep> steps)
{
    private IIotRequest<RegisterThingResponse>? _registration;

    public Dictionary<string, string> Parameters { get; } = new(parameters);

    public CdfProvisioningParameters CdfParameters { get; } = cdfParameters ?? new();

    public Stack<Compensation> Undo { get; } = new();

    /// <summary>The certificate that a step made, where it is known before the registration.</summary>
    public ParsedCertificate? Certificate { get; set; }

    public string? PrivateKeyPem { get; set; }

    public string? PublicKeyPem { get; set; }

    public string? ThingName { get; private set; }

    public void SetKey(DeviceKey key)
    {
        PrivateKeyPem = key.PrivateKeyPem;
        PublicKeyPem = key.PublicKeyPem;
    }

    /// <summary>Does what takes long and changes nothing in the registry.</summary>
    public async ValueTask PrepareAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        ThingName = template.ResolveThing(Parameters)?.ThingName;
        foreach (var step in steps)
            await step.PrepareAsync(this, cancellationToken);

        if (registry is ITransactionalRegistry transactional && !steps.Any(s => s.SetsParametersBefore))
            _registration = await transactional.PrepareAsync(RegisterThing(), cancellationToken);
    }

    /// <summary>Changes the registry. Over a transaction's registry this completes without giving up its thread.</summary>
    public async ValueTask<ProvisionResponse> ApplyAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            await step.BeforeAsync(this, registry, cancellationToken);

        var registered = await registry.InvokeAsync(_registration ?? RegisterThing(), cancellationToken);
        return new ProvisionResponse
        {
            ThingName = ThingName,
            CertificatePem = registered.CertificatePem,
            PublicKey = PublicKeyPem,
            PrivateKey = PrivateKeyPem,
            ResourceArns = registered.ResourceArns ?? new Dictionary<string, string>(),
        };
    }

    private RegisterThingRequest RegisterThing() => new(template.AwsBody, Parameters);
}
