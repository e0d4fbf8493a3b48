namespace CdfProvisioning.Templates;

/// <summary>A compiled policy resource.</summary>
internal sealed record PolicyTemplate(string LogicalId, TextExpression Name, TextExpression? Document)
{
    public PolicyResource Resolve(Resolution resolution) => new(LogicalId, Name.Evaluate(resolution), Document?.Evaluate(resolution));
}
