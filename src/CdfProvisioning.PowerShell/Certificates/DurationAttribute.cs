using System.Globalization;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes a time span also as people write it: 30d, 12h, 2w.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var input = inputData is PSObject wrapper ? wrapper.BaseObject : inputData;
        if (input is not string text || text.Length < 2 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return inputData;
        return char.ToLowerInvariant(text[^1]) switch
        {
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            'w' => TimeSpan.FromDays(7 * count),
            'y' => TimeSpan.FromDays(365 * count),
            _ => inputData,
        };
    }
}
