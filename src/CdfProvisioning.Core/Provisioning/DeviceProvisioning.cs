using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Provisioning.Undo;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>One device on its way into the registry: what its extensions read and fill in, and then its registration.</summary>
internal sealed class DeviceProvisioning(ProvisioningTemplate template, DeviceParameters device, IReadOnlyList<IProvisioningExtension> extensions)
{
    private IIotRequest<RegisterThingResponse>? _registration;
    private IReadOnlyDictionary<string, string>? _registeredArns;
    private Dictionary<string, string>? _filled;
    private string? _newCertificateId;
    private HashSet<string>? _attachedPolicies;
    private ReadOnlyMemory<byte>? _subjectPublicKeyInfo;

    /// <summary>Whether what is changed has to be noted: a transaction undoes itself, and RegisterThing alone is one call.</summary>
    private bool _isUndoable;

    /// <summary>The template's parameters, with what the extensions have filled in.</summary>
    public IReadOnlyDictionary<string, string> Parameters => _filled ?? device.Template;

    public CdfProvisioningParameters CdfParameters => device.Cdf;

    /// <summary>What has been changed and can be taken back; where a call had no answer, what was changed before it is tried again as well.</summary>
    public UndoLog Undo { get; } = new();

    /// <summary>The certificate that an extension made, where it is known before the registration.</summary>
    public ParsedCertificate? Certificate { get; set; }

    /// <summary>The id of the certificate that is registered for the device, as soon as it is known; one that was registered before is not.</summary>
    public string? CertificateId => Certificate?.Id ?? _newCertificateId;

    public string? PrivateKeyPem { get; set; }

    /// <summary>The public key of a key that AWS IoT made.</summary>
    public string? PublicKeyPem { get; set; }

    /// <summary>The identifier of a key made here whose certificate AWS IoT issues during the registration (RFC 5280, section 4.2.1.2, method 1).</summary>
    public byte[]? KeyIdentifier { get; set; }

    public string? ThingName { get; private set; }

    /// <summary>The billing group that the template names.</summary>
    public string? BillingGroup => template.Resolve(Parameters).Thing?.BillingGroup;

    /// <summary>Whether an extension makes a private key for the device.</summary>
    public bool MakesKey => template.Cdf.MakesKey(CdfParameters);

    /// <summary>What a key made for the device is filed under: the thing's name, or what identifies the key.</summary>
    public string NameOfKey => ThingName ?? $"key-{Guid.NewGuid():N}";

    /// <summary>Whether all there is to do is RegisterThing.</summary>
    public bool IsOneCall => extensions.Count == 0;

    /// <summary>The certificate that the device's own parameters give it; null where an extension makes one.</summary>
    public CertificateResource? GivenCertificate => template.Cdf.FilledParameters.Count > 0 ? null : template.Resolve(Parameters).Certificate;

    /// <summary>The id of the certificate that the device comes with; null if one is made for it.</summary>
    /// <exception cref="CdfException">What its parameters give it is no certificate.</exception>
    public string? GivenCertificateId
    {
        get => field ?? GivenCertificate?.GivenId;
        set;
    }

    public void SetKey(DeviceKey key)
    {
        _subjectPublicKeyInfo = key.SubjectPublicKeyInfo;
        PrivateKeyPem = key.PrivateKeyPem;
    }

    /// <summary>Does what takes long and changes nothing in the registry.</summary>
    public async ValueTask PrepareAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var resources = Check();
        ThingName = resources.Thing?.ThingName;
        foreach (var extension in extensions)
            await extension.PrepareAsync(this, cancellationToken);
        if (template.IsThingNameFilledIn && !extensions.Any(e => e.SetsParametersBefore))
            ResolveThingName();

