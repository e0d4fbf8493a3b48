namespace CdfProvisioning.Templates.Expressions;

/// <summary>Text that is the same for every device.</summary>
internal sealed class LiteralText(string text) : TextExpression
{
    public string Text => text;

    public override string Evaluate(Resolution resolution) => text;
}
