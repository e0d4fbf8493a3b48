using System.Text.Encodings.Web;

namespace CdfProvisioning.Templates.Expressions;

/// <summary>Text as a JSON string, for a policy document that the template gives as an object.</summary>
internal sealed class JsonStringText(TextExpression text) : TextExpression
{
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    public override string Evaluate(Resolution resolution) => Quote(text.Evaluate(resolution));
}
