using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A key pair made here.</summary>
internal sealed class DeviceKey
{
    // PrivateKeyInfo (RFC 5208): version 0, id-ecPublicKey on prime256v1, ECPrivateKey (RFC 5915): version 1, the scalar ...
    private static ReadOnlySpan<byte> P256Pkcs8 =>
    [
        0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
        0x03, 0x01, 0x07, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20,
    ];

    // ... and the public key, as a bit string without unused bits
    private static ReadOnlySpan<byte> P256Pkcs8Middle => [0xA1, 0x44, 0x03, 0x42, 0x00];

    private static ReadOnlySpan<byte> P256SubjectPublicKeyInfo =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    private DeviceKey(bool isRsa, string privateKeyPem, byte[] subjectPublicKeyInfo)
    {
        IsRsa = isRsa;
        PrivateKeyPem = privateKeyPem;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
    }

    /// <summary>Whether it is an RSA key; if not, it is of an elliptic curve.</summary>
    public bool IsRsa { get; }

    /// <summary>PKCS#8 for EC, PKCS#1 for RSA as AWS IoT returns it. For the caller's eyes only.</summary>
    public string PrivateKeyPem { get; }

    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public string PublicKeyPem => Pem.Encode("PUBLIC KEY", SubjectPublicKeyInfo.Span);

    public static DeviceKey CreateP256()
    {
        Span<byte> scalar = stackalloc byte[P256Generator.ScalarLength];
        Span<byte> point = stackalloc byte[P256Generator.PointLength];
        try
        {
            if (!P256Generator.TryGenerate(scalar, point))
                Generate(scalar, point);
            return OfP256(scalar, point);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The key pair of these numbers: a P-256 key always has the same number of bytes, so there is nothing to compute.</summary>
    internal static DeviceKey OfP256(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point)
    {
        Span<byte> pkcs8 = stackalloc byte[P256Pkcs8.Length + P256Generator.ScalarLength + P256Pkcs8Middle.Length + P256Generator.PointLength];
        P256Pkcs8.CopyTo(pkcs8);
        scalar.CopyTo(pkcs8[P256Pkcs8.Length..]);
        P256Pkcs8Middle.CopyTo(pkcs8[(P256Pkcs8.Length + scalar.Length)..]);
        point.CopyTo(pkcs8[^point.Length..]);
        byte[] subjectPublicKeyInfo = [.. P256SubjectPublicKeyInfo, .. point];
        var key = new DeviceKey(isRsa: false, Pem.Encode("PRIVATE KEY", pkcs8), subjectPublicKeyInfo);
        CryptographicOperations.ZeroMemory(pkcs8);
        return key;
    }

    /// <summary>A key pair of .NET's.</summary>
    internal static void Generate(Span<byte> scalar, Span<byte> point)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        parameters.D.CopyTo(scalar);
        CryptographicOperations.ZeroMemory(parameters.D);
        point[0] = 4;
        parameters.Q.X.CopyTo(point[1..]);
        parameters.Q.Y.CopyTo(point[(1 + P256Generator.ScalarLength)..]);
    }

    public static DeviceKey CreateRsa2048()
    {
        using var key = RSA.Create(2048);
        return new DeviceKey(isRsa: true, Encode("RSA PRIVATE KEY", key.ExportRSAPrivateKey()), key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>What identifies a private key's public part, as <see cref="PublicKey.Identifier"/>; null if the text is no such key.</summary>
    public static byte[]? IdentifierOf(string privateKeyPem)
    {
        using AsymmetricAlgorithm key = privateKeyPem.Contains("RSA PRIVATE KEY", StringComparison.Ordinal) ? RSA.Create() : ECDsa.Create();
        try
        {
            key.ImportFromPem(privateKeyPem);
            return PublicKey.Read(key.ExportSubjectPublicKeyInfo()).Identifier;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>A key pair of any algorithm that AWS IoT accepts.</summary>
    /// <param name="algorithm">Of which kind.</param>
    /// <param name="rsaBits">The size, if it is RSA.</param>
    public static DeviceKey Create(KeyAlgorithm algorithm, int rsaBits = 2048)
    {
        switch (algorithm)
        {
            case KeyAlgorithm.P256:
                return CreateP256();
            case KeyAlgorithm.Rsa:
                using (var rsa = RSA.Create(rsaBits))
                    return new DeviceKey(isRsa: true, Encode("RSA PRIVATE KEY", rsa.ExportRSAPrivateKey()), rsa.ExportSubjectPublicKeyInfo());
            default:
                using (var key = ECDsa.Create(algorithm == KeyAlgorithm.P384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP521))
                    return new DeviceKey(isRsa: false, Encode("PRIVATE KEY", key.ExportPkcs8PrivateKey()), key.ExportSubjectPublicKeyInfo());
        }
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => IsRsa ? "RSA key" : "EC key";

    private static string Encode(string label, byte[] privateKey)
    {
        var pem = Pem.Encode(label, privateKey);
        CryptographicOperations.ZeroMemory(privateKey);
        return pem;
    }
}
