using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CdfProvisioning.Hierarchies;

/// <summary>How an assignment is kept in a template store: <c>assignments/&lt;template id&gt;/&lt;hash of its paths&gt;.json</c>, a JSON array of its paths.</summary>
internal static class AssignmentKey
{
    /// <summary>Behind the prefix of the templates' own keys, where the slash keeps it apart from them.</summary>
    public const string Prefix = "assignments/";

    private const string Suffix = ".json";

    public static string Of(TemplateAssignment assignment) => $"{Prefix}{assignment.TemplateId}/{Hash(assignment.GroupPath)}{Suffix}";

    public static string Write(TemplateAssignment assignment) => JsonSerializer.Serialize(assignment.GroupPath);

    /// <summary>The assignment of a key and its text; null if either is not one of ours.</summary>
    public static TemplateAssignment? Read(string key, string text)
    {
        try
        {
            return key.Split('/') is [.., var templateId, _] && JsonSerializer.Deserialize<string[]>(text) is { } paths
                && new TemplateAssignment(templateId, paths) is var assignment && key.EndsWith(Of(assignment), StringComparison.Ordinal)
                ? assignment
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Hash(IReadOnlyList<string> paths) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', paths)))[..16]);
}
