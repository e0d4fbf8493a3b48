using System.Text;
using System.Text.RegularExpressions;

namespace CdfProvisioning.Provisioning;

/// <summary>Texts in which names in braces stand for values: <c>CN={ThingName}</c>.</summary>
internal static partial class Placeholders
{
    /// <param name="text">The text.</param>
    /// <param name="valueOf">The value of a name.</param>
    public static string Fill(string text, Func<string, string> valueOf)
    {
        var filled = new StringBuilder();
        for (var position = 0; ;)
        {
            var open = text.IndexOf('{', position);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
                return filled.Append(text, position, text.Length - position).ToString();

            filled.Append(text, position, open - position).Append(valueOf(text[(open + 1)..close]));
            position = close + 1;
        }
    }

    /// <summary>The names.</summary>
    public static IEnumerable<string> NamesIn(string text) => Placeholder().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Placeholder();
}
