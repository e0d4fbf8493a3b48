using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Says what provisioning devices would register, and why it would fail: decides as a registration does, makes no key and changes nothing.</summary>
internal sealed class Planner(IDeviceRegistry registry, Func<CdfSection, IReadOnlyList<IProvisioningExtension>> extensionsOf)
{
    private readonly RegistryStateReader _registry = new(registry);

    /// <param name="template">The template.</param>
    /// <param name="parameters">The device's parameters.</param>
    /// <param name="cdfParameters">Its CDF parameters.</param>
    /// <param name="keys">Where its key would go; null if nothing is said of that.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">InvalidRequest: the parameters do not fit the template.</exception>
    public async ValueTask<ProvisionPlan> PlanAsync(
        ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? cdfParameters, KeyDirectory? keys,
        CancellationToken cancellationToken) =>
        (await ReadAsync(template, parameters, cdfParameters, keys, list: null, row: 0, cancellationToken))();

    /// <summary>Reads what the plan of a list's row depends on, which can be done for several rows at once.</summary>
    /// <param name="template">The row's template.</param>
    /// <param name="parameters">The row's parameters.</param>
    /// <param name="cdfParameters">The list's CDF parameters.</param>
    /// <param name="keys">Where keys would go; null if nothing is said of that.</param>
    /// <param name="list">The list; null for a device by itself.</param>
    /// <param name="row">The number of the row in it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Makes the plan, and has to be called in the order of the rows.</returns>
    /// <exception cref="CdfException">InvalidRequest: the parameters do not fit the template.</exception>
    public async ValueTask<Func<ProvisionPlan>> ReadAsync(
        ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? cdfParameters, KeyDirectory? keys,
        PlannedRows? list, long row, CancellationToken cancellationToken)
    {
        var device = DeviceParameters.Of(template, parameters, cdfParameters);
        var extensions = extensionsOf(template.Cdf);
        var planning = new DevicePlanning(template.Cdf, device.Cdf);
        var problems = new List<string>();
        foreach (var extension in extensions)
            await CheckAsync(problems, () => extension.PlanAsync(planning, cancellationToken));
        if (planning.Certificate is null && template.FilledParameters.Count > 0)
            planning.Certificate = new("a certificate");
        var (resources, text) = planning.Resolve(template, device.Template, extensions);

        var makesKey = template.Cdf.MakesKey(device.Cdf);
        var nameOfKey = !makesKey ? null : resources.Thing is { ThingName: var name } && text.IsKnown(name) ? name : list is null ? null : PlannedRows.NameOfKey(row);
        if (makesKey && keys is null && list is { HasKeyFile: false })
            problems.Add(NoPlaceForKey().Message);
        if (keys is not null && nameOfKey is not null && await new KeyPlace(keys, nameOfKey).FindRefusalAsync(registry, cancellationToken) is { } inTheWay)
            problems.Add(inTheWay.Message);
        var made = planning.Certificate;
        var given = ReadGiven(resources.Certificate, made, problems);
        var certificateId = made?.Id ?? given?.Certificate?.Id ?? (made is null ? resources.Certificate?.CertificateId : null);
        var there = await _registry.ReadAsync(resources, certificateId, given, cancellationToken);
        return Plan;

        ProvisionPlan Plan()
        {
            var state = there;
            if (list?.FindProblem(row, resources.Thing?.ThingName, text) is { } repeated)
                problems.Add(repeated.Message);
            if (list is not null)
                state = list.Applied(state, resources, certificateId);

            var isNewCertificate = state.Certificate is null && resources.Certificate is not null;
            if (made is { Signer: null })
                state = WithCertificate(state, made, problems);
            var decision = RegistrationDecision.Decide(resources, given, state);
            problems.AddRange(decision.Problems.Select(problem => problem.Error.Message));
            if (problems.Count == 0)
                list?.Add(row, resources, decision, certificateId, text);

            var certificate = resources.Certificate is null ? null
                : made is not null && isNewCertificate ? made.Description
                : certificateId is null ? "a certificate from the CSR" : $"certificate {certificateId}";
            return new PlanWriter(resources, decision, text, certificate, isNewCertificate).Write(
                makesKey, problems.Count == 0 && nameOfKey is not null ? keys?.FileOf(nameOfKey) : null, registry is ITransactionalRegistry ? [] : UnknownOf(template, resources), problems);
        }
    }

    /// <summary>Reads for several rows, in their order; over a network for several at once.</summary>
    public ValueTask<TResult[]> ReadAtOnceAsync<T, TResult>(IReadOnlyList<T> rows, Func<T, CancellationToken, ValueTask<TResult>> read, CancellationToken cancellationToken) =>
        registry.ReadAtOnceAsync(rows, (_, row, token) => read(row, token), cancellationToken);

    /// <summary>The rows of a list whose keys have no place to go to.</summary>
    public static CdfException NoPlaceForKey() => CdfErrorCode.InvalidRequest.Error(
        "The template makes a private key for the device, and there is no folder for it: give the row a CSR, or name a key folder (-KeyDirectory) or a key file (-KeyFile).");

    /// <summary>What comes as PEM, or will be signed by a CA that is known.</summary>
    private static GivenCertificate? ReadGiven(CertificateResource? certificate, PlannedCertificate? made, List<string> problems)
    {
        GivenCertificate? given = null;
        Check(problems, () =>
        {
            if (made is { Signer: { } signer } && certificate is not null)
                given = new(null, ReadCa(certificate), signer);
            else if (certificate is { CertificatePem: { } pem } && made is null)
                given = GivenCertificate.Read(pem, () => ReadCa(certificate));
            else if (certificate is { CertificateSigningRequest: { } csr })
                SigningRequest.Parse(csr);
        });
        return given;

        static ParsedCertificate? ReadCa(CertificateResource certificate) =>
            certificate.CACertificatePem is { } pem ? GivenCertificate.ReadCa(pem) : null;
    }

    /// <summary>The state in which an extension has registered its certificate.</summary>
    private static RegistryState WithCertificate(RegistryState state, PlannedCertificate made, List<string> problems)
    {
        if (state.Certificate is not { } registered)
            return state with { Certificate = new(made.Id, made.Status) };
        if (RegistryRules.ReuseProblem(registered.Id!, registered.IsExclusiveHere is not null) is { } problem)
            problems.Add(problem.Message);
        return state;
    }

    private static List<string> UnknownOf(ProvisioningTemplate template, ResolvedTemplate resources)
    {
        var unknown = new List<string> { "Whether AWS's quotas and the permissions of these credentials allow it, AWS alone knows." };
        if (template.AwsBody.Contains("\"Fn::", StringComparison.Ordinal))
            unknown.Add("AWS documents functions such as Fn::Join for fleet provisioning only: whether it evaluates them here, AWS alone knows.");
        if (resources.Policies.Any(policy => policy.PolicyDocument is { } document && policy.PolicyName == PolicyNameText.Of(document)))
            unknown.Add("AWS does not document which hash names a policy that has only a document.");
        return unknown;
    }

    private static void Check(List<string> problems, Action check)
    {
        try
        {
            check();
        }
        catch (CdfException e)
        {
            problems.Add(e.Message);
        }
    }

    private static async ValueTask CheckAsync(List<string> problems, Func<ValueTask> check)
    {
        try
        {
            await check();
        }
        catch (CdfException e) when (e.Code is not (CdfErrorCode.Unavailable or CdfErrorCode.Throttled or CdfErrorCode.AccessDenied))
        {
            problems.Add(e.Message);
        }
    }
}
