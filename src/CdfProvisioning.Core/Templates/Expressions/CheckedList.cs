namespace CdfProvisioning.Templates.Expressions;

/// <summary>What <see cref="CheckedText"/> is, for a property that is a list.</summary>
internal sealed class CheckedList(ListExpression list, Action<string> check, ResourcePlace place) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution)
    {
        try
        {
            var values = list.Evaluate(resolution);
            for (var i = 0; i < values.Count; i++)
                check(values[i]);
            return values;
        }
        catch (CdfException e)
        {
            throw place.Error(e);
        }
    }
}
