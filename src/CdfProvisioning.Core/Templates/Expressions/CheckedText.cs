namespace CdfProvisioning.Templates.Expressions;

/// <summary>A property's value, checked once the parameters are known; its errors say where in the template it stands.</summary>
internal sealed class CheckedText(TextExpression text, Action<string> check, ResourcePlace place) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        try
        {
            var value = text.Evaluate(resolution);
            check(value);
            return value;
        }
        catch (CdfException e)
        {
            throw place.Error(e);
        }
    }
}
