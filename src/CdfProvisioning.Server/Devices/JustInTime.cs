using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using RegistryCertificates = CdfProvisioning.Embedded.Registry.Certificates;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// The first connection of a device whose CA registers its certificates by itself: the certificate is registered, and where
/// the CA has a template the device is provisioned (AWS IoT Developer Guide, automatic/just-in-time registration;
/// just-in-time provisioning).
/// </summary>
internal sealed class JustInTime(EmbeddedRegistry registry, Func<string, byte[], Task> publishAsync)
{
    private const string Prefix = "AWS::IoT::Certificate::";

    /// <summary>The subject's attributes that templates can name.</summary>
    private static readonly IReadOnlyDictionary<string, string> SubjectParameters = new Dictionary<string, string>
    {
        ["Country"] = "2.5.4.6",
        ["Organization"] = "2.5.4.10",
        ["OrganizationalUnit"] = "2.5.4.11",
        ["DistinguishedNameQualifier"] = "2.5.4.46",
        ["StateName"] = "2.5.4.8",
        ["CommonName"] = "2.5.4.3",
        ["SerialNumber"] = "2.5.4.5",
    };

    /// <summary>A certificate that an earlier, failed provisioning has left waiting for its activation gets another chance.</summary>
    public static StoredCa? CanGoOn(Scope scope, ParsedCertificate certificate) =>
        DeviceAccess.AutoRegisteringIssuerOf(scope, certificate) is { RegistrationConfig: not null } ca ? ca : null;

    /// <returns>What happened, for those who look after the server.</returns>
    /// <exception cref="CdfException">The device cannot be provisioned; its certificate stays PENDING_ACTIVATION.</exception>
    public async Task<string> RegisterAsync(ParsedCertificate certificate, StoredCa ca, CancellationToken cancellationToken)
    {
        var isNew = await registry.WriteAsync(
            scope =>
            {
                if (RegistryCertificates.Find(scope, certificate.Fingerprint) is not null)
                    return false;
                RegistryCertificates.Add(scope, certificate, CertificateStatus.PendingActivation, ca.Key, ca.Mode);
                return true;
            },
            cancellationToken);
        if (ca.RegistrationConfig is { } config && (config.TemplateBody is not null || config.TemplateName is not null))
        {
            var body = config.TemplateBody ?? registry.Read(scope => ProvisioningTemplates.BodyOf(scope, config.TemplateName!));
            await registry.InvokeAsync(new RegisterThingRequest(body, Parameters(body, certificate)), cancellationToken);
            return $"Certificate {certificate.Id} was registered and its device provisioned: it is to connect again.";
        }

        if (isNew)
            await publishAsync($"$aws/events/certificates/registered/{ca.Id}", Event(certificate.Id, ca.Id));
        return $"Certificate {certificate.Id} was registered, PENDING_ACTIVATION: it is to be activated before its device connects again.";
    }

    /// <exception cref="CdfException">InvalidRequest: the template wants what the certificate's subject does not have.</exception>
    private static Dictionary<string, string> Parameters(string body, ParsedCertificate certificate)
    {
        var declared = ProvisioningTemplate.Compile(body).Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var parameters = new Dictionary<string, string> { [$"{Prefix}Id"] = certificate.Id };
        foreach (var (name, oid) in SubjectParameters)
        {
            if (certificate.Subject.Find(oid) is { } value)
                parameters[Prefix + name] = value;
            else if (declared.Contains(Prefix + name))
                throw CdfErrorCode.InvalidRequest.Error($"The template declares {Prefix}{name}, which the subject '{certificate.Subject}' of certificate {certificate.Id} does not have.");
        }

        return parameters;
    }

    private byte[] Event(string certificateId, string caCertificateId)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return JsonSerializer.SerializeToUtf8Bytes(
            new CertificateEvent(certificateId, caCertificateId, now, CertificateStatus.PendingActivation, registry.Options.AccountId, $"{now}"),
            DeviceJson.Default.CertificateEvent);
    }
}
