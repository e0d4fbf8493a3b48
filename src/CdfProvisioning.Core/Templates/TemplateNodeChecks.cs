using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>What a value must be; what it is not is then among the problems.</summary>
internal static class TemplateNodeChecks
{
    public static bool MustBeObject(this TemplateNode node, TemplateProblems problems)
    {
        if (node.Kind == JsonValueKind.Object)
            return true;
        problems.Error(node.Place, "This must be a JSON object.");
        return false;
    }

    /// <returns>The text, or null if the value is neither text nor what can be written as text.</returns>
    public static string? MustBeText(this TemplateNode node, TemplateProblems problems)
    {
        switch (node.Kind)
        {
            case JsonValueKind.String:
                return node.Text;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                problems.Warn(node.Place, $"AWS documents text only: write \"{node.Text}\".");
                return node.Text;
            default:
                problems.Error(node.Place, "This must be text; functions cannot be used here.");
                return null;
        }
    }

    public static void WarnOfUnknownMembers(this TemplateNode node, TemplateProblems problems, params ReadOnlySpan<string> known)
    {
        foreach (var (name, _, value) in node.Members)
        {
            if (!known.Contains(name))
                problems.Warn(value.Place, $"'{name}' is ignored: known here are {string.Join(", ", known)}.");
        }
    }
}
