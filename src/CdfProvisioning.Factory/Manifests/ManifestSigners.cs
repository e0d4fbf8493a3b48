using System.Buffers.Text;
using System.Security.Cryptography;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>The certificates whose keys may have signed a manifest. That they have expired does not matter: the manifests stay.</summary>
internal sealed class ManifestSigners(IEnumerable<ParsedCertificate> certificates) : IDisposable
{
    private readonly Dictionary<string, (ParsedCertificate Certificate, ECDsa Key)> _byThumbprint =
        certificates.DistinctBy(c => c.Id).Select(c => (c, KeyOf(c))).ToDictionary(s => Base64Url.EncodeToString(s.c.Fingerprint));

    public bool Any => _byThumbprint.Count > 0;

    /// <summary>Checks a signature over <c>protected.payload</c> (RFC 7515, section 5.2; RFC 7518, section 3.4).</summary>
    /// <exception cref="CdfException">InvalidRequest: an unknown signer, or a signature that its key did not make.</exception>
    public void Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature, string? keyId, string? thumbprint)
    {
        if (!_byThumbprint.TryGetValue(thumbprint ?? "", out var signer))
            throw ManifestItem.Invalid($"It is signed by a key (x5t#S256 '{thumbprint}', kid '{keyId}') whose certificate is not among the signer certificates given.");
        if (signer.Certificate.SubjectKeyIdentifier is { } identifier && Base64Url.EncodeToString(identifier) != keyId)
            throw ManifestItem.Invalid($"Its kid '{keyId}' is not the key identifier of the signer certificate that its x5t#S256 names.");
        if (!signer.Key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            throw ManifestItem.Invalid($"Its signature is wrong: '{signer.Certificate.Subject}' did not sign this content.");
    }

    public void Dispose()
    {
        foreach (var (_, key) in _byThumbprint.Values)
            key.Dispose();
    }

    private static ECDsa KeyOf(ParsedCertificate certificate)
    {
        if (certificate.PublicKey.Algorithm != KeyAlgorithm.P256)
            throw ManifestItem.Invalid($"The signer certificate '{certificate.Subject}' has no key on P-256, as ES256 needs it.");
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(certificate.PublicKey.Der.Span, out _);
        return key;
    }
}
