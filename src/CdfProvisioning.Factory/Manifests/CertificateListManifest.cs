using System.Runtime.CompilerServices;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>One certificate a line, leaf or chain: the base64 of PEM text or of DER.</summary>
internal static class CertificateListManifest
{
    public static async IAsyncEnumerable<ManifestItem> ReadAsync(Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new BoundedLines(stream);
        for (var number = 1L; await lines.ReadAsync(cancellationToken) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line.Text))
                yield return ManifestItem.Read($"'{name}', line {number}", () => Read(line));
        }
    }

    private static (IReadOnlyDictionary<string, string>, CertificateChain) Read(BoundedLines.Line line)
    {
        if (line.IsCut)
            throw ManifestItem.Invalid($"It is longer than {ManifestReader.MaxItemLength} characters: no certificate is.");
        return (new Dictionary<string, string>(), CertificateChain.FromText(line.Text));
    }
}
