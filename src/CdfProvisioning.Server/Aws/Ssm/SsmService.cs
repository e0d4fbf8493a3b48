using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Server.Aws.Json;

namespace CdfProvisioning.Server.Aws.Ssm;

/// <summary>
/// Systems Manager's parameters. Those in which the original service keeps the keys of its CAs are the key store itself:
/// the parameter <c>cdf-ca-key-&lt;caId&gt;</c> is the key of that CA.
/// </summary>
internal sealed partial class SsmService : JsonService
{
    private const string CaKeyPrefix = "cdf-ca-key-";
    private const string SecureString = "SecureString";
    private const int MaxResults = 50;

    /// <summary>Systems Manager User Guide, parameter tiers: the sizes of values.</summary>
    private const int MaxStandardLength = 4096;

    private const int MaxAdvancedLength = 8192;

    /// <summary>API Reference, PutParameter: the levels of a hierarchy.</summary>
    private const int MaxLevels = 15;

    private static readonly IotErrorType NotFound = new("ParameterNotFound", 400, CdfErrorCode.NotFound);
    private static readonly IotErrorType VersionNotFound = new("ParameterVersionNotFound", 400, CdfErrorCode.NotFound);
    private static readonly IotErrorType AlreadyExists = new("ParameterAlreadyExists", 400, CdfErrorCode.Conflict);
    private static readonly IotErrorType PatternMismatch = new("ParameterPatternMismatchException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType TooDeep = new("HierarchyLevelLimitExceededException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType InvalidNextToken = new("InvalidNextToken", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType AccessDenied = new("AccessDeniedException", 400, CdfErrorCode.AccessDenied);
    private static readonly IotErrorType InvalidResource = new("InvalidResourceId", 400, CdfErrorCode.NotFound);

    private readonly ConcurrentDictionary<string, ParameterStore> _stores = new();

    private readonly bool _answersSecrets;

    /// <param name="regions">The registries.</param>
    /// <param name="answersSecrets">Whether who asks has shown who they are: any user of this machine can use a port of it.</param>
    public SsmService(Regions regions, bool answersSecrets)
        : base(regions, "ssm", "AmazonSSM")
    {
        _answersSecrets = answersSecrets;
        Operations = new Dictionary<string, JsonOperation>
        {
            ["GetParameter"] = GetAsync,
            ["GetParameters"] = GetSeveralAsync,
            ["GetParametersByPath"] = GetByPathAsync,
            ["DescribeParameters"] = DescribeAsync,
            ["PutParameter"] = PutAsync,
            ["DeleteParameter"] = DeleteAsync,
            ["DeleteParameters"] = DeleteSeveralAsync,
            ["AddTagsToResource"] = AddTagsAsync,
            ["RemoveTagsFromResource"] = RemoveTagsAsync,
            ["ListTagsForResource"] = ListTagsAsync,
        };
    }

    protected override IReadOnlyDictionary<string, JsonOperation> Operations { get; }

    protected override ServiceModel Model => SsmModel.Instance;

    private async Task<JsonObject> GetAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var asked = NameIn(input.Text("Name"));
        var (name, version) = asked.Split(':') is [var n, var v] && int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (n, number) : (asked, (int?)null);
        var parameter = await FindAsync(connection, name, cancellationToken) ?? throw NotFoundError(name);
        if (version is not null && version != parameter.Version)
            throw VersionNotFound.Error($"Systems Manager could not find version {version} of {IotNames.Shown(name)}. Verify the version and try again.");
        return new() { ["Parameter"] = Show(connection, parameter, input.Flag("WithDecryption")) };
    }

    private async Task<JsonObject> GetSeveralAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var (found, invalid) = (new JsonArray(), new JsonArray());
        foreach (var name in input.Texts("Names"))
        {
            if (await FindAsync(connection, NameIn(name), cancellationToken) is { } parameter)
                found.Add(Show(connection, parameter, input.Flag("WithDecryption")));
            else
                invalid.Add(name);
        }

        return new() { ["Parameters"] = found, ["InvalidParameters"] = invalid };
    }

