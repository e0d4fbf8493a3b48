using System.Collections.Concurrent;
using System.Text.Json;

namespace CdfProvisioning.Iot.Policies;

/// <summary>What AWS IoT accepts as a policy, read: statements with an effect, actions and resources (AWS IoT Developer Guide, AWS IoT Core policies; IAM User Guide, grammar of the policy language).</summary>
internal sealed class PolicyDocument
{
    /// <summary>AWS IoT API Reference, CreatePolicy: a document as it is sent, white space included.</summary>
    public const int MaxRawLength = 404_600;

    /// <summary>How many versions a policy has at most (AWS IoT API Reference, CreatePolicyVersion).</summary>
    public const int MaxVersions = 5;

    /// <summary>AWS IoT API Reference, CreatePolicy: white space not counted.</summary>
    private const int MaxLength = 2_048;

    private const string WithVariables = "2012-10-17";
    private const int MaxCached = 256;

    private static readonly IReadOnlyList<string> Versions = [WithVariables, "2008-10-17"];
    private static readonly IReadOnlyList<string> StatementMembers = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    private static readonly IReadOnlyList<string> Principals = ["Principal", "NotPrincipal"];
    private static readonly ConcurrentDictionary<string, PolicyDocument> Cache = new();

    private PolicyDocument(string? version, IReadOnlyList<PolicyStatement> statements)
    {
        Version = version;
        Statements = statements;
    }

    /// <summary>The version of the policy language; null if none is named, which is the older one.</summary>
    public string? Version { get; }

    public IReadOnlyList<PolicyStatement> Statements { get; }

    /// <exception cref="CdfException">MalformedPolicy; the message names the statement.</exception>
    public static void Check(string document) => Parse(document);

    /// <summary>As <see cref="Parse"/>, once for policies that are used again and again.</summary>
    /// <exception cref="CdfException">MalformedPolicy.</exception>
    public static PolicyDocument Get(string document)
    {
        if (Cache.TryGetValue(document, out var cached))
            return cached;
        if (Cache.Count >= MaxCached)
            Cache.Clear();
        return Cache.GetOrAdd(document, Parse(document));
    }

    /// <returns>Null if the document is malformed.</returns>
    public static PolicyDocument? Find(string document)
    {
        try
        {
            return Parse(document);
        }
        catch (CdfException)
        {
            return null;
        }
    }

