using System.Security.Cryptography;
using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The CAs whose device certificates may be registered.</summary>
internal static class CaCertificates
{
    /// <summary>AWS IoT Core quotas: CA certificates with the same subject.</summary>
    private const int MaxPerSubject = 10;

    private const string RegistrationCodeSetting = "registration_code";
    public const string Enabled = "ENABLE";
    private const string Disabled = "DISABLE";

    private const string Select = """
        SELECT id, fingerprint, der, status, auto_registration_status, registration_config, mode, created_at, modified_at, customer_version FROM ca_certificate
        """;

    public static GetRegistrationCodeResponse GetRegistrationCode(Scope scope, GetRegistrationCodeRequest request) => new(RegistrationCode(scope));

    /// <summary>The next who asks gets a new one.</summary>
    public static DeleteRegistrationCodeResponse DeleteRegistrationCode(Scope scope, DeleteRegistrationCodeRequest request)
    {
        Settings.Delete(scope.Session, RegistrationCodeSetting);
        return new();
    }

    public static RegisterCACertificateResponse Register(Scope scope, RegisterCACertificateRequest request)
    {
        var certificate = ParsedCertificate.FromPem(request.CaCertificate, "The CA certificate");
        var mode = request.CertificateMode ?? Certificates.DefaultMode;
        CheckConfig(scope, request.RegistrationConfig);
        if (!certificate.IsCertificateAuthority)
            throw IotErrorType.CertificateValidation.Error($"The certificate '{certificate.Subject}' is not a CA certificate: its basicConstraints do not say CA:TRUE.");
        if (certificate.PublicKey.FindWeakness() is { } weakness)
            throw IotErrorType.CertificateValidation.Error($"The CA certificate '{certificate.Subject}' is refused: {weakness}.");
        CheckVerification(scope, certificate, request.VerificationCertificate, mode);

        var arn = scope.Arns.CaCertificate(certificate.Id);
        if (Find(scope, certificate.Id) is not null)
            throw IotErrorType.ResourceAlreadyExists.Error("The CA certificate is already registered", certificate.Id, arn);
        if (scope.Session.Scalar<long>("SELECT count(*) FROM ca_certificate WHERE subject = $1", certificate.Subject.Der) >= MaxPerSubject)
            throw IotErrorType.LimitExceeded.Error($"{MaxPerSubject} CA certificates with the subject '{certificate.Subject}' are registered already, and there may not be more.");

        scope.Session.Execute(
            """
            INSERT INTO ca_certificate (fingerprint, der, subject, status, auto_registration_status, registration_config, mode, created_at, modified_at, customer_version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)
            """,
            certificate.Fingerprint, certificate.Der, certificate.Subject.Der, request.SetAsActive ?? false ? CertificateStatus.Active : CertificateStatus.Inactive,
            request.AllowAutoRegistration ?? false ? Enabled : Disabled, Write(request.RegistrationConfig), mode, scope.Now);
        Tags.Set(scope, $"cacert/{certificate.Id}", request.Tags);
        return new(arn, certificate.Id);
    }

    public static DescribeCACertificateResponse Describe(Scope scope, DescribeCACertificateRequest request)
    {
        var ca = Get(scope, request.CertificateId);
        var certificate = scope.CaCertificates.Get(ca.Key, ca.Der);
        return new(
            new(
                scope.Arns.CaCertificate(ca.Id), ca.Id, ca.Status, certificate.Pem, scope.Arns.AccountId, ca.CreatedAt, ca.AutoRegistrationStatus,
                ca.ModifiedAt, ca.CustomerVersion, Certificates.GenerationId(certificate.Fingerprint), new(certificate.NotBefore, certificate.NotAfter), ca.Mode),
            ca.RegistrationConfig);
    }

