namespace CdfProvisioning.Templates;

/// <summary>A provisioning template as it is stored.</summary>
/// <param name="TemplateId">The id by which provisioning requests name it.</param>
/// <param name="Body">The JSON text, with its CDF section.</param>
/// <param name="LastModified">When it was last written.</param>
public sealed record StoredTemplate(string TemplateId, string Body, DateTimeOffset LastModified);
