using CdfProvisioning.Files;

namespace CdfProvisioning.Templates;

/// <summary>A template id becomes part of a file name or an S3 key, so it must not be able to leave its folder on any platform.</summary>
internal static class TemplateId
{
    private const int MaxLength = 200;

    public static void Check(string templateId)
    {
        if (!IsValid(templateId))
        {
            throw CdfErrorCode.InvalidRequest.Error(
                $"Template id '{Shown(templateId)}' is not allowed: use 1 to {MaxLength} letters, digits, '.', '_' and '-', " +
                "no dot at either end, no two dots together, and no Windows device name such as CON or COM1.");
        }
    }

    public static bool IsValid(string templateId) =>
        templateId.Length is > 0 and <= MaxLength
        && templateId[0] != '.' && templateId[^1] != '.'
        && !templateId.Contains("..", StringComparison.Ordinal)
        && templateId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
        && !FileNames.IsWindowsDevice(templateId);

    private static string Shown(string templateId) =>
        string.Concat(templateId.Take(MaxLength).Select(c => char.IsControl(c) ? '?' : c));
}