    public static ListCACertificatesResponse List(Scope scope, ListCACertificatesRequest request)
    {
        var (authorities, nextMarker) = Paging.ByMarker("ca-certificates", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, new($"{Select} WHERE ($1 IS NULL OR json_extract(registration_config, '$.templateName') = $1)", "id"), Read, request.TemplateName);
        return new([.. authorities.Select(ca => new CaCertificate(scope.Arns.CaCertificate(ca.Id), ca.Id, ca.Status, ca.CreatedAt))], nextMarker);
    }

    public static UpdateCACertificateResponse Update(Scope scope, UpdateCACertificateRequest request)
    {
        var ca = Get(scope, request.CertificateId);
        var status = request.NewStatus ?? ca.Status;
        var autoRegistration = request.NewAutoRegistrationStatus ?? ca.AutoRegistrationStatus;
        if (status is not (CertificateStatus.Active or CertificateStatus.Inactive))
            throw IotErrorType.InvalidRequest.Error($"A CA certificate's status cannot be set to '{IotNames.Shown(status)}': use {CertificateStatus.Active} or {CertificateStatus.Inactive}.");
        if (autoRegistration is not (Enabled or Disabled))
            throw IotErrorType.InvalidRequest.Error($"newAutoRegistrationStatus '{IotNames.Shown(autoRegistration)}' is neither {Enabled} nor {Disabled}.");

        CheckConfig(scope, request.RegistrationConfig);
        var config = request.RemoveAutoRegistration ?? false ? null : request.RegistrationConfig ?? ca.RegistrationConfig;
        scope.Session.Execute(
            """
            UPDATE ca_certificate SET status = $2, auto_registration_status = $3, registration_config = $4, modified_at = $5, customer_version = customer_version + 1
            WHERE id = $1
            """,
            ca.Key, status, autoRegistration, Write(config), scope.Now);
        return new();
    }

    public static DeleteCACertificateResponse Delete(Scope scope, DeleteCACertificateRequest request)
    {
        var ca = Get(scope, request.CertificateId);
        if (ca.Status == CertificateStatus.Active)
            throw IotErrorType.CertificateState.Error($"CA certificate {ca.Id} is ACTIVE: set it to INACTIVE before deleting it.");
        scope.Session.Execute("DELETE FROM ca_certificate WHERE id = $1", ca.Key);
        Tags.Clear(scope, $"cacert/{ca.Id}");
        return new();
    }

    /// <summary>The registered CAs of which one may have signed a certificate: the one that was given with it, else those of its issuer's name.</summary>
    public static IReadOnlyList<CaState> PossibleIssuersOf(Scope scope, GivenCertificate given)
    {
        if (given.CaCertificate is { } caCertificate)
            return scope.Session.Single(
                "SELECT id, status, mode FROM ca_certificate WHERE fingerprint = $1",
                row => new CaState(caCertificate.Id, row.Text(1), row.Text(2), caCertificate, row.Int64(0)), caCertificate.Fingerprint) is { } ca ? [ca] : [];
        return scope.Session.Query($"{Select} WHERE subject = $1", Read, given.Issuer.Der).ConvertAll(ca => StateOf(scope, ca));
    }

    /// <summary>The registered CAs that signed a certificate.</summary>
    public static IReadOnlyList<StoredCa> IssuersOf(Scope scope, ParsedCertificate certificate) =>
    [
        .. scope.Session.Query($"{Select} WHERE subject = $1", Read, certificate.Issuer.Der).Where(ca => certificate.IsSignedBy(scope.CaCertificates.Get(ca.Key, ca.Der))),
    ];

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is no certificate id.</exception>
    public static StoredCa Get(Scope scope, string id)
    {
        IotNames.CheckCertificateId(id);
        return Find(scope, id) ?? throw IotErrorType.ResourceNotFound.Error($"CA certificate {id} does not exist.");
    }

    private static CaState StateOf(Scope scope, StoredCa ca) => new(ca.Id, ca.Status, ca.Mode, scope.CaCertificates.Get(ca.Key, ca.Der), ca.Key);

