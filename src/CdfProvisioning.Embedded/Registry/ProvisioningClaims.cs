using System.Buffers.Text;
using System.Security.Cryptography;
using CdfProvisioning.Certificates;
using CdfProvisioning.Devices;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// Certificates with which a device can do nothing but have itself provisioned (CreateProvisioningClaim), and the tokens that
/// show who asked for a certificate (AWS IoT Developer Guide, provisioning by claim; device provisioning MQTT API).
/// </summary>
internal static class ProvisioningClaims
{
    /// <summary>AWS IoT API Reference, CreateProvisioningClaim.</summary>
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromMinutes(5);

    /// <summary>AWS IoT Developer Guide, device provisioning MQTT API: certificateOwnershipToken.</summary>
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    public static ValueTask<MadeCertificate> PrepareAsync(CreateProvisioningClaimRequest request, CertificateMaker maker, CancellationToken cancellationToken) =>
        maker.CreateKeysAsync(cancellationToken);

    public static CreateProvisioningClaimResponse Create(Scope scope, CreateProvisioningClaimRequest request, MadeCertificate made)
    {
        var template = ProvisioningTemplates.Get(scope, request.TemplateName);
        if (template.Type != ProvisioningTemplates.FleetProvisioning)
            throw IotErrorType.InvalidRequest.Error($"Template {template.Name} is of type {template.Type}: claims are made for those of type {ProvisioningTemplates.FleetProvisioning}.");
        var expiration = scope.Now + ClaimLifetime;
        scope.Session.Execute("DELETE FROM provisioning_claim WHERE expires_at < $1", scope.Now);
        scope.Session.Execute(
            "INSERT INTO provisioning_claim (fingerprint, der, template_name, expires_at) VALUES ($1, $2, $3, $4)",
            made.Certificate.Fingerprint, made.Certificate.Der, template.Name, expiration);
        return new(made.Certificate.Id, made.Certificate.Pem, new(made.Key!.PublicKeyPem, made.Key.PrivateKeyPem), expiration);
    }

    /// <summary>A claim, expired or not; null if the certificate is none.</summary>
    public static ProvisioningClaim? Find(Scope scope, byte[] fingerprint) => scope.Session.Single(
        "SELECT der, template_name, expires_at FROM provisioning_claim WHERE fingerprint = $1",
        row => new ProvisioningClaim(ParsedCertificate.FromDer(row.Blob(0), "The claim's certificate", fingerprint), row.Text(1), row.Time(2)), fingerprint);

    /// <summary>A certificate that waits for its device to be provisioned.</summary>
    /// <returns>The token that shows who asked for it.</returns>
    public static string AddPending(Scope scope, ParsedCertificate certificate)
    {
        var key = Certificates.Add(scope, certificate, CertificateStatus.PendingActivation, caKey: null, Certificates.DefaultMode);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(96));
        scope.Session.Execute("INSERT INTO certificate_ownership (token, certificate_id, expires_at) VALUES ($1, $2, $3)", HashOf(token), key, scope.Now + TokenLifetime);
        return token;
    }

    /// <summary>The certificate whose token it is; null if the token is none, or has expired.</summary>
    public static (string CertificateId, string Pem)? CertificateOf(Scope scope, string token) => scope.Session.Query(
        "SELECT certificate.der FROM certificate_ownership JOIN certificate ON certificate.id = certificate_id WHERE token = $1 AND expires_at > $2",
        row => ParsedCertificate.FromDer(row.Blob(0), "The stored certificate"), HashOf(token), scope.Now) is [var certificate] ? (certificate.Id, certificate.Pem) : null;

    /// <summary>A token is good for one device.</summary>
    public static int Spend(Scope scope, string token) => scope.Session.Execute("DELETE FROM certificate_ownership WHERE token = $1", HashOf(token));

    /// <summary>A certificate that is neither activated nor attached to anything when its token expires is deleted.</summary>
    public static int DeleteExpired(Scope scope)
    {
        var deleted = scope.Session.Execute(
            """
            DELETE FROM certificate WHERE status = 'PENDING_ACTIVATION' AND id IN (SELECT certificate_id FROM certificate_ownership WHERE expires_at <= $1)
              AND NOT EXISTS (SELECT 1 FROM thing_principal WHERE certificate_id = certificate.id)
              AND NOT EXISTS (SELECT 1 FROM certificate_policy WHERE certificate_id = certificate.id)
            """,
            scope.Now);
        scope.Session.Execute("DELETE FROM certificate_ownership WHERE expires_at <= $1", scope.Now);
        scope.Session.Execute("DELETE FROM provisioning_claim WHERE expires_at <= $1", scope.Now);
        return deleted;
    }

    public static bool HasExpired(Scope scope) => scope.Session.Scalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM certificate_ownership WHERE expires_at <= $1) OR EXISTS (SELECT 1 FROM provisioning_claim WHERE expires_at <= $1)", scope.Now);

    private static byte[] HashOf(string token) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token));
}

/// <summary>A claim certificate.</summary>
internal sealed record ProvisioningClaim(ParsedCertificate Certificate, string TemplateName, DateTimeOffset ExpiresAt)
{
    /// <summary>A device that may have itself provisioned from the claim's template, and nothing else.</summary>
    /// <param name="prefix"><c>arn:aws:iot:&lt;region&gt;:&lt;account&gt;</c>.</param>
    public DeviceIdentity Identity(string prefix)
    {
        const string Publish = "\"iot:Publish\",\"iot:Receive\"";
        var document = $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"},
            {"Effect":"Allow","Action":[{{Publish}}],"Resource":["{{prefix}}:topic/$aws/certificates/create*","{{prefix}}:topic/$aws/provisioning-templates/{{TemplateName}}/provision/*"]},
            {"Effect":"Allow","Action":"iot:Subscribe","Resource":["{{prefix}}:topicfilter/$aws/certificates/create*","{{prefix}}:topicfilter/$aws/provisioning-templates/{{TemplateName}}/provision/*"]}]}
            """;
        return new(
            Certificate.Id, CertificateStatus.Active, Certificates.DefaultMode, Certificate, [],
            [new AttachedPolicy($"claim of {TemplateName}", $"{prefix}:provisioningtemplate/{TemplateName}", PolicyDocument.Get(document))]);
    }
}
