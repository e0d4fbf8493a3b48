using System.Text;

namespace CdfProvisioning;

/// <summary>What provisioning a device would register, as <c>-WhatIf</c> shows it.</summary>
public sealed record ProvisionPlan
{
    /// <summary>The name of the thing.</summary>
    public string? ThingName { get; init; }

    /// <summary>One line for each resource: its logical id and what it would be.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>The plan as text of several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("thing '").Append(ThingName).Append('\'');
        foreach (var resource in Resources)
            text.Append("; ").Append(resource);
        return text.ToString();
    }
}
