using System.Collections.Concurrent;

namespace CdfProvisioning.Templates;

/// <summary>A provisioning template, checked and compiled: resolving it for one device takes microseconds.</summary>
internal sealed class ProvisioningTemplate
{
    private const int MaxCached = 64;

    private static readonly ConcurrentDictionary<string, ProvisioningTemplate> Cache = new();

    /// <summary>What was asked for last, which the rows of a list ask for with the same string: no hashing of its text.</summary>
    private static volatile Recent? _recent;

    private readonly CompiledResources _resources;
    private readonly ThingTemplate? _thing;
    private readonly CertificateTemplate? _certificate;
    private readonly IReadOnlyList<PolicyTemplate> _policies;
    private readonly IReadOnlyDictionary<string, TextExpression> _deviceConfiguration;
    private readonly int _resourceCount;

    internal ProvisioningTemplate(string body, string awsBody, CompiledResources resources, IReadOnlyList<TemplateParameter> parameters, CdfSection cdf,
        IReadOnlyList<TemplateReference> references)
    {
        Body = body;
        AwsBody = awsBody;
        Parameters = parameters;
        Cdf = cdf;
        References = references;
        UsedParameters = resources.UsedParameters;
        FilledParameters = cdf.FilledParameters;
        IsThingNameFilledIn = resources.Thing?.Name.Uses(FilledParameters) ?? false;
        RequiredParameters = [.. parameters
            .Where(p => p.Default is null && resources.UsedParameters.Contains(p.Name) && !FilledParameters.Contains(p.Name))
            .Select(p => p.Name)];
        _resources = resources;
        _thing = resources.Thing;
        _certificate = resources.Certificate;
        _policies = resources.Policies;
        _deviceConfiguration = resources.DeviceConfiguration;
        _resourceCount = resources.Count;
    }

    /// <summary>A key and a certificate of a CA whose key is here, and nothing that is registered: the device does that itself later.</summary>
    public static ProvisioningTemplate CertificateAlone { get; } = new(
        "{}", "{}", new(Thing: null, Certificate: null, [], new Dictionary<string, TextExpression>(), new HashSet<string>(), Count: 0), [],
        CdfSection.None with { CreateDeviceCertificate = true }, []);

    /// <summary>The JSON text, with its CDF section.</summary>
    public string Body { get; }

    /// <summary>The JSON text that AWS IoT may see: without the CDF section, otherwise as it is.</summary>
    public string AwsBody { get; }

    /// <summary>The declared parameters.</summary>
    public IReadOnlyList<TemplateParameter> Parameters { get; }

    /// <summary>The parameters that the CDF extensions fill in.</summary>
    public IReadOnlyList<string> FilledParameters { get; }

    /// <summary>Whether the thing's name depends on what a CDF extension fills in, so that it is only known then.</summary>
    public bool IsThingNameFilledIn { get; }

    /// <summary>The parameters that every device must bring: used, without default, and not filled in by a CDF extension.</summary>
    public IReadOnlyList<string> RequiredParameters { get; }

    /// <summary>The parameters that the resources refer to.</summary>
    public IReadOnlySet<string> UsedParameters { get; }

    /// <summary>The CDF section.</summary>
    public CdfSection Cdf { get; }

    /// <summary>Whether there is anything to register.</summary>
    public bool HasResources => _resourceCount > 0;

    /// <summary>What the template takes to be in the registry.</summary>
    public IReadOnlyList<TemplateReference> References { get; }

    /// <exception cref="CdfException">InvalidTemplate, listing every error with line, column and JSON path.</exception>
    public static ProvisioningTemplate Compile(string body)
    {
        if (_recent is { } last && ReferenceEquals(last.Body, body))
            return last.Template;
        if (!Cache.TryGetValue(body, out var template))
        {
            var problems = new TemplateProblems();
            template = TemplateCompiler.Compile(body, problems);
            problems.ThrowIfErrors();
            if (Cache.Count >= MaxCached)
                Cache.Clear();
            template = Cache.GetOrAdd(body, template!);
        }

        _recent = new(body, template);
        return template;
    }

    /// <summary>Everything that is wrong with a template, in the order of the text.</summary>
    public static IReadOnlyList<TemplateProblem> Validate(string body)
    {
        var problems = new TemplateProblems();
        TemplateCompiler.Compile(body, problems);
        return problems.InOrder();
    }

    /// <summary>The same template, whose certificate gets what the one that it replaces has.</summary>
    public ProvisioningTemplate CopyingAttachments() =>
        new(Body, AwsBody, _resources, Parameters, Cdf with { CopiesAttachments = true }, References);

    /// <summary>The same template, whose thing comes into its billing group also if it exists.</summary>
    public ProvisioningTemplate SettingBillingGroup() => _thing?.BillingGroup is null
        ? this
        : new(Body, AwsBody, _resources with { Thing = _thing with { OverridesBillingGroup = true } }, Parameters, Cdf with { SetsBillingGroup = true }, References);

    /// <summary>The resources for one device. Parameters that the template does not declare are no concern of it.</summary>
    /// <exception cref="CdfException">InvalidRequest, naming the resource, the parameter or value, and line and column.</exception>
    public ResolvedTemplate Resolve(IReadOnlyDictionary<string, string> parameters)
    {
        var resolution = new Resolution(parameters, _resourceCount);
        var thing = _thing?.Resolve(resolution);
        var certificate = _certificate?.Resolve(resolution);
        var policies = _policies.Count == 0 ? [] : new PolicyResource[_policies.Count];
        for (var i = 0; i < policies.Length; i++)
            policies[i] = _policies[i].Resolve(resolution);
        return new(thing, certificate, policies);
    }

    /// <summary>The thing's name alone.</summary>
    /// <exception cref="CdfException">As from <see cref="Resolve"/>.</exception>
    public string? ResolveThingName(IReadOnlyDictionary<string, string> parameters) => _thing?.Name.Evaluate(new(parameters, _resourceCount));

    /// <summary>The thing's name alone, however wrong the rest may be.</summary>
    /// <returns>Null if it cannot be known, or is not known before an extension has filled in what it depends on.</returns>
    public string? FindThingName(IReadOnlyDictionary<string, string> parameters)
    {
        try
        {
            return IsThingNameFilledIn ? null : ResolveThingName(parameters);
        }
        catch (CdfException)
        {
            return null;
        }
    }

    /// <summary>What fleet provisioning gives back to the device.</summary>
    /// <exception cref="CdfException">As from <see cref="Resolve"/>.</exception>
    public IReadOnlyDictionary<string, string> ResolveDeviceConfiguration(IReadOnlyDictionary<string, string> parameters)
    {
        var resolution = new Resolution(parameters, _resourceCount);
        return _deviceConfiguration.ToDictionary(v => v.Key, v => v.Value.Evaluate(resolution));
    }

    private sealed record Recent(string Body, ProvisioningTemplate Template);
}
