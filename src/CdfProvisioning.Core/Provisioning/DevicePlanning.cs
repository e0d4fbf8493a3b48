using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>One device in a plan: what its extensions would fill in and make.</summary>
internal sealed class DevicePlanning
{
    private readonly Dictionary<string, PlannedValue> _filled = [];

    public DevicePlanning(CdfSection cdf, CdfProvisioningParameters given)
    {
        CdfParameters = given;
        foreach (var name in cdf.FilledParameters)
            _filled[name] = NotYetKnown.InPlaceOf(name);
    }

    public CdfProvisioningParameters CdfParameters { get; }

    /// <summary>The certificate that an extension makes or registers.</summary>
    public PlannedCertificate? Certificate { get; set; }

    public void Fill(string parameter, PlannedValue value) => _filled[parameter] = value;

    /// <summary>The resources with what an extension fills in, and how to show what is not known of them.</summary>
    /// <exception cref="CdfException">As from <see cref="ProvisioningTemplate.Resolve"/>.</exception>
    public (ResolvedTemplate Resources, PlanText Text) Resolve(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, IReadOnlyList<Extensions.IProvisioningExtension> extensions)
    {
        var resources = Resolve(value => value.One);
        return _filled.Count == 0 ? (resources, PlanText.Known) : (resources, new PlanText(resources, Resolve(value => value.Other), [.. _filled.Values]));

        ResolvedTemplate Resolve(Func<PlannedValue, string> choose)
        {
            if (_filled.Count == 0)
                return WithPolicies(template.Resolve(parameters));
            var all = new Dictionary<string, string>(parameters);
            foreach (var (name, value) in _filled)
                all[name] = choose(value);
            return WithPolicies(template.Resolve(all));
        }

        ResolvedTemplate WithPolicies(ResolvedTemplate resolved) => extensions.Count == 0
            ? resolved
            : resolved with { Policies = [.. resolved.Policies, .. extensions.SelectMany(e => e.PoliciesOf(resolved.Thing?.ThingName))] };
    }
}

/// <summary>A certificate that an extension makes or registers for a device.</summary>
/// <param name="Description">Where it comes from, in words.</param>
internal sealed record PlannedCertificate(string Description)
{
    /// <summary>Its id, where it is known before.</summary>
    public string? Id { get; init; }

    /// <summary>The status with which the extension registers it.</summary>
    public string Status { get; init; } = CertificateStatus.Active;

    /// <summary>The CA that signs it, if the extension leaves it to the template to register it.</summary>
    public ParsedCertificate? Signer { get; init; }
}
