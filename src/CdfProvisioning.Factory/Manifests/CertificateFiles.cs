using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>PEM, DER and PFX files.</summary>
internal static class CertificateFiles
{
    /// <summary>What is longer is a list, in PEM.</summary>
    private const int MaxFileLength = 16 * 1024 * 1024;

    /// <summary>Reads the certificates of a file, each with the name of the file; a file that has several is read as one device each.</summary>
    public static async IAsyncEnumerable<ManifestItem> ReadAsync(
        Stream stream, string path, string? password, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (stream.Length > MaxFileLength)
        {
            await foreach (var item in PemListManifest.ReadAsync(stream, path, cancellationToken))
                yield return item;
            yield break;
        }
        var content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content, cancellationToken);
        foreach (var item in Read(content, path, password))
            yield return item;
    }

    private static IEnumerable<ManifestItem> Read(byte[] content, string path, string? password)
    {
        var fields = new Dictionary<string, string> { ["FileName"] = Path.GetFileNameWithoutExtension(path) };
        IReadOnlyList<CertificateChain> chains;
        CdfException? problem = null;
        try
        {
            chains = IsPfx(content, path) ? [FromPfx(content, password)] : CertificateChain.AllFrom(content);
        }
        catch (CdfException e)
        {
            (chains, problem) = ([], e);
        }
        if (problem is not null)
            yield return ManifestItem.Bad($"'{path}'", problem);
        for (var i = 0; i < chains.Count; i++)
            yield return new(chains.Count == 1 ? $"'{path}'" : $"'{path}', certificate {i + 1}", chains.Count == 1 ? fields : new Dictionary<string, string>()) { Certificate = chains[i] };
    }

    private static bool IsPfx(byte[] content, string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12" || (content is [0x30, ..] && X509Certificate2.GetCertContentType(content) == X509ContentType.Pfx);

    /// <summary>The certificate that has a key, else the one that issued none of the others; the key itself is not asked for.</summary>
    private static CertificateChain FromPfx(byte[] content, string? password)
    {
        X509Certificate2Collection certificates;
        try
        {
            certificates = X509CertificateLoader.LoadPkcs12Collection(content, password, X509KeyStorageFlags.EphemeralKeySet);
        }
        catch (CryptographicException e)
        {
            throw ManifestItem.Invalid(password is null
                ? "it is a PFX that needs a password, or a damaged one: give its password with -Password."
                : "it is a PFX with another password, or a damaged one.", e);
        }
        try
        {
            var leaf = certificates.FirstOrDefault(c => c.HasPrivateKey)
                ?? certificates.FirstOrDefault(c => !certificates.Any(other => other != c && other.IssuerName.RawData.AsSpan().SequenceEqual(c.SubjectName.RawData)))
                ?? throw ManifestItem.Invalid("it is a PFX without a certificate.");
            var chain = new List<byte[]> { leaf.RawData };
            for (var last = leaf; certificates.FirstOrDefault(c => c != last && c.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData)) is { } issuer && chain.Count < certificates.Count; last = issuer)
                chain.Add(issuer.RawData);
            return CertificateChain.FromDer(chain);
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }
}
