namespace CdfProvisioning.Templates.Expressions;

/// <summary><c>{"Fn::Split": ["separator", text]}</c></summary>
internal sealed class SplitList(string separator, TextExpression text) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution) => text.Evaluate(resolution).Split(separator);
}
