namespace CdfProvisioning;

/// <summary>What a connection is connected to.</summary>
/// <param name="Backend">Embedded, or AWS.</param>
/// <param name="AccountId">The AWS account that ARNs name.</param>
/// <param name="Region">The AWS region.</param>
/// <param name="Path">The embedded registry's folder.</param>
/// <param name="TemplateLocation">Where templates are kept.</param>
public sealed record ConnectionInfo(string Backend, string AccountId, string Region, string? Path, string TemplateLocation)
{
    /// <summary>Tells it from others in a sentence: the backend, and the folder or the account and region.</summary>
    public override string ToString() => $"{Backend} {Path ?? $"{AccountId} {Region}"}";
}
