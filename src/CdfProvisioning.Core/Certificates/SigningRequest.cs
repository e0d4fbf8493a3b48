using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>A certificate signing request (PKCS#10, RFC 2986) whose signature has been verified. What extensions it asks for is not looked at.</summary>
internal sealed class SigningRequest
{
    /// <summary>The most text AWS IoT takes as a CSR.</summary>
    private const int Limit = 4096;

    private SigningRequest(X509Name subject, PublicKey publicKey)
    {
        Subject = subject;
        PublicKey = publicKey;
    }

    /// <summary>May be empty.</summary>
    public X509Name Subject { get; }

    public PublicKey PublicKey { get; }

    /// <summary>The PEM of a CSR for a key made here.</summary>
    public static string Create(X509Name subject, string privateKeyPem)
    {
        var name = new X500DistinguishedName(subject.Der.Span);
        using AsymmetricAlgorithm imported = privateKeyPem.Contains("RSA PRIVATE KEY", StringComparison.Ordinal) ? RSA.Create() : ECDsa.Create();
        imported.ImportFromPem(privateKeyPem);
        var request = imported is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)imported, imported.KeySize > 256 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256);
        return Certificates.Pem.Encode("CERTIFICATE REQUEST", request.CreateSigningRequest());
    }

    /// <exception cref="CdfException">The CSR is not one, its signature does not verify, or AWS IoT does not accept its key.</exception>
    public static SigningRequest Parse(string pem)
    {
        if (pem.Length > Limit)
            throw Error($"has {pem.Length} characters; AWS IoT accepts {Limit}");
        var der = Pem.Decode(pem, ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], "The CSR", IotErrorType.InvalidRequest);
        try
        {
            var signed = SignedObject.Read(der);
            var request = Read(signed.Content);
            if (request.PublicKey.FindWeakness() is { } weakness)
                throw Error($"is refused: {weakness}");
            // AWS documents what the key has to be, not the signature, and its own SDK for iOS signs CSRs with SHA-1 (AWSIoTCSR.m).
            return request.PublicKey.Verifies(signed, acceptsSha1: true)
                ? request
                : throw Error("is refused: its signature does not verify, so it was changed or is not signed with the key it holds; make it anew");
        }
        catch (UnsupportedAlgorithmException e)
        {
            throw Error($"is refused: {e.Message}");
        }
        catch (AsnContentException e)
        {
            throw Error($"cannot be used, it is damaged or not a PKCS#10 request: {e.Message.TrimEnd('.')}");
        }
    }

    private static SigningRequest Read(ReadOnlyMemory<byte> content)
    {
        var reader = new AsnReader(content, AsnEncodingRules.DER).ReadSequence();
        if (!reader.TryReadInt32(out var version) || version != 0)
            throw new AsnContentException("its version is not 1");
        var subject = X509Name.Read(reader.ReadEncodedValue());
        var publicKey = PublicKey.Read(reader.ReadEncodedValue());
        reader.ReadSetOf(skipSortOrderValidation: true, new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
        reader.ThrowIfNotEmpty();
        return new SigningRequest(subject, publicKey);
    }

    private static CdfException Error(string problem) => CdfErrorCode.InvalidRequest.Error($"The CSR {problem}.");
}
