namespace CdfProvisioning;

/// <summary>The makers' formats of manifests.</summary>
public enum ManifestFormat
{
    /// <summary>Microchip's Trust platform: a JSON array with a flattened JSON Web Signature (RFC 7515, section 7.2.2) a device.</summary>
    Microchip,

    /// <summary>Infineon's OPTIGA Trust M reels: a 7z archive of 7z archives of PEM files.</summary>
    Infineon,

    /// <summary>Espressif's pre-provisioned modules: CSV with the columns MAC, cn, cert.</summary>
    Espressif,

    /// <summary>Espressif RainMaker: CSV with the columns node_id and certs.</summary>
    RainMaker,

    /// <summary>nRF Cloud's onboarding list: CSV without a header: device id, sub-type, tags, firmware types, PEM.</summary>
    NrfCloud,

    /// <summary>A text with one certificate a line, the base64 of its PEM text or of its DER form.</summary>
    CertificateList,

    /// <summary>A PEM, DER or PFX file, or a folder of them.</summary>
    CertificateFile,
}
