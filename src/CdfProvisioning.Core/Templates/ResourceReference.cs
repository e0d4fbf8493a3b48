namespace CdfProvisioning.Templates;

/// <summary>What a Ref to a resource of the template yields: its name, or null if that is wrong, which is then among the problems.</summary>
internal sealed record ResourceReference(TextExpression? Name);
