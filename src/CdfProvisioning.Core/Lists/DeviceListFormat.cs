namespace CdfProvisioning.Lists;

/// <summary>How a list of devices is written down.</summary>
internal enum DeviceListFormat
{
    /// <summary>Comma separated, with a header (RFC 4180).</summary>
    Csv,

    /// <summary>Tab separated, with a header.</summary>
    Tsv,

    /// <summary>One JSON array of objects.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    JsonLines,
}
