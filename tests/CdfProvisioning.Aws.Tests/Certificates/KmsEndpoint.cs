using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Aws.Tests.Certificates;

/// <summary>As much of AWS KMS as signs: GetPublicKey and Sign, with keys that are there.</summary>
internal sealed class KmsEndpoint : IDisposable
{
    private readonly Dictionary<string, (AsymmetricAlgorithm Key, string Usage, string Spec)> _keys = [];

    /// <summary>The error that Sign answers with.</summary>
    public (int Status, string Type)? SignError { get; set; }

    /// <summary>The digests that were signed.</summary>
    public int Signed { get; private set; }

    public static bool IsFor(HttpContext context) => context.Request.Headers["X-Amz-Target"].ToString().StartsWith("TrentService.", StringComparison.Ordinal);

    public void Add(string id, AsymmetricAlgorithm key, string spec, string usage = "SIGN_VERIFY") => _keys.Add(id, (key, usage, spec));

    public async Task AnswerAsync(HttpContext context)
    {
        using var input = await JsonDocument.ParseAsync(context.Request.Body);
        var id = input.RootElement.GetProperty("KeyId").GetString()!;
        var (status, answer) = context.Request.Headers["X-Amz-Target"].ToString() switch
        {
            _ when id == "alias/symmetric" => Error(400, "UnsupportedOperationException"),
            _ when id == "alias/denied" => Error(400, "AccessDeniedException"),
            _ when id == "alias/disabled" => Error(400, "DisabledException"),
            _ when !_keys.ContainsKey(id) => Error(400, "NotFoundException", $"Alias {id} is not found."),
            "TrentService.GetPublicKey" => (200, new
            {
                KeyId = id,
                PublicKey = _keys[id].Key.ExportSubjectPublicKeyInfo(),
                KeyUsage = _keys[id].Usage,
                KeySpec = _keys[id].Spec,
            }),
            "TrentService.Sign" when SignError is { } error => Error(error.Status, error.Type),
            "TrentService.Sign" => (200, new { KeyId = id, Signature = Sign(_keys[id].Key, input.RootElement) }),
            var target => Error(400, "UnknownOperationException", target),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/x-amz-json-1.1";
        await context.Response.WriteAsync(JsonSerializer.Serialize(answer, answer.GetType()));
    }

    public void Dispose()
    {
        foreach (var (key, _, _) in _keys.Values)
            key.Dispose();
    }

    private static (int, object) Error(int status, string type, string message = "as scripted") => (status, new Dictionary<string, string> { ["__type"] = type, ["message"] = message });

    private byte[] Sign(AsymmetricAlgorithm key, JsonElement input)
    {
        Assert.Equal("DIGEST", input.GetProperty("MessageType").GetString());
        var digest = input.GetProperty("Message").GetBytesFromBase64();
        var algorithm = input.GetProperty("SigningAlgorithm").GetString();
        Signed++;
        return key is RSA rsa
            ? algorithm == "RSASSA_PKCS1_V1_5_SHA_256" ? rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : throw new NotSupportedException(algorithm)
            : algorithm == $"ECDSA_SHA_{digest.Length * 8}" ? ((ECDsa)key).SignHash(digest, DSASignatureFormat.Rfc3279DerSequence) : throw new NotSupportedException(algorithm);
    }
}
