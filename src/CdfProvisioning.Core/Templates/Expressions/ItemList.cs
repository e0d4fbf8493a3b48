namespace CdfProvisioning.Templates.Expressions;

/// <summary>A JSON array.</summary>
internal sealed class ItemList(IReadOnlyList<TextExpression> items) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution)
    {
        var values = new string[items.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = items[i].Evaluate(resolution);
        return values;
    }
}
