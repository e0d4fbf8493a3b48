namespace CdfProvisioning.Templates;

/// <summary>A template's Resources section, compiled.</summary>
/// <param name="Thing">The thing, if the template has one.</param>
/// <param name="Certificate">The certificate, if the template has one.</param>
/// <param name="Policies">The policies.</param>
/// <param name="DeviceConfiguration">What the device gets back.</param>
/// <param name="UsedParameters">The parameters that the resources refer to.</param>
/// <param name="Count">How many resources there are.</param>
internal sealed record CompiledResources(
    ThingTemplate? Thing, CertificateTemplate? Certificate, IReadOnlyList<PolicyTemplate> Policies, IReadOnlyDictionary<string, TextExpression> DeviceConfiguration,
    IReadOnlySet<string> UsedParameters, int Count);
