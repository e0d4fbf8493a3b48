using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A key pair made here.</summary>
internal sealed class DeviceKey
{
    private DeviceKey(bool isRsa, string privateKeyPem, byte[] subjectPublicKeyInfo)
    {
        IsRsa = isRsa;
        PrivateKeyPem = privateKeyPem;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
    }

    /// <summary>Whether it is an RSA-2048 key; if not, it is a P-256 key.</summary>
    public bool IsRsa { get; }

    /// <summary>PKCS#8 for EC, PKCS#1 for RSA as AWS IoT returns it. For the caller's eyes only.</summary>
    public string PrivateKeyPem { get; }

    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public string PublicKeyPem => Pem.Encode("PUBLIC KEY", SubjectPublicKeyInfo.Span);

    public static DeviceKey CreateP256()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new DeviceKey(isRsa: false, Encode("PRIVATE KEY", key.ExportPkcs8PrivateKey()), key.ExportSubjectPublicKeyInfo());
    }

    public static DeviceKey CreateRsa2048()
    {
        using var key = RSA.Create(2048);
        return new DeviceKey(isRsa: true, Encode("RSA PRIVATE KEY", key.ExportRSAPrivateKey()), key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => IsRsa ? "RSA-2048 key" : "P-256 key";

    private static string Encode(string label, byte[] privateKey)
    {
        var pem = Pem.Encode(label, privateKey);
        CryptographicOperations.ZeroMemory(privateKey);
        return pem;
    }
}
