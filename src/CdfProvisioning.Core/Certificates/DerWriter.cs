using System.Formats.Asn1;

namespace CdfProvisioning.Certificates;

/// <summary>One writer of DER a thread: it saves each certificate several times its own size in buffers.</summary>
internal static class DerWriter
{
    private const int Capacity = 1024;

    [ThreadStatic]
    private static AsnWriter? _ofThisThread;

    /// <summary>The writer, empty. It is to be done with before anything is called that may begin with it again.</summary>
    public static AsnWriter Begin()
    {
        var writer = _ofThisThread ??= new(AsnEncodingRules.DER, Capacity);
        writer.Reset();
        return writer;
    }
}
