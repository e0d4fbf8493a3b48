using System.Security.Cryptography;
using System.Text;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>A secret as it is used within a scope (AWS General Reference, calculate the signature).</summary>
internal sealed class SignatureKey
{
    private readonly CredentialScope _scope;

    public SignatureKey(string secretAccessKey, CredentialScope scope)
    {
        _scope = scope;
        Bytes = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in scope.ToString().Split('/'))
            Bytes = HMACSHA256.HashData(Bytes, Encoding.UTF8.GetBytes(part));
    }

    public byte[] Bytes { get; }

    /// <returns>The signature in hexadecimal digits.</returns>
    public string Sign(string canonicalRequest, string dateTime)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        return Convert.ToHexStringLower(HMACSHA256.HashData(Bytes, Encoding.UTF8.GetBytes($"{RequestSignature.Algorithm}\n{dateTime}\n{_scope}\n{hash}")));
    }
}
