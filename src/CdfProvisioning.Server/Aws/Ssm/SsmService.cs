using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Json;
using CdfProvisioning.Server.Aws.S3;

namespace CdfProvisioning.Server.Aws.Ssm;

/// <summary>
/// Systems Manager's parameters, of which there are those in which the original service keeps the keys of its CAs: the
/// parameter <c>cdf-ca-key-&lt;caId&gt;</c> is the key of that CA in the key store.
/// </summary>
internal sealed class SsmService(Regions regions) : JsonService(regions, "ssm", "AmazonSSM")
{
    private const string Prefix = "cdf-ca-key-";
    private const string SecureString = "SecureString";

    /// <summary>There is one version of a key, the present one.</summary>
    private const int Version = 1;

    private static readonly IotErrorType NotFound = new("ParameterNotFound", 400, CdfErrorCode.NotFound);
    private static readonly IotErrorType AlreadyExists = new("ParameterAlreadyExists", 400, CdfErrorCode.Conflict);

    protected override IReadOnlyDictionary<string, JsonOperation> Operations { get; } = new Dictionary<string, JsonOperation>
    {
        ["GetParameter"] = GetAsync,
        ["PutParameter"] = PutAsync,
        ["DeleteParameter"] = DeleteAsync,
    };

    private static async Task<JsonObject> GetAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var name = input.Text("Name");
        var key = await FindAsync(connection.CertificateAuthorities, name, cancellationToken) ?? throw NotFound.Error($"Parameter {IotNames.Shown(name)} not found.");
        return new()
        {
            ["Parameter"] = new JsonObject
            {
                ["Name"] = name,
                ["Type"] = SecureString,
                ["Value"] = input.Flag("WithDecryption") ? key : Sealed(key),
                ["Version"] = Version,
                ["ARN"] = $"arn:{Arn.Partition(connection.Info.Region)}:ssm:{connection.Info.Region}:{connection.Info.AccountId}:parameter/{name.TrimStart('/')}",
                ["DataType"] = "text",
            },
        };
    }

    private static async Task<JsonObject> PutAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var (name, value, type) = (input.Text("Name"), input.Text("Value"), input.TextOrNull("Type") ?? SecureString);
        if (CaIdOf(name) is not { } caId)
            throw JsonErrors.Validation.Error($"Only the keys of CAs are kept here, as parameters {Prefix}<CA certificate id>: '{IotNames.Shown(name)}' is none.");
        if (type != SecureString)
            throw JsonErrors.Validation.Error($"The key of a CA is a {SecureString}, not a '{IotNames.Shown(type)}'.");
        if (!value.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw JsonErrors.Validation.Error("The value is not a private key in PEM.");
        if (!input.Flag("Overwrite") && await connection.CertificateAuthorities.FindKeyAsync(caId, cancellationToken) is not null)
            throw AlreadyExists.Error("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        await connection.CertificateAuthorities.PutKeyAsync(caId, value, cancellationToken);
        return new() { ["Version"] = Version, ["Tier"] = "Standard" };
    }

    private static async Task<JsonObject> DeleteAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var name = input.Text("Name");
        if (await FindAsync(connection.CertificateAuthorities, name, cancellationToken) is null)
            throw NotFound.Error($"Parameter {IotNames.Shown(name)} not found.");
        await connection.CertificateAuthorities.RemoveKeyAsync(CaIdOf(name)!, cancellationToken);
        return [];
    }

    private static async ValueTask<string?> FindAsync(CertificateAuthorityService authorities, string name, CancellationToken cancellationToken) =>
        CaIdOf(name) is { } caId ? await authorities.FindKeyAsync(caId, cancellationToken) : null;

    private static string? CaIdOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name[Prefix.Length..] is { Length: 64 } id && id.All(char.IsAsciiHexDigit) ? id.ToLowerInvariant() : null;

    /// <summary>Who does not ask for decryption gets something that is none of the key.</summary>
    private static string Sealed(string key) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
