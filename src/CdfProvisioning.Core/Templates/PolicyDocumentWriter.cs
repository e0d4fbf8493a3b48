using System.Text;
using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Writes a policy document that is an object as compact JSON, in parts: what is constant, and what functions add.</summary>
internal sealed class PolicyDocumentWriter
{
    private readonly FunctionCompiler _functions;
    private readonly List<TextExpression?> _parts = [];
    private readonly StringBuilder _constant = new();

    private PolicyDocumentWriter(FunctionCompiler functions) => _functions = functions;

    /// <returns>Null if a function is wrong, which is then among the problems.</returns>
    public static IReadOnlyList<TextExpression>? Write(TemplateNode document, FunctionCompiler functions)
    {
        var writer = new PolicyDocumentWriter(functions);
        writer.Write(document);
        writer.EndConstant();
        return writer._parts.Contains(null) ? null : [.. writer._parts.OfType<TextExpression>()];
    }

    private void Write(TemplateNode node)
    {
        if (node.Function is not null)
            WriteFunction(node);
        else if (node.Kind == JsonValueKind.Object)
            WriteAll('{', node.Members, '}', m => { _constant.Append(JsonStringText.Quote(m.Name)).Append(':'); Write(m.Value); });
        else if (node.Kind == JsonValueKind.Array)
            WriteAll('[', node.Items, ']', Write);
        else
            _constant.Append(node.Kind == JsonValueKind.String ? JsonStringText.Quote(node.Text) : node.Text);
    }

    private void WriteAll<T>(char open, IReadOnlyList<T> items, char close, Action<T> write)
    {
        _constant.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _constant.Append(',');
            write(items[i]);
        }

        _constant.Append(close);
    }

    private void WriteFunction(TemplateNode node)
    {
        var text = _functions.Text(node);
        if (text is LiteralText literal)
        {
            _constant.Append(JsonStringText.Quote(literal.Text));
            return;
        }

        EndConstant();
        _parts.Add(text is null ? null : new JsonStringText(text));
    }

    private void EndConstant()
    {
        _parts.Add(new LiteralText(_constant.ToString()));
        _constant.Clear();
    }
}
