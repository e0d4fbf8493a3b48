namespace CdfProvisioning.Templates.Expressions;

/// <summary><c>{"Fn::Join": ["separator", [text, ...]]}</c></summary>
internal sealed class JoinText(string separator, ListExpression items) : TextExpression
{
    public override string Evaluate(Resolution resolution) => Join(separator, items.Evaluate(resolution));
}
