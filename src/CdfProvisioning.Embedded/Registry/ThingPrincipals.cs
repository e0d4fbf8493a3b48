using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Which certificates are attached to which things. Cognito identities, which AWS has too, are not known here.</summary>
internal static class ThingPrincipals
{
    private const string Exclusive = CertificateResource.Exclusive;
    private const string NonExclusive = CertificateResource.NonExclusive;

    private static readonly PagedSelect SelectPrincipals = new(
        "SELECT certificate_id, fingerprint, exclusive FROM thing_principal JOIN certificate ON certificate.id = certificate_id WHERE thing_id = $1 AND ($2 IS NULL OR exclusive = $2)",
        "certificate_id");

    public static AttachThingPrincipalResponse Attach(Scope scope, AttachThingPrincipalRequest request)
    {
        var isExclusive = IsExclusive(request.ThingPrincipalType) ?? false;
        Attach(scope, Things.KeyOf(scope, request.ThingName), CertificateOf(scope, request.Principal).Key, isExclusive);
        return new();
    }

    /// <exception cref="CdfException">InvalidRequest: an exclusive certificate would be attached to two things.</exception>
    public static void Attach(Scope scope, long thing, long certificate, bool isExclusive)
    {
        if (RegistryRules.ExclusivityProblem(FindElsewhere(scope, thing, certificate), isExclusive) is { } problem)
            throw problem;
        Add(scope, thing, certificate, isExclusive);
    }

    /// <summary>Attaches a certificate; whether it may be is known.</summary>
    public static void Add(Scope scope, long thing, long certificate, bool isExclusive) => scope.Session.Execute(
        "INSERT INTO thing_principal (thing_id, certificate_id, exclusive) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET exclusive = excluded.exclusive",
        thing, certificate, isExclusive);

    /// <summary>Another thing to which a certificate is attached, if there is one; where it is exclusive, there is no further.</summary>
    public static AttachedThing? FindElsewhere(Scope scope, long thing, long certificate) => scope.Session.Single(
        "SELECT name, exclusive FROM thing_principal JOIN thing ON thing.id = thing_id WHERE certificate_id = $1 AND thing_id <> $2 LIMIT 1",
        row => new AttachedThing(row.Text(0), row.Boolean(1)), certificate, thing);

    /// <summary>Whether a certificate is attached to a thing exclusively; null if it is not attached.</summary>
    public static bool? IsExclusive(Scope scope, long thing, long certificate) => scope.Session.Single(
        "SELECT exclusive FROM thing_principal WHERE thing_id = $1 AND certificate_id = $2", row => (bool?)row.Boolean(0), thing, certificate);

    public static DetachThingPrincipalResponse Detach(Scope scope, DetachThingPrincipalRequest request)
    {
        var thing = Things.KeyOf(scope, request.ThingName);
        scope.Session.Execute(
            "DELETE FROM thing_principal WHERE thing_id = $1 AND certificate_id = $2", thing, CertificateOf(scope, request.Principal).Key);
        return new();
    }

    public static ListThingPrincipalsResponse ListPrincipals(Scope scope, ListThingPrincipalsRequest request)
    {
        var (principals, nextToken) = PrincipalsOf(scope, request.ThingName, request.NextToken, request.MaxResults, type: null);
        return new([.. principals.Select(p => p.Principal!)], nextToken);
    }

    public static ListThingPrincipalsV2Response ListPrincipals(Scope scope, ListThingPrincipalsV2Request request)
    {
        var (principals, nextToken) = PrincipalsOf(scope, request.ThingName, request.NextToken, request.MaxResults, request.ThingPrincipalType);
        return new(principals, nextToken);
    }

    public static ListPrincipalThingsResponse ListThings(Scope scope, ListPrincipalThingsRequest request)
    {
        var (things, nextToken) = ThingsOf(scope, request.Principal, request.NextToken, request.MaxResults, type: null);
        return new([.. things.Select(t => t.ThingName!)], nextToken);
    }

    public static ListPrincipalThingsV2Response ListThings(Scope scope, ListPrincipalThingsV2Request request)
    {
        var (things, nextToken) = ThingsOf(scope, request.Principal, request.NextToken, request.MaxResults, request.ThingPrincipalType);
        return new(things, nextToken);
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is not the ARN of a certificate.</exception>
    public static StoredCertificate CertificateOf(Scope scope, string principal) => scope.Arns.Find(principal, "cert") is { } id
        ? Certificates.Get(scope, id)
        : throw IotErrorType.InvalidRequest.Error(
            $"The principal '{IotNames.Shown(principal)}' is not the ARN of a certificate of this account and region ({scope.Arns.Prefix}:cert/...).");

    private static (IReadOnlyList<ThingPrincipalObject> Items, string? NextToken) PrincipalsOf(
        Scope scope, string thingName, string? nextToken, int? maxResults, string? type)
    {
        IotNames.CheckThingName(thingName);
        var thing = Things.FindKey(scope, thingName) ?? throw IotErrorType.ResourceNotFound.Error(
            $"Failed to list principals for thing {thingName} because the thing does not exist in your account");
        return Paging.ByToken("principals-of-thing", nextToken, maxResults).Read(
            scope.Session, SelectPrincipals, row => new ThingPrincipalObject(scope.Arns.Certificate(Convert.ToHexStringLower(row.Blob(1))), TypeOf(row.Boolean(2))),
            thing, IsExclusive(type));
    }

    private static (IReadOnlyList<PrincipalThingObject> Items, string? NextToken) ThingsOf(
        Scope scope, string principal, string? nextToken, int? maxResults, string? type) => Paging.ByToken("things-of-principal", nextToken, maxResults).Read(
        scope.Session,
        new("SELECT thing_id, name, exclusive FROM thing_principal JOIN thing ON thing.id = thing_id WHERE certificate_id = $1 AND ($2 IS NULL OR exclusive = $2)", "thing_id"),
        row => new PrincipalThingObject(row.Text(1), TypeOf(row.Boolean(2))),
        CertificateOf(scope, principal).Key, IsExclusive(type));

    private static string TypeOf(bool isExclusive) => isExclusive ? Exclusive : NonExclusive;

    private static bool? IsExclusive(string? type) => type switch
    {
        null => null,
        Exclusive => true,
        NonExclusive => false,
        _ => throw IotErrorType.InvalidRequest.Error($"thingPrincipalType '{IotNames.Shown(type)}' is neither {Exclusive} nor {NonExclusive}."),
    };
}
