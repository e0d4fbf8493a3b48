namespace CdfProvisioning.Templates;

/// <summary>A parameter that a template declares.</summary>
internal sealed record TemplateParameter(string Name, string? Default, int Line);
