namespace CdfProvisioning.Templates.Expressions;

/// <summary>A list that is the same for every device.</summary>
internal sealed class LiteralList(IReadOnlyList<string> values) : ListExpression
{
    public IReadOnlyList<string> Values => values;

    public override IReadOnlyList<string> Evaluate(Resolution resolution) => values;
}
