using CdfProvisioning.Keys;

namespace CdfProvisioning;

/// <summary>What a factory bundle is made as.</summary>
public enum BundleFormat
{
    /// <summary>A folder a device.</summary>
    Folder,

    /// <summary>Zip archives of such folders, encrypted where a recipient is named.</summary>
    Zip,
}

/// <summary>What a device's folder has beside its certificate, key and configuration.</summary>
[Flags]
public enum BundleContent
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>A PFX file (PKCS#12) with certificate, chain and key.</summary>
    Pfx = 1,

    /// <summary>A CSV file from which Espressif's tools make an NVS partition.</summary>
    Nvs = 2,

    /// <summary>A QR code as PNG.</summary>
    QrPng = 4,

    /// <summary>A QR code as SVG.</summary>
    QrSvg = 8,

    /// <summary>A list of the devices for printing labels, labels.csv.</summary>
    Labels = 16,
}

/// <summary>How bundles are made.</summary>
internal sealed record BundleOptions
{
    public required BundleFormat Format { get; init; }

    public BundleContent Content { get; init; }

    /// <summary>The devices of one archive. An encrypted one is made in memory.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>The holder of the key that opens the archives; null to leave them open.</summary>
    public KeyRecipient? Recipient { get; init; }

    /// <summary>What the device connects to; null if that is not known.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The certificates that the device trusts, PEM; empty if they are not known.</summary>
    public string RootPem { get; init; } = "";

    /// <summary>Protects PFX files; needed for them.</summary>
    public string? PfxPassword { get; init; }

    /// <summary>The text of QR codes, in which {ThingName}, {CertificateId} and {CommonName} stand for the device's.</summary>
    public string QrText { get; init; } = "{ThingName}";
}