    private async Task<JsonObject> GetByPathAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var path = input.Text("Path").TrimEnd('/') + '/';
        if (!path.StartsWith('/'))
            throw JsonErrors.Validation.Error($"The parameter path '{IotNames.Shown(path)}' must begin with a slash.");
        var below = (await StoreOf(connection).ListAsync(cancellationToken))
            .Where(p => p.Name.StartsWith(path, StringComparison.Ordinal) && (input.Flag("Recursive") || !p.Name[path.Length..].Contains('/')))
            .Select(p => Show(connection, p, input.Flag("WithDecryption")));
        return Page("Parameters", [.. below], input, defaultSize: 10);
    }

    private async Task<JsonObject> DescribeAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var filters = input.Objects("ParameterFilters")
            .Select(f => (Key: f.Text("Key"), Option: f.TextOrNull("Option") ?? "Equals", Values: f.Texts("Values")))
            .Concat(input.Objects("Filters").Select(f => (Key: f.Text("Key"), Option: "Equals", Values: f.Texts("Values"))))
            .ToList();
        var all = (await StoreOf(connection).ListAsync(cancellationToken)).Where(p => filters.All(f => Fits(p, f.Key, f.Option, f.Values)));
        return Page("Parameters", [.. all.Select(p => Describe(connection, p))], input, MaxResults);
    }

    private static bool Fits(StoredParameter parameter, string key, string option, IReadOnlyList<string> values)
    {
        var value = key switch
        {
            "Name" => parameter.Name,
            "Type" => parameter.Type,
            "KeyId" => parameter.KeyId ?? "",
            "Tier" => parameter.Tier,
            "DataType" => parameter.DataType,
            "Path" => parameter.Name[..(parameter.Name.LastIndexOf('/') + 1)].TrimEnd('/'),
            _ when key.StartsWith("tag:", StringComparison.Ordinal) => parameter.Tags?.GetValueOrDefault(key[4..]) ?? "",
            _ => "",
        };
        return option switch
        {
            "BeginsWith" => values.Any(v => value.StartsWith(v, StringComparison.Ordinal)),
            "Contains" => values.Any(v => value.Contains(v, StringComparison.Ordinal)),
            "Recursive" => values.Any(v => $"{value}/".StartsWith(v.TrimEnd('/') + '/', StringComparison.Ordinal)),
            _ => values.Contains(value),
        };
    }

    private async Task<JsonObject> PutAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var (name, value, type) = (NameIn(input.Text("Name")), input.Text("Value"), input.TextOrNull("Type"));
        var tags = TagsIn(input);
        // Who puts the URI of a key signs with it from a machine of their own; this process does not load what others name.
        if (CaIdOf(name) is { } caId && !KeyUri.HasKnownScheme(value))
        {
            await PutCaKeyAsync(connection, caId, value, type, input.Flag("Overwrite"), cancellationToken);
            return new() { ["Version"] = 1, ["Tier"] = "Standard" };
        }

        CheckName(name);
        var isOverwritten = input.Flag("Overwrite");
        if (isOverwritten && tags is not null)
            throw JsonErrors.Validation.Error("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.");
        var parameter = await StoreOf(connection).ChangeAsync(name, present => Changed(present, input, name, value, type, isOverwritten, tags), cancellationToken);
        return new() { ["Version"] = parameter.Version, ["Tier"] = parameter.Tier };
    }

    private static StoredParameter Changed(
        StoredParameter? present, JsonInput input, string name, string value, string? type, bool isOverwritten, IReadOnlyDictionary<string, string>? tags)
    {
        if (present is not null && !isOverwritten)
            throw AlreadyExists.Error("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        if (present is null && type is null)
            throw JsonErrors.Validation.Error("A parameter type is required when you create a parameter.");
        var tier = input.TextOrNull("Tier") switch
        {
            "Advanced" => "Advanced",
            "Intelligent-Tiering" when value.Length > MaxStandardLength => "Advanced",
            null when present is not null => present.Tier,
            _ => "Standard",
        };
        var max = tier == "Standard" ? MaxStandardLength : MaxAdvancedLength;
        if (value.Length > max)
            throw JsonErrors.Validation.Error($"{tier} tier parameters support a maximum parameter value of {max} characters.{(tier == "Standard" ? " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html" : "")}");
        var pattern = input.TextOrNull("AllowedPattern") ?? present?.AllowedPattern;
        if (pattern is not null && !Matches(value, pattern))
            throw PatternMismatch.Error("Parameter value, cannot be validated against allowedPattern: " + IotNames.Shown(pattern));
        return new(
            name, type ?? present!.Type, value, (present?.Version ?? 0) + 1, DateTimeOffset.UtcNow, input.TextOrNull("Description") ?? present?.Description,
            (type ?? present!.Type) == SecureString ? input.TextOrNull("KeyId") ?? present?.KeyId ?? "alias/aws/ssm" : null,
            pattern, tier, input.TextOrNull("DataType") ?? present?.DataType ?? "text", tags ?? present?.Tags);
    }

    private static bool Matches(string value, string pattern)
    {
        try
        {
            return Regex.IsMatch(value, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw JsonErrors.Validation.Error($"The allowed pattern '{IotNames.Shown(pattern)}' is not a regular expression that can be used.", e);
        }
    }

    private static async Task PutCaKeyAsync(Connection connection, string caId, string value, string? type, bool isOverwritten, CancellationToken cancellationToken)
    {
        if ((type ?? SecureString) != SecureString)
            throw JsonErrors.Validation.Error($"The key of a CA is a {SecureString}, not a '{IotNames.Shown(type!)}'.");
        if (!value.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw JsonErrors.Validation.Error("The value is not a private key in PEM.");
        if (!isOverwritten && await connection.CertificateAuthorities.FindKeyAsync(caId, cancellationToken) is not null)
            throw AlreadyExists.Error("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        await connection.CertificateAuthorities.PutKeyAsync(caId, value, cancellationToken);
    }

    private async Task<JsonObject> DeleteAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var name = NameIn(input.Text("Name"));
        return await RemoveAsync(connection, name, cancellationToken) ? [] : throw NotFoundError(name);
    }

    private async Task<JsonObject> DeleteSeveralAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var (deleted, invalid) = (new JsonArray(), new JsonArray());
        foreach (var name in input.Texts("Names"))
            (await RemoveAsync(connection, NameIn(name), cancellationToken) ? deleted : invalid).Add(name);
        return new() { ["DeletedParameters"] = deleted, ["InvalidParameters"] = invalid };
    }

    private async Task<JsonObject> AddTagsAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var given = TagsIn(input)!;
        await ChangeTagsAsync(connection, input, tags =>
        {
            foreach (var (key, value) in given)
                tags[key] = value;
        }, cancellationToken);
        return [];
    }

    private async Task<JsonObject> RemoveTagsAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        await ChangeTagsAsync(connection, input, tags =>
        {
            foreach (var key in input.Texts("TagKeys"))
                tags.Remove(key);
        }, cancellationToken);
        return [];
    }

    private async Task<JsonObject> ListTagsAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var name = ResourceIn(input);
        var parameter = await FindAsync(connection, name, cancellationToken) ?? throw InvalidResource.Error($"Parameter {IotNames.Shown(name)} not found.");
        return new() { ["TagList"] = new JsonArray([.. (parameter.Tags ?? new Dictionary<string, string>()).Select(t => new JsonObject { ["Key"] = t.Key, ["Value"] = t.Value })]) };
    }

    private async Task ChangeTagsAsync(Connection connection, JsonInput input, Action<Dictionary<string, string>> change, CancellationToken cancellationToken)
    {
        var name = ResourceIn(input);
        await StoreOf(connection).ChangeAsync(
            name,
            present =>
            {
                if (present is null)
                    throw InvalidResource.Error($"Parameter {IotNames.Shown(name)} not found, or it is the key of a CA, which has no tags.");
                var tags = new Dictionary<string, string>(present.Tags ?? new Dictionary<string, string>());
                change(tags);
                return present with { Tags = tags };
            },
            cancellationToken);
    }

    private static string ResourceIn(JsonInput input) => input.Text("ResourceType") == "Parameter"
        ? NameIn(input.Text("ResourceId"))
        : throw InvalidResource.Error($"Only parameters can be tagged here, not a {IotNames.Shown(input.Text("ResourceType"))}.");

    private static Dictionary<string, string>? TagsIn(JsonInput input)
    {
        var tags = input.Objects("Tags");
        return tags.Count == 0 ? null : tags.DistinctBy(t => t.Text("Key")).ToDictionary(t => t.Text("Key"), t => t.TextOrNull("Value") ?? "");
    }

    private static JsonObject Page(string member, JsonArray items, JsonInput input, int defaultSize)
    {
        var skip = 0;
        if (input.TextOrNull("NextToken") is { Length: > 0 } token && !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out skip))
            throw InvalidNextToken.Error("The specified token isn't valid.");
        var size = (int)(input.NumberOrNull("MaxResults") ?? defaultSize);
        var page = new JsonObject { [member] = new JsonArray([.. items.Skip(skip).Take(size).Select(i => i!.DeepClone())]) };
        if (items.Count > skip + size)
            page.Add("NextToken", (skip + size).ToString(CultureInfo.InvariantCulture));
        return page;
    }

    private async ValueTask<StoredParameter?> FindAsync(Connection connection, string name, CancellationToken cancellationToken)
    {
        return CaIdOf(name) is { } caId && await connection.CertificateAuthorities.FindKeyAsync(caId, cancellationToken) is { } key
            ? new(name, SecureString, key, 1, DateTimeOffset.UtcNow)
            : await StoreOf(connection).FindAsync(name, cancellationToken);
    }

    private async ValueTask<bool> RemoveAsync(Connection connection, string name, CancellationToken cancellationToken)
    {
        if (CaIdOf(name) is not { } caId || await connection.CertificateAuthorities.FindKeyAsync(caId, cancellationToken) is null)
            return StoreOf(connection).Remove(name);
        await connection.CertificateAuthorities.RemoveKeyAsync(caId, cancellationToken);
        return true;
    }

    private JsonObject Show(Connection connection, StoredParameter parameter, bool isDecrypted) => new()
    {
        ["Name"] = parameter.Name,
        ["Type"] = parameter.Type,
        ["Value"] = parameter.Type != SecureString ? parameter.Value : isDecrypted ? Opened(parameter.Value) : Sealed(parameter.Value),
        ["Version"] = parameter.Version,
        ["LastModifiedDate"] = parameter.ModifiedAt.ToUnixTimeMilliseconds() / 1000.0,
        ["ARN"] = ArnOf(connection, parameter.Name),
        ["DataType"] = parameter.DataType,
    };

    private string Opened(string value) => _answersSecrets ? value : throw AccessDenied.Error(
        "This server was given no access key, so any user of this machine could ask for its secrets: it answers them only if it is started with one.");

    private static JsonObject Describe(Connection connection, StoredParameter parameter)
    {
        var json = new JsonObject
        {
            ["Name"] = parameter.Name,
            ["ARN"] = ArnOf(connection, parameter.Name),
            ["Type"] = parameter.Type,
            ["LastModifiedDate"] = parameter.ModifiedAt.ToUnixTimeMilliseconds() / 1000.0,
            ["Version"] = parameter.Version,
            ["Tier"] = parameter.Tier,
            ["DataType"] = parameter.DataType,
            ["Policies"] = new JsonArray(),
        };
        foreach (var (member, value) in new[] { ("KeyId", parameter.KeyId), ("Description", parameter.Description), ("AllowedPattern", parameter.AllowedPattern) })
            if (value is not null)
                json.Add(member, value);
        return json;
    }

    private ParameterStore StoreOf(Connection connection) =>
        _stores.GetOrAdd(connection.Info.Region, region => new(new RegistryFolder(connection.Info.Path!, region, "parameters")));

    private static string ArnOf(Connection connection, string name) =>
        $"arn:{Arn.Partition(connection.Info.Region)}:ssm:{connection.Info.Region}:{connection.Info.AccountId}:parameter/{name.TrimStart('/')}";

    /// <summary>A parameter can be named by its ARN too; one that has no slash in front has none in its ARN.</summary>
    private static string NameIn(string name) =>
        name.StartsWith("arn:", StringComparison.Ordinal) && name.IndexOf(":parameter/", StringComparison.Ordinal) is var at and > 0
            ? name[(at + ":parameter".Length)..] is var path && path.AsSpan(1).Contains('/') ? path : path[1..]
            : name;

    /// <summary>API Reference, PutParameter, Name.</summary>
    private static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name))
            throw JsonErrors.Validation.Error("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_");
        if (name.Contains('/') && !name.StartsWith('/'))
            throw JsonErrors.Validation.Error("Parameter name must be a fully qualified name.");
        if (name.TrimStart('/') is var bare && (bare.StartsWith("aws", StringComparison.OrdinalIgnoreCase) || bare.StartsWith("ssm", StringComparison.OrdinalIgnoreCase)))
            throw JsonErrors.Validation.Error($"Parameter name: can't be prefixed with \"{bare[..3].ToLowerInvariant()}\" (case-insensitive).");
        if (name.Count(c => c == '/') > MaxLevels)
            throw TooDeep.Error($"Hierarchies may have {MaxLevels} levels.");
    }

    private static CdfException NotFoundError(string name) => NotFound.Error($"Parameter {IotNames.Shown(name)} not found.");

    private static string? CaIdOf(string name) =>
        name.StartsWith(CaKeyPrefix, StringComparison.Ordinal) && name[CaKeyPrefix.Length..] is { Length: 64 } id && id.All(char.IsAsciiHexDigit) ? id.ToLowerInvariant() : null;

    /// <summary>Who does not ask for decryption gets something that is none of the value.</summary>
    private static string Sealed(string value) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    [GeneratedRegex(@"^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$")]
    private static partial Regex NamePattern();
}
