using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates.Expressions;

/// <summary><c>{"Fn::FindInMap": ["map", top, second]}</c></summary>
internal sealed class FindInMapText(TemplateMapping mapping, TextExpression top, TextExpression second) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        var topKey = top.Evaluate(resolution);
        if (!mapping.Values.TryGetValue(topKey, out var values))
            throw IotErrorType.InvalidRequest.Error($"Mapping '{mapping.Name}' has no key '{IotNames.Shown(topKey)}'.");
        var secondKey = second.Evaluate(resolution);
        return values.TryGetValue(secondKey, out var value)
            ? value
            : throw IotErrorType.InvalidRequest.Error($"Mapping '{mapping.Name}' has no key '{IotNames.Shown(secondKey)}' under '{IotNames.Shown(topKey)}'.");
    }
}
