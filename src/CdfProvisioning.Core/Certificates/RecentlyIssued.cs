namespace CdfProvisioning.Certificates;

/// <summary>
/// The certificates last made here, by their PEM text: a template passes a certificate on as text, and who gets it
/// need neither parse it nor verify the signature again. Slots are overwritten without ceremony; a miss costs only time.
/// </summary>
internal static class RecentlyIssued
{
    private const int EndLength = 64;

    private static readonly ParsedCertificate?[] Slots = new ParsedCertificate?[256];

    public static void Remember(ParsedCertificate certificate) => Volatile.Write(ref Slot(certificate.Pem), certificate);

    public static ParsedCertificate? Find(string pem) =>
        Volatile.Read(ref Slot(pem)) is { } certificate && certificate.Pem == pem ? certificate : null;

    /// <summary>By the end of the text, which has the end of the signature: no two have the same.</summary>
    private static ref ParsedCertificate? Slot(string pem) =>
        ref Slots[(uint)string.GetHashCode(pem.AsSpan()[^Math.Min(pem.Length, EndLength)..], StringComparison.Ordinal) % (uint)Slots.Length];
}
