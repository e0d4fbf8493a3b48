namespace CdfProvisioning.Templates;

/// <summary>A table of a template's Mappings section: values by top-level key and second-level key.</summary>
internal sealed record TemplateMapping(string Name, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Values);
