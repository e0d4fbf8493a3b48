using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Templates.Expressions;

/// <summary>A value of a template that is text once the parameters are known.</summary>
internal abstract class TextExpression
{
    /// <summary>No value of AWS IoT is longer, and functions that multiply text must not exhaust the memory.</summary>
    private const int MaxLength = PolicyDocument.MaxRawLength;

    /// <exception cref="CdfException">InvalidRequest: what is wrong, without the place, which <see cref="CheckedText"/> adds.</exception>
    public abstract string Evaluate(Resolution resolution);

    protected static string Join(string separator, IReadOnlyList<string> items)
    {
        var length = (long)separator.Length * Math.Max(0, items.Count - 1);
        for (var i = 0; i < items.Count; i++)
            length += items[i].Length;
        return length <= MaxLength
            ? string.Join(separator, items)
            : throw IotErrorType.InvalidRequest.Error($"The value would have {length} characters, more than the {MaxLength} that are allowed.");
    }
}
