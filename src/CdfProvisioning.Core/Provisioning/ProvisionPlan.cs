namespace CdfProvisioning;

/// <summary>What provisioning a device would register, as <c>-WhatIf</c> and Test-CdfTemplate show it: the thing as it would be afterwards.</summary>
public sealed record ProvisionPlan
{
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

    /// <summary>The policies that would be attached to the certificate.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Why it would fail.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The plan as a sentence.</summary>
    public override string ToString()
    {
        var parts = new List<string> { $"thing '{ThingName}'{(ThingExists ? " (exists)" : "")}" };
        if (ThingType is not null)
            parts.Add($"of type '{ThingType}'");
        if (Attributes.Count > 0)
            parts.Add($"attributes {string.Join(", ", Attributes.Select(a => $"{a.Key}={a.Value}"))}");
        if (Groups.Count > 0)
            parts.Add($"in group {string.Join(", ", Groups.Select(g => $"'{g}'"))}");
        if (BillingGroup is not null)
            parts.Add($"in billing group '{BillingGroup}'");
        if (Certificate is not null)
            parts.Add($"{Certificate}, {CertificateStatus}");
        if (Policies.Count > 0)
            parts.Add($"policy {string.Join(", ", Policies.Select(p => $"'{p}'"))}");
        if (Problems.Count > 0)
            parts.Add($"but this would fail: {string.Join(' ', Problems)}");
        return string.Join("; ", parts);
    }
}
