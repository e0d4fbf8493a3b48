using CdfProvisioning.Certificates;

namespace CdfProvisioning.Provisioning.Decisions;

/// <summary>What a registry has of one registration: all that has to be known to decide it. A key is the registry's own for what is there, if it has any.</summary>
internal readonly record struct RegistryState
{
    public RegistryState()
    {
    }

    /// <summary>The thing, if it exists.</summary>
    public ThingState? Thing { get; init; }

    /// <summary>The certificate, if it is registered.</summary>
    public CertificateState? Certificate { get; init; }

    /// <summary>The registered CAs of which one may have signed a certificate that is not registered: the one that was given with it, or those of its issuer's name.</summary>
    public IReadOnlyList<CaState> Cas { get; init; } = [];

    /// <summary>The type that the template names, if it exists.</summary>
    public ThingTypeState? ThingType { get; init; }

    /// <summary>The billing group that the template names, if it exists.</summary>
    public BillingGroupState? BillingGroup { get; init; }

    /// <summary>The groups that the template names, in its order; null for each that does not exist.</summary>
    public IReadOnlyList<GroupState?> Groups { get; init; } = [];

    /// <summary>The policies that the template names, in its order; null for each that does not exist.</summary>
    public IReadOnlyList<PolicyState?> Policies { get; init; } = [];

    /// <summary>The same of the names that policies have where theirs is taken (<see cref="Templates.PolicyResource.NameIfTaken"/>), if there are any.</summary>
    public IReadOnlyList<PolicyState?> PoliciesIfTaken { get; init; } = [];
}

/// <summary>A thing.</summary>
/// <param name="TypeName">Its type.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="BillingGroupName">Its billing group.</param>
/// <param name="Groups">The groups in which it is; those in which a query puts it are not among them.</param>
/// <param name="Key">The registry's key.</param>
internal sealed record ThingState(
    string? TypeName, IReadOnlyDictionary<string, string> Attributes, string? BillingGroupName, IReadOnlyList<GroupState> Groups, long Key = 0)
{
    /// <summary>The ids of the certificates attached to it, where somebody wants to see them.</summary>
    public IReadOnlyList<string> CertificateIds { get; init; } = [];
}

/// <summary>A registered certificate.</summary>
/// <param name="Id">Its id; null while it is not known, because the certificate is still to be made.</param>
/// <param name="Status">Its status.</param>
/// <param name="Key">The registry's key.</param>
internal sealed record CertificateState(string? Id, string Status, long Key = 0)
{
    /// <summary>Whether it is attached to the thing of the registration, exclusively or not; null if it is not.</summary>
    public bool? IsExclusiveHere { get; init; }

    /// <summary>Another thing to which it is attached: the one where it is exclusive, if there is such a one.</summary>
    public AttachedThing? Elsewhere { get; init; }

    /// <summary>The policies attached to it, which of those that the template names have to be among them.</summary>
    public IReadOnlyCollection<string> PolicyNames { get; init; } = [];
}

/// <summary>A thing to which a certificate is attached.</summary>
internal sealed record AttachedThing(string ThingName, bool IsExclusive);

/// <summary>A registered CA.</summary>
internal sealed record CaState(string Id, string Status, string Mode, ParsedCertificate Certificate, long Key = 0);

/// <summary>A thing type.</summary>
internal sealed record ThingTypeState(bool IsDeprecated, long Key = 0);

/// <summary>A billing group.</summary>
internal sealed record BillingGroupState(long Key = 0);

/// <summary>A thing group.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Root">The group at the top of its hierarchy, which may be itself; not needed where it is the only group.</param>
/// <param name="Key">The registry's key.</param>
/// <param name="IsDynamic">Whether a query says which things are in it.</param>
internal sealed record GroupState(string Name, string? Root, long Key = 0, bool IsDynamic = false);

/// <summary>A policy.</summary>
/// <param name="Document">The document of its default version; not needed where the template gives none.</param>
/// <param name="Key">The registry's key.</param>
internal sealed record PolicyState(string? Document, long Key = 0);
