using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Decisions;

/// <summary>The rules by which AWS IoT refuses a registration, each here and nowhere else: for registrations and for the operations that do a part of one.</summary>
internal static class RegistryRules
{
    /// <summary>AWS IoT Core quotas: the number of groups a thing can belong to.</summary>
    private const int MaxGroups = 10;

    /// <summary>AWS IoT Core quotas: policies attached to a certificate.</summary>
    private const int MaxPoliciesOfCertificate = 10;

    private static readonly Dictionary<string, string> NoAttributes = [];

    /// <summary>An attribute whose value is empty is none (AWS IoT API Reference, AttributePayload).</summary>
    public static IReadOnlyDictionary<string, string> WithoutEmpty(IReadOnlyDictionary<string, string>? attributes)
    {
        if (attributes is null)
            return NoAttributes;
        foreach (var value in attributes.Values)
            if (value.Length == 0)
                return attributes.Where(a => a.Value.Length > 0).ToDictionary();
        return attributes;
    }

    /// <summary>What is left of <paramref name="present"/> after an update that names some of the attributes.</summary>
    public static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> present, IReadOnlyDictionary<string, string> update)
    {
        var merged = new Dictionary<string, string>(present);
        foreach (var (name, value) in update)
            merged[name] = value;
        return WithoutEmpty(merged);
    }

    public static bool AreEqual(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other)
    {
        if (one.Count != other.Count)
            return false;
        foreach (var (name, value) in one)
            if (!other.TryGetValue(name, out var there) || there != value)
                return false;
        return true;
    }

    /// <summary>Why a thing cannot be given a type; null if it can.</summary>
    public static CdfException? TypeProblem(string name, ThingTypeState? type) => type switch
    {
        null => IotErrorType.ResourceNotFound.Error($"Thing type {name} not found."),
        { IsDeprecated: true } => IotErrorType.InvalidRequest.Error($"Thing type {name} is deprecated: no thing can be given it."),
        _ => null,
    };

    public static CdfException? AttributesProblem(int count, bool hasThingType) => IotNames.FindAttributeCountProblem(count, hasThingType);

    public static CdfException NoSuchGroup(string name) => IotErrorType.ResourceNotFound.Error($"Thing group '{name}' does not exist.");

    public static CdfException NoSuchBillingGroup(string name) => IotErrorType.ResourceNotFound.Error($"Billing group '{name}' does not exist.");

    /// <summary>Why a thing cannot be added to a group in which it is not; null if it can. AWS IoT Developer Guide, static thing groups: a thing cannot be in two groups of one hierarchy.</summary>
    public static CdfException? GroupProblem(IReadOnlyList<GroupState> present, GroupState group)
    {
        if (group.IsDynamic)
            return IotErrorType.InvalidRequest.Error($"Thing group '{group.Name}' is dynamic: its query alone says which things are in it.");
        if (present.Count >= MaxGroups)
            return IotErrorType.InvalidRequest.Error($"The thing is in {MaxGroups} groups already, and may not be in more: it cannot be added to '{group.Name}'.");
        foreach (var other in present)
            if (other.Root == group.Root)
                return IotErrorType.InvalidRequest.Error(
                    $"The thing is in group '{other.Name}', which is in the same hierarchy as '{group.Name}': it can be in one group of each hierarchy.");
        return null;
    }

    /// <summary>Why a certificate cannot be attached to one more thing; null if it can.</summary>
    public static CdfException? ExclusivityProblem(AttachedThing? elsewhere, bool isExclusive) => elsewhere is not null && (isExclusive || elsewhere.IsExclusive)
        ? IotErrorType.InvalidRequest.Error(
            $"The certificate is attached to thing '{elsewhere.ThingName}', and cannot be attached to another {(elsewhere.IsExclusive ? "because it is exclusive there" : "exclusively")}: detach it first.")
        : null;

    /// <summary>Why the status of a certificate cannot be changed; null if it can. Revoking is final (AWS IoT Developer Guide, revoking a certificate).</summary>
    public static CdfException? StatusProblem(string? certificateId, string present, string wanted) => present == CertificateStatus.Revoked && wanted != present
        ? IotErrorType.CertificateState.Error($"Certificate {certificateId} is REVOKED, which is final: it cannot be set to {wanted}.")
        : null;

    /// <summary>Why a certificate that an extension wants to register cannot be used if it is registered already; null if it is this device's own.</summary>
    public static CdfException? ReuseProblem(string certificateId, bool isAttachedHere) => isAttachedHere
        ? null
        : IotErrorType.ResourceAlreadyExists.Error($"Certificate {certificateId} is registered already, and is not this thing's.");

    /// <summary>Why a certificate cannot have one more policy attached; null if it can.</summary>
    public static CdfException? PolicyCountProblem(int attached) => attached >= MaxPoliciesOfCertificate
        ? IotErrorType.LimitExceeded.Error($"The certificate has {MaxPoliciesOfCertificate} policies attached already, and may not have more.")
        : null;

    /// <summary>Why a policy that exists cannot be used in the place of a document; null if it can.</summary>
    public static CdfException? DocumentProblem(string policyName, string? present, string wanted) => present == wanted
        ? null
        : IotErrorType.ResourceAlreadyExists.Error(
            $"Policy '{policyName}' exists already with another document: give the template's policy another name, or leave out its document to use the one there is.");

    public static CdfException NoSuchPolicy(string policyName) => IotErrorType.ResourceNotFound.Error(
        $"Policy '{policyName}' does not exist: create it first, or give its document in the template.");

    /// <summary>AWS IoT Developer Guide, provisioning templates, names a ResourceConflictsException, which the API's model does not have: it arrives as the failure of the registration.</summary>
    public static CdfException MustNotExist(string what, string property) =>
        IotErrorType.ResourceAlreadyExists.Error($"{what} exists already, and the override setting of {property} is FAIL (ResourceConflictsException).");

    /// <summary>A list may register a thing that exists, but not the same thing in two of its rows.</summary>
    public static CdfException Repeated(long row, string? thingName, long earlierRow) =>
        IotErrorType.ResourceAlreadyExists.Error($"Row {row} repeats thing '{thingName}' of row {earlierRow}.");

    /// <summary>The registered CA that signed a certificate: the one that was given with it, else the one of its issuer's name.</summary>
    /// <returns>The CA, or why there is none: CertificateValidation (it is not registered, or inactive) or Conflict (there are several, and none was given).</returns>
    public static (CaState? Issuer, CdfException? Problem) IssuerOf(GivenCertificate given, IReadOnlyList<CaState> cas)
    {
        if (given.CaCertificate is { } caCertificate && cas.Count == 0)
            return (null, IotErrorType.CertificateValidation.Error(
                $"The CA certificate '{caCertificate.Subject}' ({caCertificate.Id}) is not registered: register it first (New-CdfCertificateAuthority, or RegisterCACertificate)."));
        CaState? issuer = null;
        var count = 0;
        try
        {
            foreach (var ca in cas)
                if (given.Issuer.Equals(ca.Certificate.Subject) && given.IsSignedBy(ca.Certificate))
                    (issuer, count) = (ca, count + 1);
        }
        catch (CdfException e)
        {
            return (null, e);
        }

        var problem = issuer switch
        {
            null when given.CaCertificate is { } other => IotErrorType.CertificateValidation.Error($"{given} was not signed by the given CA '{other.Subject}'."),
            null => IotErrorType.CertificateValidation.Error(
                $"No registered CA has signed {Lower(given)}: register its issuer '{given.Issuer}' first (New-CdfCertificateAuthority, or RegisterCACertificate)."),
            _ when count > 1 => IotErrorType.CertificateConflict.Error(
                $"{count} registered CAs with the subject '{given.Issuer}' and the same key could have signed the certificate: say which one by giving its certificate."),
            { Status: CertificateStatus.Active } => null,
            _ => IotErrorType.CertificateValidation.Error($"CA certificate {issuer.Id}, which signed {Lower(given)}, is {issuer.Status}: activate it first."),
        };
        return (problem is null ? issuer : null, problem);

        static string Lower(GivenCertificate given) => "t" + given.ToString()[1..];
    }
}
