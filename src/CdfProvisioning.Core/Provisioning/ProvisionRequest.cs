using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Certificates;

namespace CdfProvisioning;

/// <summary>A request to provision one thing (CDF Provisioning API 1.0.0, <c>ProvisionRequest</c>).</summary>
/// <param name="ProvisioningTemplateId">The id of the provisioning template; without one, that of the group path counts.</param>
/// <param name="Parameters">Values for the template's parameters.</param>
/// <param name="CdfProvisioningParameters">Values for the extensions of the template's CDF section.</param>
/// <param name="GroupPath">The device's place in the hierarchy, one or several paths of groups.</param>
internal sealed record ProvisionRequest(
    string? ProvisioningTemplateId,
    IReadOnlyDictionary<string, string> Parameters,
    CdfProvisioningParameters? CdfProvisioningParameters = null,
    IReadOnlyList<string>? GroupPath = null);

/// <summary>What the extensions of a template's CDF section need from the caller (members as in the original service).</summary>
internal sealed record CdfProvisioningParameters
{
    /// <summary>createDeviceCertificate: the certificate id of the CA that signs.</summary>
    public string? CaId { get; init; }

    /// <summary>createDeviceCertificate, acmpca: the subject and the validity of the certificate to make.</summary>
    public CertInfo? CertInfo { get; init; }

    /// <summary>acmpca: the ARN of the private CA that signs.</summary>
    public string? AcmpcaCaArn { get; init; }

    /// <summary>acmpca: the alias of that ARN, instead of it.</summary>
    public string? AcmpcaCaAlias { get; init; }

    /// <summary>acmpca, REGISTER_WITH_CA: the ARN of the CA certificate with which the private CA is registered with AWS IoT.</summary>
    public string? AwsiotCaArn { get; init; }

    /// <summary>acmpca, REGISTER_WITH_CA: the alias of that ARN, instead of it.</summary>
    public string? AwsiotCaAlias { get; init; }

    /// <summary>acmpca: the device's CSR; without, a key is made for the device.</summary>
    public string? Csr { get; init; }

    /// <summary>registerDeviceCertificateWithoutCA: the device's certificate.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>registerDeviceCertificateWithoutCA: the status it is registered with; ACTIVE when not given.</summary>
    public string? CertificateStatus { get; init; }
}

/// <summary>The subject of a certificate to make, and for how long it is valid.</summary>
internal sealed record CertInfo
{
    /// <summary>A number, a serial number say, is its text, as in the original service.</summary>
    [JsonConverter(typeof(TextOrNumber))]
    public string? CommonName { get; init; }

    public string? Organization { get; init; }

    public string? OrganizationalUnit { get; init; }

    public string? Locality { get; init; }

    public string? StateName { get; init; }

    public string? Country { get; init; }

    public string? EmailAddress { get; init; }

    /// <summary>Days from now; the connection's setting when not given. May be written as text, as in the original service.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public int? DaysExpiry { get; init; }

    /// <summary>RSA2048, P256 or P384; the connection's setting when not given.</summary>
    public string? KeyAlgorithm { get; init; }

    /// <summary>The key to make.</summary>
    /// <exception cref="CdfException">InvalidRequest: there is no such algorithm.</exception>
    public static KeyAlgorithm KeyAlgorithmOf(CertInfo? info, ProvisioningSettings settings) =>
        info?.KeyAlgorithm is { } name ? KeyAlgorithms.Parse(name) : settings.KeyAlgorithm ?? Certificates.KeyAlgorithm.P256;

    public SubjectFields ToSubjectFields() =>
        new(CommonName, Organization, OrganizationalUnit, Locality, StateName, Country, EmailAddress);

    internal sealed class TextOrNumber : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.Number ? JsonElement.ParseValue(ref reader).GetRawText() : reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