        if (registry is ITransactionalRegistry transactional && template.HasResources && !extensions.Any(e => e.SetsParametersBefore))
            _registration = await transactional.PrepareAsync(
                IsOneCall ? new ResolvedRegistration(resources) : (IIotRequest<RegisterThingResponse>)RegisterThing(), cancellationToken);
    }

    /// <summary>Changes the registry. Over a transaction's registry this completes without giving up its thread; over any other, a failure is to be undone.</summary>
    public async ValueTask<ProvisionResponse> ApplyAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        _isUndoable = registry is not ITransactionRegistry && !IsOneCall;
        foreach (var extension in extensions)
            await extension.BeforeAsync(this, registry, cancellationToken);
        if (template.IsThingNameFilledIn)
            ResolveThingName();

        var registered = await RegisterAsync(registry, cancellationToken);
        foreach (var extension in extensions)
            await extension.AfterAsync(this, registry, cancellationToken);

        return new ProvisionResponse
        {
            ThingName = ThingName,
            CertificatePem = registered.CertificatePem,
            PublicKey = PublicKeyPem,
            SubjectPublicKeyInfo = _subjectPublicKeyInfo,
            PrivateKey = PrivateKeyPem,
            ResourceArns = registered.ResourceArns ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>Takes back what <see cref="ApplyAsync"/> changed, newest first.</summary>
    /// <exception cref="CdfException">Something remains; the message says what, after the cause.</exception>
    public ValueTask UndoAsync(IDeviceRegistry registry, Exception cause) => Undo.RunAsync(registry, cause);

    /// <summary>Registers a certificate so that it can be undone.</summary>
    /// <exception cref="CdfException">ResourceAlreadyExists: it is registered, and not by this call.</exception>
    public async ValueTask<T> RegisterCertificateAsync<T>(IDeviceRegistry registry, string certificateId, IIotRequest<T> request, CancellationToken cancellationToken)
    {
        var isNoted = _isUndoable && await registry.FindCertificateAsync(certificateId, cancellationToken) is null;
        if (isNoted)
        {
            Undo.Note(Undoing.Certificate(certificateId, () => ThingName));
            _newCertificateId = certificateId;
        }

        try
        {
            return await registry.InvokeAsync(request, cancellationToken);
        }
        catch (CdfException e) when (isNoted && e.ErrorType == IotErrorType.ResourceAlreadyExists)
        {
            Undo.Withdraw();
            _newCertificateId = null;
            throw;
        }
    }

    /// <summary>Sees to it that a change goes again that is made now.</summary>
    public void NoteUndo(Compensation change)
    {
        if (_isUndoable)
            Undo.Note(change);
    }

    /// <summary>Works out the thing's name, once all is filled in that it depends on.</summary>
    public string? ResolveThingName() => ThingName = template.ResolveThingName(Parameters);

    /// <summary>Hands a certificate that an extension has registered to the template, as the original service names it.</summary>
    public void UseCertificate(string certificateId, string certificateArn)
    {
        Undo.Confirm();
        Fill("CertificateId", certificateId);
        Fill("CertificateArn", certificateArn);
    }

    /// <summary>Fills a parameter in.</summary>
    public void Fill(string name, string value) => (_filled ??= With(device.Template, template.FilledParameters.Count))[name] = value;

    private string? CertificateArn => _registeredArns?.Values.FirstOrDefault(arn => Arn.CertificateId(arn) is not null);

    /// <summary>The certificate that was registered.</summary>
    /// <exception cref="CdfException">There is none, and <paramref name="extension"/> needs it.</exception>
    public string CertificateArnFor(string extension) => CertificateArn ?? throw CdfErrorCode.InvalidTemplate.Error(
        $"The extension '{extension}' attaches a policy to the device's certificate, and the template has no resource of type AWS::IoT::Certificate.");

    /// <summary>Makes a policy.</summary>
    /// <exception cref="CdfException">Conflict: the registration of another device was faster.</exception>
    public ValueTask CreatePolicyAsync(IDeviceRegistry registry, string policyName, string document, string extension, CancellationToken cancellationToken) => ChangeAsync(
        registry, new CreatePolicyRequest(policyName, document), CdfErrorCode.Conflict, Undoing.Policy(policyName, CertificateArnFor(extension)), cancellationToken);

    /// <summary>Attaches a policy to the device's certificate.</summary>
    /// <exception cref="CdfException">NotFound: there is no such policy.</exception>
    public async ValueTask AttachPolicyAsync(IDeviceRegistry registry, string policyName, string extension, CancellationToken cancellationToken)
    {
        var target = CertificateArnFor(extension);
        if (_isUndoable)
            _attachedPolicies ??= await registry.AttachedPoliciesAsync(target, cancellationToken).Select(p => p.PolicyName!).ToHashSetAsync(cancellationToken: cancellationToken);
        if (_attachedPolicies?.Contains(policyName) is true)
            return;
        await ChangeAsync(registry, new AttachPolicyRequest(policyName, target), CdfErrorCode.NotFound, Undoing.Attachment(policyName, target), cancellationToken);
        _attachedPolicies?.Add(policyName);
    }

    /// <summary>Changes the registry so that it can be undone; what the registry refused for this reason was not changed.</summary>
    private async ValueTask ChangeAsync<T>(
        IDeviceRegistry registry, IIotRequest<T> request, CdfErrorCode refusal, Compensation undo, CancellationToken cancellationToken)
    {
        NoteUndo(undo);
        try
        {
            await registry.InvokeAsync(request, cancellationToken);
            Undo.Confirm();
        }
        catch (CdfException e) when (_isUndoable && e.Code == refusal)
        {
            Undo.Withdraw();
            throw;
        }
    }

    private async ValueTask<RegisterThingResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var undo = _isUndoable ? await RegistrationUndo.BeforeAsync(registry, template.Resolve(Parameters), cancellationToken) : null;
        undo?.NoteIn(Undo, isCertificateNoted: extensions.Any(e => e.SetsParametersBefore));
        var registered = await registry.InvokeAsync(_registration ?? RegisterThing(), cancellationToken);
        Undo.Confirm();
        _registeredArns = registered.ResourceArns;
        _attachedPolicies = null;
        undo?.CertificateArn = CertificateArn;
        return registered;
    }

    /// <summary>Finds what is wrong with the parameters before a key is made, or a certificate that would have to go again.</summary>
    /// <returns>The resources; what depends on what an extension fills in is not theirs yet.</returns>
    private ResolvedTemplate Check()
    {
        var filled = template.FilledParameters;
        if (filled.Count == 0)
            return template.Resolve(Parameters);
        foreach (var name in filled)
            Fill(name, NotYetKnown.InPlaceOf(name).One);
        var resources = template.Resolve(Parameters);
        foreach (var name in filled)
            Unfill(name);
        return template.IsThingNameFilledIn ? resources with { Thing = null } : resources;
    }

    /// <summary>A copy that so many more can be added to without growing.</summary>
    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> parameters, int more)
    {
        var copy = new Dictionary<string, string>(parameters.Count + more);
        foreach (var (name, value) in parameters)
            copy.Add(name, value);
        return copy;
    }

    private void Unfill(string name)
    {
        if (device.Template.TryGetValue(name, out var given))
            _filled![name] = given;
        else
            _filled!.Remove(name);
    }

    private RegisterThingRequest RegisterThing() => new(template.AwsBody, Parameters);
}

/// <summary>RegisterThing whose template is resolved already, for a registry that prepares its requests.</summary>
/// <param name="Resources">The resources for the device.</param>
internal sealed record ResolvedRegistration(ResolvedTemplate Resources) : IIotRequest<RegisterThingResponse>;
