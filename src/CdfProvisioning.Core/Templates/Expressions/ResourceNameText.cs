namespace CdfProvisioning.Templates.Expressions;

/// <summary>The name of a thing or policy, worked out once however many <c>{"Ref": "resource"}</c> ask for it.</summary>
internal sealed class ResourceNameText(int index, TextExpression name) : TextExpression
{
    public override string Evaluate(Resolution resolution) => resolution.ResourceNames[index] ??= name.Evaluate(resolution);
}
