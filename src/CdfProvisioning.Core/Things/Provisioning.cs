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
    private string? _certificateArn;

    public Dictionary<string, string> Parameters { get; } = new(parameters);

    public CdfProvisioningParameters CdfParameters { get; } = cdfParameters ?? new();

    public Stack<Compensation> Undo { get; } = new();

    /// <summary>The certificate that a step made, where it is known before the registration.</summary>
    public ParsedCertificate? Certificate { get; set; }

    public string? PrivateKeyPem { get; set; }

    public string? PublicKeyPem { get; set; }

    public string? ThingName { get; private set; }

    /// <summary>The certificate that the device's own parameters give it; null where a step makes one.</summary>
    public CertificateResource? GivenCertificate => template.Cdf.FilledParameters.Count > 0 ? null : template.Resolve(Parameters).Certificate;

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
        _certificateArn = registered.ResourceArns?.Values.FirstOrDefault(arn => Arn.CertificateId(arn) is not null);
        foreach (var step in steps)
            await step.AfterAsync(this, registry, cancellationToken);

        return new ProvisionResponse
        {
            ThingName = ThingName,
            CertificatePem = registered.CertificatePem,
            PublicKey = PublicKeyPem,
            PrivateKey = PrivateKeyPem,
            ResourceArns = registered.ResourceArns ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>Takes back what the steps made, newest first, also when the caller has given up: it must not stay.</summary>
    /// <exception cref="CdfException">RegistrationFailed: something remains; the message says what, and why it was to be undone.</exception>
    public async ValueTask UndoAsync(IDeviceRegistry registry, Exception cause)
    {
        var remains = new List<string>();
        while (Undo.TryPop(out var made))
        {
            try
            {
                await made.UndoAsync(registry, CancellationToken.None);
            }
            catch (CdfException e)
            {
                remains.Add($"{made.What} ({e.Message})");
            }
        }

        if (remains.Count > 0)
            throw new CdfException(
                CdfErrorCode.RegistrationFailed,
                $"{cause.Message} Undoing it failed too; this remains: {string.Join("; ", remains)}.", cause);
    }

    /// <summary>Hands a certificate that a step has registered to the template, as the original service names it.</summary>
    public void UseRegisteredCertificate(string certificateId, string certificateArn)
    {
        Undo.Push(new Compensation(
            $"certificate {certificateId}",
            async (registry, token) =>
            {
                await registry.InvokeAsync(new UpdateCertificateRequest(certificateId, CertificateStatus.Inactive), token);
                await registry.InvokeAsync(new DeleteCertificateRequest(certificateId, ForceDelete: true), token);
            }));
        Parameters["CertificateId"] = certificateId;
        Parameters["CertificateArn"] = certificateArn;
    }

    /// <summary>The certificate that was registered.</summary>
    /// <exception cref="CdfException">There is none, and <paramref name="extension"/> needs it.</exception>
    public string CertificateArnFor(string extension) => _certificateArn ?? throw new CdfException(
        CdfErrorCode.InvalidTemplate,
        $"The extension '{extension}' attaches a policy to the device's certificate, and the template has no resource of type AWS::IoT::Certificate.");

    /// <summary>Attaches a policy to the device's certificate; makes it first if it has a document and does not exist.</summary>
    public async ValueTask AttachPolicyAsync(
        IDeviceRegistry registry, string policyName, string? document, string extension, CancellationToken cancellationToken)
    {
        var target = CertificateArnFor(extension);
        if (document is not null && !await registry.HasPolicyAsync(policyName, document, cancellationToken))
        {
            await registry.InvokeAsync(new CreatePolicyRequest(policyName, document), cancellationToken);
            Undo.Push(new Compensation(
                $"policy {policyName}", async (undo, token) => await undo.InvokeAsync(new DeletePolicyRequest(policyName), token)));
        }

        await registry.InvokeAsync(new AttachPolicyRequest(policyName, target), cancellationToken);
        Undo.Push(new Compensation(
            $"policy {policyName} attached to {target}", async (undo, token) => await undo.InvokeAsync(new DetachPolicyRequest(policyName, target), token)));
    }

    private RegisterThingRequest RegisterThing() => new(template.AwsBody, Parameters);
}
