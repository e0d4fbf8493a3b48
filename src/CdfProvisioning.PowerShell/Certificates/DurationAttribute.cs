using System.Globalization;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes a time span also as people write it: 30d, 12h, 2w. A bare number is none: PowerShell would take it for ticks.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1000 * 365);

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Read(inputData) is { } span
        ? span.Duration() <= Longest ? span : throw new ArgumentTransformationMetadataException($"'{inputData}' is longer than a thousand years.")
        : throw new ArgumentTransformationMetadataException($"'{inputData}' is no time: give a number and m, h, d, w or y, such as 30d or 12h, or a time span.");

    private static TimeSpan? Read(object input)
    {
        if (((input as PSObject)?.BaseObject ?? input) is TimeSpan span)
            return span;
        var text = input.ToString()!; // of 30d, which is a decimal to PowerShell, what was typed
        if (text.Length < 2)
            return null;
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) ? span : null;
        var days = char.ToLowerInvariant(text[^1]) switch
        {
            'm' => 1.0 / (24 * 60),
            'h' => 1.0 / 24,
            'd' => 1,
            'w' => 7,
            'y' => 365,
            _ => double.NaN,
        };
        return double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && !double.IsNaN(days)
            ? count * days <= Longest.TotalDays ? TimeSpan.FromDays(count * days) : TimeSpan.MaxValue
            : null;
    }
}
