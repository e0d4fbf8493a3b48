using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>RegisterThing: the resources of a template for one device.</summary>
internal static class Registrations
{
    private static readonly IReadOnlyDictionary<string, string> NoParameters = new Dictionary<string, string>();

    public static ValueTask<Registration> PrepareAsync(RegisterThingRequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        PrepareAsync(ProvisioningTemplate.Compile(request.TemplateBody).Resolve(request.Parameters ?? NoParameters), maker, cancellationToken);

    public static ValueTask<Registration> PrepareAsync(ResolvedRegistration request, CertificateMaker maker, CancellationToken cancellationToken) =>
        PrepareAsync(request.Resources, maker, cancellationToken);

    private static async ValueTask<Registration> PrepareAsync(ResolvedTemplate resources, CertificateMaker maker, CancellationToken cancellationToken)
    {
        try
        {
            return resources.Certificate switch
            {
                { CertificateSigningRequest: { } csr } => new(resources, Given: null, await maker.CreateFromCsrAsync(csr, cancellationToken)),
                { CertificatePem: { } pem } certificate => new(resources, maker.Read(pem, certificate.CACertificatePem), Made: null),
                _ => new(resources, Given: null, Made: null),
            };
        }
        catch (CdfException e) when (IsOfTheResource(e))
        {
            throw Failed(resources.Certificate!.LogicalId, e);
        }
    }

    public static RegisterThingResponse Register(Scope scope, IIotRequest<RegisterThingResponse> request, Registration registration)
    {
        var resources = registration.Resources;
        var existing = resources.Thing is { } named ? Things.Find(scope, named.ThingName) : null;
        CheckIsFirst(scope, existing);
        var state = RegistrationReader.Read(scope, registration, existing);
        var decision = RegistrationDecision.Decide(resources, registration.Given, state);
        return decision.Problems is [var problem, ..] ? throw Failed(problem.LogicalId, problem.Error) : Apply(scope, registration, decision, state);
    }

    private static RegisterThingResponse Apply(Scope scope, Registration registration, RegistrationDecision decision, in RegistryState state)
    {
        var resources = registration.Resources;
        var arns = new Dictionary<string, string>(resources.Policies.Count + 2);
        var certificate = decision.Certificate is { } change ? Apply(scope, registration, change) : (long?)null;
        if (decision.Thing is { } thing)
        {
            var key = Apply(scope, registration, thing, state);
            arns.Add(resources.Thing!.LogicalId, scope.Arns.Thing(resources.Thing.ThingName));
            if (decision.Certificate is { IsAttachedAnew: true } attached)
                ThingPrincipals.Add(scope, key, certificate!.Value, attached.IsExclusive);
        }

        Apply(scope, resources.Policies, decision.Policies, certificate, arns);
        if (certificate is null)
            return new(CertificatePem: null, arns);
        var parsed = registration.Made?.Certificate ?? registration.Given?.Certificate;
        arns.Add(resources.Certificate!.LogicalId, scope.Arns.Certificate(parsed?.Id ?? state.Certificate!.Id!));
        return new(parsed?.Pem ?? Certificates.PemOf(scope, certificate.Value), arns);
    }

    private static long Apply(Scope scope, Registration registration, CertificateChange change)
    {
        if (change.Before is not { } existing)
            return Certificates.Add(
                scope, registration.Made?.Certificate ?? registration.Given!.Certificate!, change.Status, change.Issuer?.Key, change.Issuer?.Mode ?? Certificates.DefaultMode);
        if (change.StatusChanges)
            Certificates.WriteStatus(scope, existing.Key, change.Status);
        return existing.Key;
    }

    private static long Apply(Scope scope, Registration registration, ThingChange change, in RegistryState state)
    {
        var typeKey = change.TypeName is null ? null : state.ThingType?.Key;
        long key;
        if (change.Before is null)
        {
            (key, _) = Things.Insert(scope, registration.Resources.Thing!.ThingName, typeKey, registration.NewAttributes, state.BillingGroup?.Key);
        }
        else
        {
            key = change.Before.Key;
            if (change.IsUpdated)
                Things.Write(scope, key, change.TypeChanges, typeKey, change.Attributes);
            if (scope.Origin is { } origin)
                Things.SetOrigin(scope, key, origin);
        }

        foreach (var group in change.RemovedGroups)
            ThingGroupMembers.Remove(scope, key, group.Key);
        foreach (var group in change.AddedGroups)
            ThingGroupMembers.Insert(scope, key, group.Key);
        return key;
    }

    private static void Apply(Scope scope, IReadOnlyList<PolicyResource> resources, PolicyChange[] changes, long? certificate, Dictionary<string, string> arns)
    {
        var keys = changes.Length == 0 ? [] : new long[changes.Length];
        for (var i = 0; i < changes.Length; i++)
        {
            var change = changes[i];
            keys[i] = change.First is { } first ? keys[first] : change.Existing?.Key ?? Policies.Add(scope, change.Name, change.Document!);
            if (change.IsAttachedAnew)
                PolicyTargets.Insert(scope, keys[i], certificate!.Value);
            // What the template generates is listed: a policy that it only names is not (awscli examples, iot register-thing).
            if (resources[i].PolicyDocument is not null)
                arns.Add(resources[i].LogicalId, scope.Arns.Policy(change.Name));
        }
    }

    private static void CheckIsFirst(Scope scope, StoredThing? existing)
    {
        if (existing?.Origin is { } earlier && earlier.Task == scope.Origin?.Task)
            throw RegistryRules.Repeated(scope.Origin.Row, existing.Name, earlier.Row);
    }

    private static bool IsOfTheResource(CdfException e) => e.Code != CdfErrorCode.Unavailable;

    private static CdfException Failed(string logicalId, CdfException cause) =>
        IotErrorType.ResourceRegistrationFailure.Error($"Resource '{logicalId}' cannot be registered: {cause.Message}", cause);
}