    /// <exception cref="CdfException">MalformedPolicy; the message names the statement.</exception>
    public static PolicyDocument Parse(string document)
    {
        if (document.Length > MaxRawLength || document.Count(c => !char.IsWhiteSpace(c)) > MaxLength)
            throw IotErrorType.MalformedPolicy.Error($"The policy document has more than {MaxLength} characters that are not white space.");
        try
        {
            using var json = JsonDocument.Parse(document);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? Read(json.RootElement)
                : throw IotErrorType.MalformedPolicy.Error($"The policy document '{IotNames.Shown(document)}' is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException) // the latter two: half a surrogate pair
        {
            throw IotErrorType.MalformedPolicy.Error($"The policy document is not JSON: {JsonMessages.WithoutPlace(e.Message)}.", e);
        }
    }

    /// <summary>What is accepted but may not be meant, or of which AWS's own answer is not known.</summary>
    public IEnumerable<string> Warnings()
    {
        foreach (var statement in Statements)
        {
            foreach (var member in statement.Members.Where(m => !StatementMembers.Contains(m) && !Principals.Contains(m)))
                yield return $"Statement {statement.Number} has a member '{member}', which means nothing: the members are {string.Join(", ", StatementMembers)}.";
            if (statement.Members.Any(Principals.Contains))
                yield return $"Statement {statement.Number} has a Principal: AWS IoT's policies have none, since they apply to what they are attached to, and AWS may refuse it.";
            foreach (var action in statement.Actions.Where(a => !PolicyActions.IsKnown(a.Text)))
                yield return $"Statement {statement.Number} names the action '{action.Text}', which is not one that AWS IoT documents for policies: {string.Join(", ", PolicyActions.Known)}.";
            if (Version != WithVariables && statement.Resources.Any(r => r.Text.Contains("${", StringComparison.Ordinal)))
                yield return $"Statement {statement.Number} has a policy variable, which is plain text without \"Version\": \"{WithVariables}\".";
            foreach (var variable in Variables(statement).Where(v => !PolicyVariableNames.IsKnown(v)).Distinct(StringComparer.OrdinalIgnoreCase))
                yield return $"Statement {statement.Number} names the variable '{variable}', which AWS IoT does not document: it has no value, and the statement will not apply.";
        }
    }

    private static PolicyDocument Read(JsonElement root)
    {
        if (root.TryGetProperty(nameof(Version), out var version) && !(version.ValueKind == JsonValueKind.String && Versions.Contains(version.GetString())))
            throw Malformed($"Its Version is none of {string.Join(" and ", Versions)}.");
        if (!root.TryGetProperty("Statement", out var statements))
            throw Malformed("It has no Statement.");
        var name = version.ValueKind == JsonValueKind.String ? version.GetString() : null;
        List<JsonElement> all = statements.ValueKind == JsonValueKind.Array ? [.. statements.EnumerateArray()] : [statements];
        return new(name, [.. all.Select((s, i) => ReadStatement(s, i + 1, hasVariables: name == WithVariables))]);
    }

    private static IEnumerable<string> Variables(PolicyStatement statement) =>
        statement.Resources.SelectMany(r => r.Variables).Concat(statement.Conditions.SelectMany(c => c.Values).SelectMany(v => v.Variables));

    private static PolicyStatement ReadStatement(JsonElement statement, int number, bool hasVariables)
    {
        if (statement.ValueKind != JsonValueKind.Object)
            throw Malformed($"Statement {number} is not an object.");
        if (!(statement.TryGetProperty("Effect", out var effect) && effect.ValueKind == JsonValueKind.String && effect.GetString() is "Allow" or "Deny"))
            throw Malformed($"Statement {number} has no Effect that is Allow or Deny.");
        if (statement.TryGetProperty("Sid", out var sid) && sid.ValueKind != JsonValueKind.String)
            throw Malformed($"The Sid of statement {number} is not a text.");
        var (actions, exceptsActions) = Texts(statement, "Action", number);
        var (resources, exceptsResources) = Texts(statement, "Resource", number);
        if (resources.Where(r => !IsArn(r)).ToList() is { Count: > 0 } invalid)
            throw IotErrorType.MalformedPolicy.Error($"Policy document is Malformed: The following resources are invalid : {string.Join(", ", invalid.Select(IotNames.Shown))}");
        return new(
            number, sid.ValueKind == JsonValueKind.String ? sid.GetString() : null, effect.GetString() == "Allow",
            [.. actions.Select(a => PolicyPattern.Parse(a, hasVariables: false, ignoresCase: true))], exceptsActions,
            [.. resources.Select(r => PolicyPattern.Parse(r, hasVariables))], exceptsResources,
            [.. Conditions(statement, number, hasVariables)], [.. statement.EnumerateObject().Select(m => m.Name)], statement.GetRawText());
    }

    private static (IReadOnlyList<string> Texts, bool Excepts) Texts(JsonElement statement, string member, int number)
    {
        var hasIt = statement.TryGetProperty(member, out var value);
        var hasNot = statement.TryGetProperty($"Not{member}", out var not);
        if (hasIt && hasNot)
            throw Malformed($"Statement {number} has both {member} and Not{member}: give one.");
        var texts = TextsOf(hasNot ? not : value);
        return texts is { Count: > 0 } ? (texts, hasNot) : throw Malformed($"Statement {number} has no {member}: a text, or a list of texts.");
    }

    private static IReadOnlyList<string>? TextsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
        _ => null,
    };

    private static IEnumerable<PolicyCondition> Conditions(JsonElement statement, int number, bool hasVariables)
    {
        if (!statement.TryGetProperty("Condition", out var conditions))
            yield break;
        if (conditions.ValueKind != JsonValueKind.Object)
            throw Malformed($"The Condition of statement {number} is not an object.");
        foreach (var condition in conditions.EnumerateObject())
        {
            if (condition.Value.ValueKind != JsonValueKind.Object)
                throw Malformed($"'{condition.Name}' in the Condition of statement {number} is not an object of keys and values.");
            foreach (var key in condition.Value.EnumerateObject())
                yield return PolicyCondition.Parse(condition.Name, key.Name, Values(key.Value, number), hasVariables)
                    ?? throw Malformed($"'{IotNames.Shown(condition.Name)}' in the Condition of statement {number} is not a condition operator, such as StringEquals or Bool.");
        }
    }

    /// <summary>Numbers and booleans need no quotes.</summary>
    private static IReadOnlyList<string> Values(JsonElement value, int number) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(v => v.ValueKind == JsonValueKind.Array ? throw Nested(number) : Values(v, number))],
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [value.GetRawText()],
        _ => throw Nested(number),
    };

    private static CdfException Nested(int number) => Malformed($"A value in the Condition of statement {number} is neither a text nor a list of texts.");

    /// <summary>Either all, or <c>arn:partition:service:region:account:resource</c>; a variable may have colons.</summary>
    private static bool IsArn(string resource)
    {
        if (resource == "*")
            return true;
        if (!resource.StartsWith("arn:", StringComparison.Ordinal))
            return false;
        var colons = 0;
        var depth = 0;
        for (var i = 0; i < resource.Length; i++)
        {
            if (resource[i] == '{' && i > 0 && resource[i - 1] == '$')
                depth++;
            else if (resource[i] == '}' && depth > 0)
                depth--;
            else if (resource[i] == ':' && depth == 0 && ++colons == 5)
                return i + 1 < resource.Length;
        }

        return false;
    }

    private static CdfException Malformed(string problem) => IotErrorType.MalformedPolicy.Error($"Policy document is Malformed: {problem}");
}
