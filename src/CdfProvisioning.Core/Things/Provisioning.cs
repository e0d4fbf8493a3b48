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
    private HashSet<string>? _attachedPolicies;

    /// <summary>Null in a transaction, and for what RegisterThing does alone.</summary>
    private UndoLog? _undo;

    public Dictionary<string, string> Parameters { get; } = new(parameters);

    public CdfProvisioningParameters CdfParameters { get; } = cdfParameters ?? new();

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

    /// <summary>Changes the registry, or leaves nothing of it. Over a transaction's registry this completes without giving up its thread.</summary>
    /// <param name="registry">The registry, or the transaction's.</param>
    /// <param name="keep">Keeps the key; if that fails, so has the whole.</param>
    /// <param name="cancellationToken">Cancels, and undoes.</param>
    /// <exception cref="CdfException">The first cause, and what remains where it could not be undone.</exception>
    public async ValueTask<ProvisionResponse> ApplyAsync(
        IDeviceRegistry registry, Func<ProvisionResponse, CancellationToken, ValueTask>? keep, CancellationToken cancellationToken)
    {
        if (registry is ITransactionRegistry || steps.Count == 0)
            return await RunAsync(registry, keep, cancellationToken);

        _undo = new UndoLog();
        _attachedPolicies = null;
        try
        {
            return await RunAsync(registry, keep, cancellationToken);
        }
        catch (Exception cause)
        {
            await _undo.RunAsync(registry, cause);
            throw;
        }
    }

    /// <summary>Sees to it that the certificate goes again if it is registered now.</summary>
    public async ValueTask UndoCertificateAsync(IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken)
    {
        if (_undo is not null && await registry.FindCertificateAsync(certificateId, cancellationToken) is null)
            _undo.Note(Undoing.Certificate(certificateId));
    }

    /// <summary>Hands a certificate that a step has made and registered to the template.</summary>
    public void UseNewCertificate(string certificateId, string certificateArn)
    {
        _undo?.Note(Undoing.Certificate(certificateId));
        UseCertificate(certificateId, certificateArn);
    }

    /// <summary>Hands a certificate that a step has registered to the template, as the original service names it.</summary>
    public void UseCertificate(string certificateId, string certificateArn)
    {
        _undo?.Confirm();
        Parameters["CertificateId"] = certificateId;
        Parameters["CertificateArn"] = certificateArn;
    }

    /// <summary>The certificate that was registered.</summary>
    /// <exception cref="CdfException">There is none, and <paramref name="extension"/> needs it.</exception>
    public string CertificateArnFor(string extension) => _certificateArn ?? throw new CdfException(
        CdfErrorCode.InvalidTemplate,
        $"The extension '{extension}' attaches a policy to the device's certificate, and the template has no resource of type AWS::IoT::Certificate.");

    /// <summary>Makes a policy.</summary>
    /// <exception cref="CdfException">Conflict: the registration of another device was faster.</exception>
    public async ValueTask CreatePolicyAsync(IDeviceRegistry registry, string policyName, string document, string extension, CancellationToken cancellationToken)
    {
        _undo?.Note(Undoing.Policy(policyName, CertificateArnFor(extension)));
        try
        {
            await registry.InvokeAsync(new CreatePolicyRequest(policyName, document), cancellationToken);
            _undo?.Confirm();
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            _undo?.Withdraw();
            throw;
        }
    }

    /// <summary>Attaches a policy to the device's certificate.</summary>
    public async ValueTask AttachPolicyAsync(IDeviceRegistry registry, string policyName, string extension, CancellationToken cancellationToken)
    {
        var target = CertificateArnFor(extension);
        if (_undo is not null)
        {
            _attachedPolicies ??= await registry.AttachedPoliciesAsync(target, cancellationToken).Select(p => p.PolicyName!).ToHashSetAsync(cancellationToken: cancellationToken);
            if (!_attachedPolicies.Add(policyName))
                return;
            _undo.Note(Undoing.Attachment(policyName, target));
        }

        await registry.InvokeAsync(new AttachPolicyRequest(policyName, target), cancellationToken);
        _undo?.Confirm();
    }

    private async ValueTask<ProvisionResponse> RunAsync(
        IDeviceRegistry registry, Func<ProvisionResponse, CancellationToken, ValueTask>? keep, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            await step.BeforeAsync(this, registry, cancellationToken);

        var undo = _undo is null ? null : await RegistrationUndo.BeforeAsync(registry, template.Resolve(Parameters), cancellationToken);
        undo?.NoteIn(_undo!);
        var registered = await registry.InvokeAsync(_registration ?? RegisterThing(), cancellationToken);
        _undo?.Confirm();
        _certificateArn = registered.ResourceArns?.Values.FirstOrDefault(arn => Arn.CertificateId(arn) is not null);
        undo?.CertificateArn = _certificateArn;
        foreach (var step in steps)
            await step.AfterAsync(this, registry, cancellationToken);

        var response = new ProvisionResponse
        {
            ThingName = ThingName,
            CertificatePem = registered.CertificatePem,
            PublicKey = PublicKeyPem,
            PrivateKey = PrivateKeyPem,
            ResourceArns = registered.ResourceArns ?? new Dictionary<string, string>(),
        };
        if (keep is not null)
            await keep(response, cancellationToken);
        return response;
    }

    private RegisterThingRequest RegisterThing() => new(template.AwsBody, Parameters);
}
