using System.Text.Json;

namespace CdfProvisioning.Iot.Policies;

/// <summary>What AWS IoT accepts as a policy: statements with an effect, actions and resources (AWS IoT Developer Guide, AWS IoT Core policies).</summary>
internal static class PolicyDocument
{
    /// <summary>AWS IoT API Reference, CreatePolicy: a document as it is sent, white space included.</summary>
    public const int MaxRawLength = 404_600;

    /// <summary>AWS IoT API Reference, CreatePolicy: white space not counted.</summary>
    private const int MaxLength = 2_048;

    private static readonly IReadOnlyList<string> Versions = ["2012-10-17", "2008-10-17"];

    /// <exception cref="CdfException">MalformedPolicy; the message names the statement.</exception>
    public static void Check(string document)
    {
        if (document.Length > MaxRawLength || document.Count(c => !char.IsWhiteSpace(c)) > MaxLength)
            throw IotErrorType.MalformedPolicy.Error($"The policy document has more than {MaxLength} characters that are not white space.");
        try
        {
            using var json = JsonDocument.Parse(document);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw IotErrorType.MalformedPolicy.Error($"The policy document '{IotNames.Shown(document)}' is not a JSON object.");
            CheckObject(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException) // the latter two: half a surrogate pair
        {
            throw IotErrorType.MalformedPolicy.Error($"The policy document is not JSON: {e.Message}", e);
        }
    }

    private static void CheckObject(JsonElement root)
    {
        if (root.TryGetProperty("Version", out var version) && !(version.ValueKind == JsonValueKind.String && Versions.Contains(version.GetString())))
            throw Malformed($"Its Version is none of {string.Join(" and ", Versions)}.");
        if (!root.TryGetProperty("Statement", out var statements))
            throw Malformed("It has no Statement.");
        if (statements.ValueKind != JsonValueKind.Array)
        {
            CheckStatement(statements, 1);
            return;
        }

        var number = 0;
        foreach (var statement in statements.EnumerateArray())
            CheckStatement(statement, ++number);
    }

    private static void CheckStatement(JsonElement statement, int number)
    {
        if (statement.ValueKind != JsonValueKind.Object)
            throw Malformed($"Statement {number} is not an object.");
        if (!(statement.TryGetProperty("Effect", out var effect) && effect.ValueKind == JsonValueKind.String && effect.GetString() is "Allow" or "Deny"))
            throw Malformed($"Statement {number} has no Effect that is Allow or Deny.");
        CheckTexts(statement, "Action", number);
        CheckTexts(statement, "Resource", number);
        if (statement.TryGetProperty("Condition", out var condition) && condition.ValueKind != JsonValueKind.Object)
            throw Malformed($"The Condition of statement {number} is not an object.");
    }

    private static void CheckTexts(JsonElement statement, string member, int number)
    {
        var isGood = statement.TryGetProperty(member, out var value) && value.ValueKind switch
        {
            JsonValueKind.String => true,
            JsonValueKind.Array => value.GetArrayLength() > 0 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String),
            _ => false,
        };
        if (!isGood)
            throw Malformed($"Statement {number} has no {member}: a text, or a list of texts.");
    }

    private static CdfException Malformed(string problem) => IotErrorType.MalformedPolicy.Error($"The policy document is malformed. {problem}");
}
