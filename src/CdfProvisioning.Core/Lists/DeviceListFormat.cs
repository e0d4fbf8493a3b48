using System.Text;

namespace CdfProvisioning.Lists;

/// <summary>How a list of devices is written down.</summary>
internal enum DeviceListFormat
{
    /// <summary>Separated by commas, or what stands in their place, with a header (RFC 4180).</summary>
    Csv,

    /// <summary>Separated by tabs, with a header.</summary>
    Tsv,

    /// <summary>One JSON array of objects, or one object.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    JsonLines,
}

/// <summary>What is known of a list's file beside its name.</summary>
internal sealed record DeviceListOptions
{
    /// <summary>What stands between cells; found out if null.</summary>
    public char? Delimiter { get; init; }

    /// <summary>How the text is encoded; found out if null.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Whether an empty cell is an empty text; otherwise it is as good as no cell.</summary>
    public bool EmptyAsText { get; init; }

    /// <summary>Whether a line of JSON that cannot be read is a row that fails, as AWS's tasks have it, and not the end of the list.</summary>
    public bool KeepsMalformedLines { get; init; }
}
