using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning;

/// <summary>What was provisioned (CDF Provisioning API 1.0.0, <c>ProvisionResponse</c>). The private key is nowhere else: keep it.</summary>
public sealed record ProvisionResponse
{
    /// <summary>The name of the provisioned thing.</summary>
    public string? ThingName { get; init; }

    /// <summary>The device's certificate as PEM.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>The public key (SubjectPublicKeyInfo PEM), if a key was made for the device.</summary>
    public string? PublicKey
    {
        get => field ?? (SubjectPublicKeyInfo is { } key ? Pem.Encode("PUBLIC KEY", key.Span) : null);
        init;
    }

    /// <summary>The public key of a key that was made here, which becomes text when that is asked for: a list does not.</summary>
    [JsonIgnore]
    internal ReadOnlyMemory<byte>? SubjectPublicKeyInfo { get; init; }

    /// <summary>The private key as PEM, if a key was made for the device and no folder was named for it.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>The ARN of each resource, by the template's logical id.</summary>
    public IReadOnlyDictionary<string, string> ResourceArns { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The id of the device's certificate, if the template registers one.</summary>
    [JsonIgnore]
    public string? CertificateId => ResourceArns.Values.Select(Arn.CertificateId).FirstOrDefault(id => id is not null);

    /// <summary>The file that the key and the certificate are in, if they were put into one.</summary>
    [JsonIgnore]
    internal string? KeyFile { get; init; }

    /// <summary>The response without its private key: what a log or an error may show.</summary>
    public override string ToString() => $"{nameof(ProvisionResponse)} {{ ThingName = {ThingName} }}";
}
