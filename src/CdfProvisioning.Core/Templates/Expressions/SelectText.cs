using System.Globalization;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates.Expressions;

/// <summary><c>{"Fn::Select": [index, [text, ...]]}</c>, the first index being 0.</summary>
internal sealed class SelectText(TextExpression index, ListExpression items) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        var wanted = index.Evaluate(resolution);
        var values = items.Evaluate(resolution);
        return int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < values.Count
            ? values[i]
            : throw IotErrorType.InvalidRequest.Error($"Fn::Select cannot take item '{IotNames.Shown(wanted)}' of a list of {values.Count}: the first is 0.");
    }
}
