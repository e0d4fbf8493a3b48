namespace CdfProvisioning;

/// <summary>What provisioning a device would register, as <c>-WhatIf</c> and Test-CdfTemplate show it: the thing as it would be afterwards. What is not known before reads <c>(known after registration)</c>.</summary>
public sealed record ProvisionPlan
{
    /// <summary>What would become of the device.</summary>
    public PlannedOutcome Outcome { get; init; }

    /// <summary>The name of the thing; none if the template registers no thing.</summary>
    public string? ThingName { get; init; }

    /// <summary>Whether the thing exists already, so that the template's override settings decide.</summary>
    public bool ThingExists { get; init; }

    /// <summary>The thing's type.</summary>
    public string? ThingType { get; init; }

    /// <summary>The thing's attributes, name to value.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The thing groups in which the thing would be.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The billing group in which the thing would be.</summary>
    public string? BillingGroup { get; init; }

    /// <summary>Where the certificate comes from, in words; none if the template registers no certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>The status of the certificate.</summary>
    public string? CertificateStatus { get; init; }

    /// <summary>How many certificates the thing has already.</summary>
    public int CertificateCount { get; init; }

    /// <summary>The policies that the template and its CDF section attach to the certificate.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Whether a private key is made for the device.</summary>
    public bool MakesKey { get; init; }

    /// <summary>The file to which the private key would go, if one is made and a folder is named.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Each difference between what is there and what would be.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>What AWS alone knows, and may refuse.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Why it would fail.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The plan as a sentence.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (ThingName is not null)
            parts.Add($"thing '{ThingName}'{(!ThingExists ? "" : Outcome == PlannedOutcome.Same ? " (exists, and stays as it is)" : " (exists)")}");
        if (ThingExists)
        {
            parts.AddRange(Changes.Select(change => change is { Property: "Certificate", From: null } && CertificateCount > 0
                ? $"adds a further certificate to the {CertificateCount} that it has: {change.To}"
                : change.ToString()));
        }
        else
        {
            if (ThingType is not null)
                parts.Add($"of type '{ThingType}'");
            if (Attributes.Count > 0)
                parts.Add($"attributes {string.Join(", ", Attributes.Select(a => $"{a.Key}={a.Value}"))}");
            if (Groups.Count > 0)
                parts.Add($"in group {string.Join(", ", Groups.Select(g => $"'{g}'"))}");
            if (BillingGroup is not null)
                parts.Add($"in billing group '{BillingGroup}'");
        }

        if (Certificate is not null && !ThingExists)
            parts.Add($"{Certificate}, {CertificateStatus}");
        if (Policies.Count > 0 && !ThingExists)
            parts.Add($"policy {string.Join(", ", Policies.Select(p => $"'{p}'"))}");
        if (KeyFile is not null)
            parts.Add($"its key in '{KeyFile}'");
        if (Unknown.Count > 0)
            parts.Add($"not known here: {string.Join(' ', Unknown)}");
        if (Problems.Count > 0)
            parts.Add($"but this would fail: {string.Join(' ', Problems)}");
        return string.Join("; ", parts);
    }
}

/// <summary>What would become of a device.</summary>
public enum PlannedOutcome
{
    /// <summary>It would be registered for the first time.</summary>
    New,

    /// <summary>It exists, and something of it would change.</summary>
    Changed,

    /// <summary>It exists, and nothing of it would change.</summary>
    Same,

    /// <summary>It would be refused, and nothing would change.</summary>
    Bad,
}

/// <summary>A difference between what is there and what would be.</summary>
/// <param name="Property">What changes: <c>ThingType</c>, <c>Attributes.site</c>, <c>ThingGroup</c>, <c>BillingGroup</c>, <c>Certificate</c>, <c>Certificate.Status</c>, <c>Certificate.ThingPrincipalType</c>, <c>Certificate.Policy</c>, <c>Policy</c>.</param>
/// <param name="From">What is there; nothing for what is added.</param>
/// <param name="To">What would be; nothing for what is taken away.</param>
public sealed record PlannedChange(string Property, string? From, string? To)
{
    /// <summary>The change in words.</summary>
    public override string ToString() => (Property, From, To) switch
    {
        ("Certificate", null, _) => $"adds {To}",
        ("Certificate.Policy", null, _) => $"attaches policy '{To}'",
        ("Policy", null, _) => $"makes policy '{To}'",
        ("ThingGroup", null, _) => $"adds it to group '{To}'",
        ("ThingGroup", _, null) => $"removes it from group '{From}'",
        (_, null, _) => $"sets {Property} to '{To}'",
        (_, _, null) => $"removes {Property} '{From}'",
        _ => $"changes {Property} from '{From}' to '{To}'",
    };
}