    public static bool Exists(Scope scope, string id)
    {
        IotNames.CheckCertificateId(id);
        return Find(scope, id) is not null;
    }

    private static StoredCa? Find(Scope scope, string id) => scope.Session.Single($"{Select} WHERE fingerprint = $1", Read, Convert.FromHexString(id));

    private static string RegistrationCode(Scope scope) =>
        Settings.GetOrAdd(scope.Session, RegistrationCodeSetting, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Who registers a CA proves to hold its key, by a certificate that it signed; a CA for SNI_ONLY needs no proof.</summary>
    private static void CheckVerification(Scope scope, ParsedCertificate ca, string? verificationPem, string mode)
    {
        if (mode is not (Certificates.DefaultMode or Certificates.SniOnlyMode))
            throw IotErrorType.InvalidRequest.Error($"certificateMode '{IotNames.Shown(mode)}' is neither {Certificates.DefaultMode} nor {Certificates.SniOnlyMode}.");
        if (mode == Certificates.SniOnlyMode)
        {
            if (verificationPem is not null)
                throw IotErrorType.InvalidRequest.Error($"A verification certificate does not go with the certificateMode {Certificates.SniOnlyMode}: leave it out.");
            return;
        }

        if (verificationPem is null)
            throw IotErrorType.InvalidRequest.Error("The verification certificate is missing: sign one with the CA whose common name is the registration code (GetRegistrationCode).");
        var verification = ParsedCertificate.FromPem(verificationPem, "The verification certificate");
        if (!verification.IsSignedBy(ca))
            throw IotErrorType.CertificateValidation.Error($"The verification certificate was not signed by the CA '{ca.Subject}'.");
        if (verification.Subject.CommonName != RegistrationCode(scope))
            throw IotErrorType.RegistrationCodeValidation.Error("The common name of the verification certificate is not the registration code of this account (GetRegistrationCode).");
    }

    /// <exception cref="CdfException">InvalidRequest: its template is none. NotFound: there is none of that name.</exception>
    private static void CheckConfig(Scope scope, RegistrationConfig? config)
    {
        if (config is { TemplateBody: not null, TemplateName: not null })
            throw IotErrorType.InvalidRequest.Error("A registrationConfig has a templateBody or a templateName, not both.");
        if (config?.TemplateName is { } name && ProvisioningTemplates.Get(scope, name) is { Type: not ProvisioningTemplates.JustInTime } other)
            throw IotErrorType.InvalidRequest.Error($"Template {other.Name} is of type {other.Type}: a CA provisions with one of type {ProvisioningTemplates.JustInTime}.");
        if (config?.TemplateBody is not { } body)
            return;
        try
        {
            ProvisioningTemplate.Compile(body);
        }
        catch (CdfException e) when (e.Code is CdfErrorCode.InvalidTemplate or CdfErrorCode.InvalidRequest)
        {
            throw IotErrorType.InvalidRequest.Error($"Invalid registration template. {e.Message}", e);
        }
    }

    private static string? Write(RegistrationConfig? config) => config is null ? null : JsonSerializer.Serialize(config, IotJson.Default.RegistrationConfig);

    private static StoredCa Read(Row row) => new(
        row.Int64(0), Convert.ToHexStringLower(row.Blob(1)), row.Blob(2), row.Text(3), row.Text(4),
        row.TextOrNull(5) is { } json ? JsonSerializer.Deserialize(json, IotJson.Default.RegistrationConfig) : null,
        row.Text(6), row.Time(7), row.Time(8), row.Int32(9));
}

/// <summary>A CA certificate as it stands in the file.</summary>
internal sealed record StoredCa(
    long Key, string Id, byte[] Der, string Status, string AutoRegistrationStatus, RegistrationConfig? RegistrationConfig, string Mode,
    DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt, int CustomerVersion);
