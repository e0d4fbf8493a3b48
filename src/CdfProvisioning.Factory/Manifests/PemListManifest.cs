using System.Runtime.CompilerServices;
using System.Text;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>A list of certificates in PEM, each with its issuers behind it, block by block: however long it is, one device is in memory.</summary>
internal static class PemListManifest
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";

    public static async IAsyncEnumerable<ManifestItem> ReadAsync(Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var device = new List<ParsedCertificate>();
        var number = 0L;
        await foreach (var (certificate, problem) in CertificatesAsync(stream, cancellationToken))
        {
            if (certificate is not null && device.Count > 0 && CertificateChain.Signed(certificate, device[^1]))
            {
                device.Add(certificate);
                continue;
            }
            if (device.Count > 0)
                yield return Item();
            device = certificate is null ? [] : [certificate];
            number++;
            if (problem is not null)
                yield return ManifestItem.Bad(Place(), problem);
        }
        if (device.Count > 0)
            yield return Item();
        if (number == 0)
            yield return ManifestItem.Bad($"'{name}'", ManifestItem.Invalid("It has no certificate in PEM form, and is too long for one in another."));

        string Place() => $"'{name}', certificate {number}";

        ManifestItem Item() => new(Place(), new Dictionary<string, string>()) { Certificate = new(device[0], device[1..]) };
    }

    /// <summary>What of the text is no block, and blocks of other things, are passed over.</summary>
    private static async IAsyncEnumerable<(ParsedCertificate? Certificate, CdfException? Problem)> CertificatesAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new BoundedLines(stream);
        StringBuilder? block = null;
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (block is not null && line.Text.StartsWith(Begin, StringComparison.Ordinal))
            {
                yield return (null, CutOff());
                block = null;
            }
            if (block is null && !line.Text.StartsWith(Begin, StringComparison.Ordinal))
                continue;
            block ??= new();
            if (block.Length < ManifestReader.MaxItemLength)
                block.Append(line.Text).Append('\n');
            if (!line.Text.StartsWith(End, StringComparison.Ordinal))
                continue;
            if (Read(block.ToString()) is { } read)
                yield return read;
            block = null;
        }
        if (block is not null)
            yield return (null, CutOff());
    }

    private static (ParsedCertificate? Certificate, CdfException? Problem)? Read(string block)
    {
        if (!block.StartsWith(Begin + "CERTIFICATE-----", StringComparison.Ordinal))
            return null;
        try
        {
            return (ParsedCertificate.FromPem(block, "The certificate"), null);
        }
        catch (CdfException e)
        {
            return (null, e);
        }
    }

    private static CdfException CutOff() => ManifestItem.Invalid("Its PEM text is cut off or damaged: a BEGIN line has no whole block behind it.");
}
