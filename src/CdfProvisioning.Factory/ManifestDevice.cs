namespace CdfProvisioning;

/// <summary>A device of a maker's manifest: a row for a list whose template registers the device's own certificate.</summary>
public sealed record ManifestDevice
{
    /// <summary>The name for the thing, from the name template.</summary>
    public required string ThingName { get; init; }

    /// <summary>The device's certificate, PEM.</summary>
    public required string CertificatePem { get; init; }

    /// <summary>The certificates of its issuers that the manifest brings along, nearest first, PEM; empty if there are none.</summary>
    public string CertificateChain { get; init; } = "";

    /// <summary>AWS IoT's id of the certificate: the SHA-256 of its DER form in lower-case hexadecimal digits.</summary>
    public required string CertificateId { get; init; }

    /// <summary>The certificate's serial number, hexadecimal.</summary>
    public required string CertificateSerialNumber { get; init; }

    /// <summary>The common name of the certificate's subject; null if it has none.</summary>
    public string? CommonName { get; init; }

    /// <summary>When the certificate expires, UTC.</summary>
    public DateTimeOffset NotAfter { get; init; }

    /// <summary>Where in the manifest the device stands.</summary>
    public required string Source { get; init; }
}
