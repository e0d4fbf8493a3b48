using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>
/// Compiles values with functions into expressions. What depends on no parameter is evaluated here, once. A null result
/// means that the value is wrong, which is then among the problems.
/// </summary>
/// <param name="parameters">The declared parameters by name.</param>
/// <param name="mappings">The template's mappings by name.</param>
/// <param name="nameOfResource">What a Ref to a resource yields; null if the logical name is not that of a resource.</param>
/// <param name="problems">Collects what is wrong.</param>
internal sealed class FunctionCompiler(
    IReadOnlyDictionary<string, TemplateParameter> parameters, IReadOnlyDictionary<string, TemplateMapping> mappings,
    Func<string, TemplateNode, ResourceReference?> nameOfResource, TemplateProblems problems)
{
    /// <summary>The parameters that compiled values refer to.</summary>
    public HashSet<string> UsedParameters { get; } = [];

    public TextExpression? Text(TemplateNode node)
    {
        switch (node.Kind)
        {
            case JsonValueKind.String:
                return new LiteralText(node.Text);
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                problems.Warn(node.Place, $"AWS documents text only: write \"{node.Text}\".");
                return new LiteralText(node.Text);
            case JsonValueKind.Object when node.Function is { } function:
                return Function(function, node);
            default:
                problems.Error(node.Place, "This must be text, or a function such as {\"Ref\": \"parameter\"}.");
                return null;
        }
    }

    public ListExpression? List(TemplateNode node)
    {
        if (node.Kind == JsonValueKind.Array)
        {
            var items = node.Items.Select(Text).ToList();
            return items.TrueForAll(i => i is not null) ? Fold(items!) : null;
        }

        if (node.Function is { Name: "Fn::Split", Value: var arguments })
        {
            if (arguments.Items is not [{ Kind: JsonValueKind.String, Text: not "" } separator, var source])
            {
                problems.Error(arguments.Place, "Fn::Split takes [\"separator\", text], the separator not being empty.");
                return null;
            }

            return Text(source) switch
            {
                null => null,
                LiteralText literal => new LiteralList(literal.Text.Split(separator.Text)),
                var text => new SplitList(separator.Text, text),
            };
        }

        problems.Error(node.Place, "This must be a list, or {\"Fn::Split\": [\"separator\", text]}.");
        return null;
    }

    /// <summary>A policy document: JSON in text or, as AWS's fleet provisioning has it, an object, which becomes compact JSON.</summary>
    public TextExpression? Document(TemplateNode node)
    {
        if (node.Kind != JsonValueKind.Object || node.Function is not null)
            return Text(node);
        return PolicyDocumentWriter.Write(node, this) is { } parts ? Concatenation(parts, node) : null;
    }

    private TextExpression? Function(TemplateMember function, TemplateNode node)
    {
        switch (function.Name)
        {
            case "Ref" when function.Value.Kind == JsonValueKind.String:
                return Reference(function.Value.Text, function.Value, "");
            case "Ref":
                problems.Error(function.Value.Place, "Ref takes the name of a parameter.");
                return null;
            case "Fn::Join":
                return JoinFunction(function.Value, node);
            case "Fn::Select":
                return SelectFunction(function.Value, node);
            case "Fn::Sub":
                return SubFunction(function.Value, node);
            case "Fn::FindInMap":
                return FindInMapFunction(function.Value, node);
            case "Fn::Split":
                problems.Error(node.Place, "Fn::Split makes a list, and this must be text: take one item of it with Fn::Select.");
                return null;
            default:
                problems.Error(node.Place, $"There is no function {function.Name}: use Ref, Fn::Join, Fn::Select, Fn::Split, Fn::Sub or Fn::FindInMap.");
                return null;
        }
    }

    private TextExpression? Reference(string name, TemplateNode node, string hint)
    {
        if (parameters.TryGetValue(name, out var parameter))
        {
            UsedParameters.Add(name);
            return new ParameterText(parameter);
        }

        if (nameOfResource(name, node) is { } resource)
            return resource.Name;
        problems.Error(node.Place, $"'{name}' is neither a declared parameter nor a resource: declare it in Parameters{hint}.");
        return null;
    }

    private TextExpression? JoinFunction(TemplateNode arguments, TemplateNode node)
    {
        if (arguments.Items is not [{ Kind: JsonValueKind.String } separator, var list])
        {
            problems.Error(arguments.Place, "Fn::Join takes [\"separator\", [text, ...]].");
            return null;
        }

        return List(list) is { } items ? Fold(new JoinText(separator.Text, items), items is LiteralList, node) : null;
    }

    private TextExpression? SelectFunction(TemplateNode arguments, TemplateNode node)
    {
        if (arguments.Items is not [var position, var list])
        {
            problems.Error(arguments.Place, "Fn::Select takes [index, [text, ...]].");
            return null;
        }

        var index = position.Kind == JsonValueKind.Number ? new LiteralText(position.Text) : Text(position);
        return index is not null && List(list) is { } items
            ? Fold(new SelectText(index, items), index is LiteralText && items is LiteralList, node)
            : null;
    }

    private TextExpression? FindInMapFunction(TemplateNode arguments, TemplateNode node)
    {
        if (arguments.Items is not [{ Kind: JsonValueKind.String } map, var top, var second])
        {
            problems.Error(arguments.Place, "Fn::FindInMap takes [\"mapping\", top-level key, second-level key].");
            return null;
        }

        if (!mappings.TryGetValue(map.Text, out var mapping))
        {
            problems.Error(map.Place, $"There is no mapping '{map.Text}': declare it in Mappings.");
            return null;
        }

        return Text(top) is { } topKey && Text(second) is { } secondKey
            ? Fold(new FindInMapText(mapping, topKey, secondKey), topKey is LiteralText && secondKey is LiteralText, node)
            : null;
    }

    /// <summary><c>"..${name}.."</c>, or that and an object with values for some of the names; <c>${!name}</c> stays as <c>${name}</c>.</summary>
    private TextExpression? SubFunction(TemplateNode arguments, TemplateNode node)
    {
        var (pattern, variables) = arguments switch
        {
            { Kind: JsonValueKind.String } => (arguments, null),
            { Items: [{ Kind: JsonValueKind.String } first, { Kind: JsonValueKind.Object } second] } => (first, second),
            _ => (null, null),
        };
        if (pattern is null)
        {
            problems.Error(arguments.Place, "Fn::Sub takes \"text with ${names}\", or that and an object with their values.");
            return null;
        }

        var values = new Dictionary<string, TextExpression?>();
        foreach (var member in variables?.Members ?? [])
            values[member.Name] = Text(member.Value);

        var parts = new List<TextExpression?>();
        var text = pattern.Text;
        var at = 0;
        for (int open; (open = text.IndexOf("${", at, StringComparison.Ordinal)) >= 0;)
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                problems.Error(pattern.Place, "Fn::Sub: a '${' is not closed by '}'.");
                return null;
            }

            parts.Add(new LiteralText(text[at..open]));
            var name = text[(open + 2)..close];
            parts.Add(name.StartsWith('!') ? new LiteralText($"${{{name[1..]}}}")
                : values.TryGetValue(name, out var value) ? value
                : Reference(name, pattern, $", or write ${{!{name}}} if it is to stay as it is"));
            at = close + 1;
        }

        parts.Add(new LiteralText(text[at..]));
        return parts.TrueForAll(p => p is not null) && values.Values.All(v => v is not null) ? Concatenation(parts!, node) : null;
    }

    private TextExpression? Concatenation(IReadOnlyList<TextExpression> parts, TemplateNode node)
    {
        var items = Fold(parts);
        return Fold(new JoinText("", items), items is LiteralList, node);
    }

    private static ListExpression Fold(IReadOnlyList<TextExpression> items) =>
        items.All(i => i is LiteralText) ? new LiteralList([.. items.Select(i => ((LiteralText)i).Text)]) : new ItemList(items);

    private TextExpression? Fold(TextExpression expression, bool isConstant, TemplateNode node)
    {
        if (!isConstant)
            return expression;
        try
        {
            return new LiteralText(expression.Evaluate(Resolution.Constant));
        }
        catch (CdfException e)
        {
            problems.Error(node.Place, e.Message);
            return null;
        }
    }
}
