using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>A RegisterThing whose template is resolved and whose certificate is read, or made from its CSR.</summary>
internal sealed record Registration(ResolvedTemplate Resources, GivenCertificate? Given, MadeCertificate? Made)
{
    /// <summary>The thing's attributes if it is new, as their column has them.</summary>
    public string? NewAttributes { get; } = AttributesColumn.Write(RegistryRules.WithoutEmpty(Resources.Thing?.Attributes));
}
