using CdfProvisioning.Iot;

namespace CdfProvisioning.Local.Registry;

/// <summary>Which certificates are attached to which things. Cognito identities, which AWS has too, are not known here.</summary>
internal static class ThingPrincipals
{
    public const string Exclusive = "EXCLUSIVE_THING";
    public const string NonExclusive = "NON_EXCLUSIVE_THING";

    public static AttachThingPrincipalResponse Attach(Scope scope, AttachThingPrincipalRequest request)
    {
        var type = request.ThingPrincipalType ?? NonExclusive;
        if (type is not (Exclusive or NonExclusive))
            throw IotErrorType.InvalidRequest.Error($"thingPrincipalType '{IotNames.Shown(type)}' is neither {Exclusive} nor {NonExclusive}.");
        var thing = Things.KeyOf(scope, request.ThingName);
        Attach(scope, thing, CertificateOf(scope, request.Principal).Key, type == Exclusive);
        return new();
    }

    /// <exception cref="CdfException">InvalidRequest: an exclusive certificate would be attached to two things.</exception>
    public static void Attach(Scope scope, long thing, long certificate, bool isExclusive)
    {
        var others = scope.Session.Query(
            "SELECT name, exclusive FROM thing_principal JOIN thing ON thing.id = thing_id WHERE certificate_id = $1 AND thing_id <> $2 LIMIT 1",
            row => (Name: row.Text(0), IsExclusive: row.Boolean(1)), certificate, thing);
        if (others is [var other] && (isExclusive || other.IsExclusive))
            throw IotErrorType.InvalidRequest.Error(
                $"The certificate is attached to thing '{other.Name}', and cannot be attached to another {(other.IsExclusive ? "because it is exclusive there" : "exclusively")}: detach it first.");
        scope.Session.Execute(
            "INSERT INTO thing_principal (thing_id, certificate_id, exclusive) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET exclusive = excluded.exclusive",
            thing, certificate, isExclusive);
    }

    public static DetachThingPrincipalResponse Detach(Scope scope, DetachThingPrincipalRequest request)
    {
        var thing = Things.KeyOf(scope, request.ThingName);
        scope.Session.Execute(
            "DELETE FROM thing_principal WHERE thing_id = $1 AND certificate_id = $2", thing, CertificateOf(scope, request.Principal).Key);
        return new();
    }

    public static ListThingPrincipalsResponse ListPrincipals(Scope scope, ListThingPrincipalsRequest request)
    {
        IotNames.CheckThingName(request.ThingName);
        var thing = Things.Find(scope, request.ThingName) ?? throw IotErrorType.ResourceNotFound.Error(
            $"Failed to list principals for thing {request.ThingName} because the thing does not exist in your account");
        var (principals, nextToken) = Paging.ByToken("principals-of-thing", request.NextToken, request.MaxResults).Read(
            scope.Session, "SELECT certificate_id, fingerprint FROM thing_principal JOIN certificate ON certificate.id = certificate_id WHERE thing_id = $1",
            "certificate_id", row => scope.Arns.Certificate(Convert.ToHexStringLower(row.Blob(1))), thing.Key);
        return new(principals, nextToken);
    }

    public static ListPrincipalThingsResponse ListThings(Scope scope, ListPrincipalThingsRequest request)
    {
        var (things, nextToken) = Paging.ByToken("things-of-principal", request.NextToken, request.MaxResults).Read(
            scope.Session, "SELECT thing_id, name FROM thing_principal JOIN thing ON thing.id = thing_id WHERE certificate_id = $1",
            "thing_id", row => row.Text(1), CertificateOf(scope, request.Principal).Key);
        return new(things, nextToken);
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is not the ARN of a certificate.</exception>
    public static StoredCertificate CertificateOf(Scope scope, string principal) => scope.Arns.Find(principal, "cert") is { } id
        ? Certificates.Get(scope, id)
        : throw IotErrorType.InvalidRequest.Error(
            $"The principal '{IotNames.Shown(principal)}' is not the ARN of a certificate of this account and region ({scope.Arns.Prefix}:cert/...).");
}
