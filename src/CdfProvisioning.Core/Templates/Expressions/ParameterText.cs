using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates.Expressions;

/// <summary><c>{"Ref": "parameter"}</c></summary>
internal sealed class ParameterText(TemplateParameter parameter) : TextExpression
{
    /// <summary>AWS IoT API Reference, RegisterThing: parameters, value.</summary>
    public const int MaxValueLength = 4_096;

    public override string Evaluate(Resolution resolution)
    {
        if (!resolution.Parameters.TryGetValue(parameter.Name, out var value) || value is null)
        {
            return parameter.Default
                ?? throw IotErrorType.InvalidRequest.Error($"Parameter '{parameter.Name}' has no value and no default: give it a value.");
        }

        return value.Length <= MaxValueLength
            ? value
            : throw IotErrorType.InvalidRequest.Error(
                $"Parameter '{parameter.Name}' has {value.Length} characters, more than the {MaxValueLength} that AWS IoT takes.");
    }
}
