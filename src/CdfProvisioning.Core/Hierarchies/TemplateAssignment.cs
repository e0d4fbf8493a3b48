namespace CdfProvisioning.Hierarchies;

/// <summary>A template's assignment to a place in a hierarchy.</summary>
/// <param name="TemplateId">The template that applies there.</param>
/// <param name="GroupPath">The paths of groups, such as /europe/factory-7: it applies to a device that is, for each of them, in that group or in one below it.</param>
public sealed record TemplateAssignment(string TemplateId, IReadOnlyList<string> GroupPath)
{
    /// <summary>The same template for the same groups.</summary>
    /// <param name="other">The other assignment.</param>
    public bool Equals(TemplateAssignment? other) => other is not null && TemplateId == other.TemplateId && GroupPath.SequenceEqual(other.GroupPath);

    /// <inheritdoc/>
    public override int GetHashCode() => GroupPath.Aggregate(TemplateId.GetHashCode(StringComparison.Ordinal), HashCode.Combine);

    /// <summary>The template, and where it applies.</summary>
    public override string ToString() => $"{TemplateId} at {string.Join(" and ", GroupPath)}";
}
