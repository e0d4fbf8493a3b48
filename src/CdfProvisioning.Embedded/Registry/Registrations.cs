using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>RegisterThing: the resources of a template for one device.</summary>
internal static class Registrations
{
    private static readonly IReadOnlyDictionary<string, string> NoParameters = new Dictionary<string, string>();

    public static async ValueTask<Registration> PrepareAsync(RegisterThingRequest request, CertificateMaker maker, CancellationToken cancellationToken)
    {
        var resources = ProvisioningTemplate.Compile(request.TemplateBody).Resolve(request.Parameters ?? NoParameters);
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

    public static RegisterThingResponse Register(Scope scope, RegisterThingRequest request, Registration registration)
    {
        var resources = registration.Resources;
        var existing = resources.Thing is { } named ? Things.Find(scope, named.ThingName) : null;
        CheckIsFirst(scope, existing);
        var arns = new Dictionary<string, string>(resources.Policies.Count + 2);
        var certificate = resources.Certificate is { } c ? Do(c.LogicalId, () => RegisterCertificate(scope, c, registration)) : null;
        if (resources.Thing is { } thing)
        {
            var key = Do(thing.LogicalId, () => RegisterThing(scope, thing, existing));
            arns.Add(thing.LogicalId, scope.Arns.Thing(thing.ThingName));
            if (certificate is not null)
                Do(thing.LogicalId, () =>
                {
                    ThingPrincipals.Attach(scope, key, certificate.Key, resources.Certificate!.ThingPrincipalType == ThingPrincipals.Exclusive);
                    return true;
                });
        }

        foreach (var policy in resources.Policies)
        {
            var key = Do(policy.LogicalId, () => RegisterPolicy(scope, policy));
            arns.Add(policy.LogicalId, scope.Arns.Policy(policy.PolicyName));
            if (certificate is not null)
                Do(policy.LogicalId, () =>
                {
                    PolicyTargets.Attach(scope, key, new(certificate.Key, IsGroup: false));
                    return true;
                });
        }

        if (certificate is null)
            return new(CertificatePem: null, arns);
        arns.Add(resources.Certificate!.LogicalId, scope.Arns.Certificate(certificate.Id));
        return new(registration.Made?.Certificate.Pem ?? registration.Given?.Certificate.Pem ?? Certificates.PemOf(scope, certificate), arns);
    }

    private static StoredCertificate RegisterCertificate(Scope scope, CertificateResource resource, Registration registration)
    {
        if (registration.Made is { } made)
            return new(Certificates.Add(scope, made.Certificate, resource.Status, caKey: null, Certificates.DefaultMode), made.Certificate.Id, resource.Status);
        if (registration.Given is not { } given)
            return Override(scope, resource, Certificates.Get(scope, resource.CertificateId!));
        return Certificates.Find(scope, given.Certificate.Fingerprint) is { } registered
            ? Override(scope, resource, registered)
            : new(Certificates.Register(scope, given, resource.Status), given.Certificate.Id, resource.Status);
    }

    /// <summary>
    /// A certificate that waits for its activation gets it: that is what a just-in-time registration is for. Of any other
    /// the template's override settings decide.
    /// </summary>
    private static StoredCertificate Override(Scope scope, CertificateResource resource, StoredCertificate certificate)
    {
        if (resource.StatusOverride == OverrideAction.Fail)
            throw Exists($"Certificate {certificate.Id}", "Status");
        if (resource.StatusOverride == OverrideAction.Replace || certificate.Status == CertificateStatus.PendingActivation)
            Certificates.SetStatus(scope, certificate, resource.Status);
        return certificate;
    }

    /// <summary>A list may register a thing that exists, but not the same thing in two of its rows.</summary>
    private static void CheckIsFirst(Scope scope, StoredThing? existing)
    {
        if (existing?.Origin is { } earlier && earlier.Task == scope.Origin?.Task)
            throw IotErrorType.ResourceAlreadyExists.Error($"Row {scope.Origin.Row} repeats thing '{existing.Name}' of row {earlier.Row}.");
    }

    private static long RegisterThing(Scope scope, ThingResource resource, StoredThing? existing)
    {
        if (existing is not null)
        {
            Override(scope, resource, existing);
            if (scope.Origin is { } origin)
                Things.SetOrigin(scope, existing.Key, origin);
            return existing.Key;
        }

        var attributes = AttributesColumn.WithoutEmpty(resource.Attributes);
        IotNames.CheckAttributeCount(attributes.Count, resource.ThingTypeName is not null);
        var (key, _) = Things.Add(scope, resource.ThingName, resource.ThingTypeName, attributes, resource.BillingGroup);
        AddToGroups(scope, key, resource.ThingGroups ?? []);
        return key;
    }

    private static void Override(Scope scope, ThingResource resource, StoredThing thing)
    {
        var attributes = AttributesColumn.WithoutEmpty(
            Overridden(resource.AttributePayloadOverride, resource.Attributes, thing.Attributes, "AttributePayload", AttributesColumn.Merge));
        var type = Overridden(resource.ThingTypeNameOverride, resource.ThingTypeName, thing.TypeName, "ThingTypeName", (_, given) => given);
        if (type != thing.TypeName || !AttributesColumn.AreEqual(attributes, thing.Attributes))
            Things.Update(scope, thing.Key, type == thing.TypeName ? thing.TypeKey : ThingTypes.KeyForNewThing(scope, type!), attributes);

        var present = ThingGroupMembers.KeysOf(scope, thing.Key);
        var groups = Overridden(resource.ThingGroupsOverride, resource.ThingGroups, null, "ThingGroups", (_, given) => given);
        if (groups is null)
            return;
        if (resource.ThingGroupsOverride == OverrideAction.Replace)
            foreach (var group in present)
                ThingGroupMembers.Remove(scope, thing.Key, group);
        AddToGroups(scope, thing.Key, groups);

        T? Overridden<T>(OverrideAction action, T? given, T? there, string property, Func<T, T, T> merge)
            where T : class => given is null ? there : action switch
            {
                OverrideAction.DoNothing => there,
                OverrideAction.Replace => given,
                OverrideAction.Merge => there is null ? given : merge(there, given),
                _ => throw Exists($"Thing {thing.Name}", property),
            };
    }

    private static void AddToGroups(Scope scope, long thing, IReadOnlyList<string> groups)
    {
        foreach (var group in groups)
            ThingGroupMembers.Add(scope, thing, ThingGroups.Get(scope, group));
    }

    /// <summary>An existing policy is used as it is, and never changed.</summary>
    private static long RegisterPolicy(Scope scope, PolicyResource resource)
    {
        if (resource.PolicyDocument is not { } document)
            return Policies.FindKey(scope, resource.PolicyName)
                ?? throw IotErrorType.ResourceNotFound.Error($"Policy '{resource.PolicyName}' does not exist: create it first, or give its document in the template.");
        if (Policies.Find(scope, resource.PolicyName) is not { } existing)
        {
            PolicyDocument.Check(document);
            return Policies.Add(scope, resource.PolicyName, document);
        }

        return existing.Document == document
            ? existing.Key
            : throw RegistryQueries.OtherDocument(resource.PolicyName);
    }

    /// <summary>AWS IoT Developer Guide, provisioning templates, names a ResourceConflictsException, which the API's model does not have: it arrives as the failure of the registration.</summary>
    private static CdfException Exists(string what, string property) =>
        IotErrorType.ResourceAlreadyExists.Error($"{what} exists already, and the override setting of {property} is FAIL (ResourceConflictsException).");

    private static T Do<T>(string logicalId, Func<T> register)
    {
        try
        {
            return register();
        }
        catch (CdfException e) when (IsOfTheResource(e))
        {
            throw Failed(logicalId, e);
        }
    }

    private static bool IsOfTheResource(CdfException e) => e.Code != CdfErrorCode.Unavailable;

    private static CdfException Failed(string logicalId, CdfException cause) =>
        IotErrorType.ResourceRegistrationFailure.Error($"Resource '{logicalId}' cannot be registered: {cause.Message}", cause);
}
