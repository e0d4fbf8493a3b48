using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Device certificates.</summary>
internal static class Certificates
{
    public const string DefaultMode = "DEFAULT";
    public const string SniOnlyMode = "SNI_ONLY";

    public static ValueTask<MadeCertificate> PrepareAsync(CreateKeysAndCertificateRequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        maker.CreateKeysAsync(cancellationToken);

    public static ValueTask<MadeCertificate> PrepareAsync(CreateCertificateFromCsrRequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        maker.CreateFromCsrAsync(request.CertificateSigningRequest, cancellationToken);

    public static ValueTask<GivenCertificate> PrepareAsync(RegisterCertificateRequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        new(maker.Read(request.CertificatePem, request.CaCertificatePem));

    public static ValueTask<GivenCertificate> PrepareAsync(RegisterCertificateWithoutCARequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        new(maker.Read(request.CertificatePem, caCertificatePem: null));

    public static CreateKeysAndCertificateResponse Create(Scope scope, CreateKeysAndCertificateRequest request, MadeCertificate made)
    {
        Add(scope, made.Certificate, StatusOf(request.SetAsActive), caKey: null, DefaultMode);
        var id = made.Certificate.Id;
        return new(scope.Arns.Certificate(id), id, made.Certificate.Pem, new(made.Key!.PublicKeyPem, made.Key.PrivateKeyPem));
    }

    public static CreateCertificateFromCsrResponse Create(Scope scope, CreateCertificateFromCsrRequest request, MadeCertificate made)
    {
        Add(scope, made.Certificate, StatusOf(request.SetAsActive), caKey: null, DefaultMode);
        return new(scope.Arns.Certificate(made.Certificate.Id), made.Certificate.Id, made.Certificate.Pem);
    }

    public static RegisterCertificateResponse Register(Scope scope, RegisterCertificateRequest request, GivenCertificate given)
    {
        var certificate = given.Certificate!;
        CheckIsNew(scope, certificate);
        var (issuer, problem) = RegistryRules.IssuerOf(given, CaCertificates.PossibleIssuersOf(scope, given));
        if (problem is not null)
            throw problem;
        Add(scope, certificate, RegistrationStatus(request.Status, request.SetAsActive), issuer!.Key, issuer.Mode);
        return new(scope.Arns.Certificate(certificate.Id), certificate.Id);
    }

    public static RegisterCertificateWithoutCAResponse Register(Scope scope, RegisterCertificateWithoutCARequest request, GivenCertificate given)
    {
        var certificate = given.Certificate!;
        CheckIsNew(scope, certificate);
        Add(scope, certificate, RegistrationStatus(request.Status, setAsActive: null), caKey: null, SniOnlyMode);
        return new(scope.Arns.Certificate(certificate.Id), certificate.Id);
    }

    public static long Add(Scope scope, ParsedCertificate certificate, string status, long? caKey, string mode)
    {
        scope.Session.Execute(
            "INSERT INTO certificate (fingerprint, der, status, ca_id, mode, created_at, modified_at, customer_version, not_after) VALUES ($1, $2, $3, $4, $5, $6, $6, 1, $7)",
            certificate.Fingerprint, certificate.Der, status, caKey, mode, scope.Now, certificate.NotAfter);
        return scope.Session.LastInsertId;
    }

    public static DescribeCertificateResponse Describe(Scope scope, DescribeCertificateRequest request)
    {
        var fingerprint = Fingerprint(request.CertificateId);
        var certificate = scope.Session.Single(
            """
            SELECT certificate.id, certificate.status, certificate.created_at, certificate.modified_at, certificate.customer_version, certificate.mode,
                   ca_certificate.fingerprint, certificate.der
            FROM certificate LEFT JOIN ca_certificate ON ca_certificate.id = certificate.ca_id WHERE certificate.fingerprint = $1
            """,
            row =>
            {
                var described = Description(scope, row, fingerprint);
                scope.LastRead?.Certificate = new(row.Int64(0), described.CertificateId!, row.Text(1));
                return described;
            },
            fingerprint);
        return new(certificate ?? throw NotFound(request.CertificateId));
    }

    public static ListCertificatesResponse List(Scope scope, ListCertificatesRequest request)
    {
        var (certificates, nextMarker) = Paging.ByMarker("certificates", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, new($"{SelectListed} WHERE TRUE", "id"), row => Listed(scope, row));
        return new(certificates, nextMarker);
    }

    /// <summary>AWS documents no error for a CA that is not registered: it has no certificates.</summary>
    public static ListCertificatesByCAResponse ListByCA(Scope scope, ListCertificatesByCARequest request)
    {
        var (certificates, nextMarker) = Paging.ByMarker("certificates-by-ca", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, new($"{SelectListed} WHERE ca_id = (SELECT id FROM ca_certificate WHERE fingerprint = $1)", "id"),
            row => Listed(scope, row), Fingerprint(request.CaCertificateId));
        return new(certificates, nextMarker);
    }

    public static UpdateCertificateResponse Update(Scope scope, UpdateCertificateRequest request)
    {
        if (!CertificateStatus.Settable.Contains(request.NewStatus))
            throw IotErrorType.InvalidRequest.Error(
                $"A certificate's status cannot be set to '{IotNames.Shown(request.NewStatus)}': use {string.Join(", ", CertificateStatus.Settable)}.");
        SetStatus(scope, Get(scope, request.CertificateId), request.NewStatus);
        return new();
    }

    /// <exception cref="CdfException">Conflict: it is revoked, which is final (AWS IoT Developer Guide, revoking a certificate).</exception>
    private static void SetStatus(Scope scope, StoredCertificate certificate, string status)
    {
        if (certificate.Status == status)
            return;
        if (RegistryRules.StatusProblem(certificate.Id, certificate.Status, status) is { } problem)
            throw problem;
        WriteStatus(scope, certificate.Key, status);
    }

    /// <summary>Gives a certificate another status; whether it may have it is known.</summary>
    public static void WriteStatus(Scope scope, long key, string status) => scope.Session.Execute(
        "UPDATE certificate SET status = $2, modified_at = $3, customer_version = customer_version + 1 WHERE id = $1", key, status, scope.Now);

    public static DeleteCertificateResponse Delete(Scope scope, DeleteCertificateRequest request)
    {
        var certificate = Get(scope, request.CertificateId);
        if (certificate.Status == CertificateStatus.Active)
            throw IotErrorType.CertificateState.Error($"Certificate must be deactivated (not ACTIVE) before deletion. Id: {certificate.Id}");
        if (scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM thing_principal WHERE certificate_id = $1)", certificate.Key))
            throw IotErrorType.DeleteConflict.Error($"Things must be detached before deletion (arn: {scope.Arns.Certificate(certificate.Id)})");
        if (!(request.ForceDelete ?? false) && scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM certificate_policy WHERE certificate_id = $1)", certificate.Key))
            throw IotErrorType.DeleteConflict.Error($"Certificate policies must be detached before deletion (arn: {scope.Arns.Certificate(certificate.Id)})");
        scope.Session.Execute("DELETE FROM certificate_policy WHERE certificate_id = $1", certificate.Key);
        scope.Session.Execute("DELETE FROM certificate WHERE id = $1", certificate.Key);
        CertificateConnections.Delete(scope.Session, Fingerprint(certificate.Id));
        return new();
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is no certificate id.</exception>
    public static byte[]? FindDer(Session session, byte[] fingerprint) =>
        session.Scalar<byte[]>("SELECT der FROM certificate WHERE fingerprint = $1", fingerprint);

    public static StoredCertificate Get(Scope scope, string id) => Find(scope, id) ?? throw NotFound(id);

    /// <exception cref="CdfException">InvalidRequest: it is no certificate id.</exception>
    public static StoredCertificate? Find(Scope scope, string id) => scope.LastRead?.Certificate is { } certificate && certificate.Id == id
        ? certificate
        : Find(scope, Fingerprint(id));

    public static StoredCertificate? Find(Scope scope, byte[] fingerprint) => scope.Session.Single(
        "SELECT id, status FROM certificate WHERE fingerprint = $1",
        row => new StoredCertificate(row.Int64(0), Convert.ToHexStringLower(fingerprint), row.Text(1)),
        fingerprint);

    /// <summary>The stored certificate as PEM.</summary>
    public static string PemOf(Scope scope, long key) => Pem.Encode("CERTIFICATE", scope.Session.Scalar<byte[]>("SELECT der FROM certificate WHERE id = $1", key));

    /// <summary>What <see cref="Listed"/> reads.</summary>
    private const string SelectListed = "SELECT id, fingerprint, status, mode, created_at FROM certificate";

    private static Certificate Listed(Scope scope, Row row)
    {
        var id = Convert.ToHexStringLower(row.Blob(1));
        return new(scope.Arns.Certificate(id), id, row.Text(2), row.Text(3), row.Time(4));
    }

    /// <summary>A certificate keeps its generation; AWS changes it when the certificate is transferred, which there is no one to do to here.</summary>
    public static string GenerationId(byte[] fingerprint) => new Guid(fingerprint.AsSpan(0, 16)).ToString();

    private static CertificateDescription Description(Scope scope, Row row, byte[] fingerprint)
    {
        var id = Convert.ToHexStringLower(fingerprint);
        var der = row.Bytes(7);
        var (notBefore, notAfter) = CertificateContent.ReadValidity(der);
        return new(
            scope.Arns.Certificate(id), id, row.IsNull(6) ? null : Convert.ToHexStringLower(row.Bytes(6)), row.Text(1), Pem.Encode("CERTIFICATE", der),
            scope.Arns.AccountId, PreviousOwnedBy: null, row.Time(2), row.Time(3), row.Int32(4), new TransferData(),
            GenerationId(fingerprint), new(notBefore, notAfter), row.Text(5));
    }

    private static byte[] Fingerprint(string id)
    {
        IotNames.CheckCertificateId(id);
        return Convert.FromHexString(id);
    }

    private static void CheckIsNew(Scope scope, ParsedCertificate certificate)
    {
        if (Find(scope, certificate.Fingerprint) is not null)
            throw IotErrorType.ResourceAlreadyExists.Error(
                "The certificate is already provisioned or registered", certificate.Id, scope.Arns.Certificate(certificate.Id));
    }

    private static string StatusOf(bool? setAsActive) => setAsActive ?? false ? CertificateStatus.Active : CertificateStatus.Inactive;

    private static string RegistrationStatus(string? status, bool? setAsActive) => status is null
        ? StatusOf(setAsActive)
        : CertificateStatus.Registrable(status);

    private static CdfException NotFound(string id) => IotErrorType.ResourceNotFound.Error($"Certificate {id} does not exist.");
}

/// <summary>A certificate as it stands in the file.</summary>
internal sealed record StoredCertificate(long Key, string Id, string Status);
