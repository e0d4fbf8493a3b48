namespace CdfProvisioning.Templates;

/// <summary>Compiles the properties of resources: what is constant is checked at once, the rest for each device.</summary>
internal sealed class PropertyCompiler(FunctionCompiler functions, TemplateProblems problems)
{
    /// <returns>Null if the property is absent or wrong.</returns>
    public TextExpression? Text(string id, TemplateNode? node, Action<string> check) =>
        node is null ? null : Checked(id, functions.Text(node), node, check);

    public TextExpression? Required(string id, TemplateNode properties, string name, Action<string> check)
    {
        if (properties[name] is null)
            problems.Error(properties.Place, $"Resource '{id}' has no {name}.");
        return Text(id, properties[name], check);
    }

    public TextExpression? Document(string id, TemplateNode node, Action<string> check) => Checked(id, functions.Document(node), node, check);

    public ListExpression? List(string id, TemplateNode? node, Action<string> check)
    {
        if (node is null || functions.List(node) is not { } list)
            return null;
        if (list is not LiteralList literal)
            return new CheckedList(list, check, new(id, node.Place));
        foreach (var value in literal.Values)
            Check(node, () => check(value));
        return list;
    }

    public void Check(TemplateNode node, Action check)
    {
        try
        {
            check();
        }
        catch (CdfException e)
        {
            problems.Error(node.Place, e.Message);
        }
    }

    private TextExpression? Checked(string id, TextExpression? text, TemplateNode node, Action<string> check)
    {
        if (text is null)
            return null;
        if (text is not LiteralText literal)
            return new CheckedText(text, check, new(id, node.Place));
        Check(node, () => check(literal.Text));
        return literal;
    }
}
