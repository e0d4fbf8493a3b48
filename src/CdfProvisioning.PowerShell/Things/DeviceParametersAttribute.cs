using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes a device's parameters as a hashtable or as an object with a property for each, such as a row of Import-Csv.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeviceParametersAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var parameters = new Dictionary<string, string>();
        foreach (var (name, value) in Members(inputData))
        {
            if (Text(name, value) is { } text)
                parameters[name] = text;
        }

        return parameters;
    }

    private static IEnumerable<(string Name, object? Value)> Members(object input)
    {
        var value = input is PSObject wrapper ? wrapper.BaseObject : input;
        return value switch
        {
            IReadOnlyDictionary<string, string> parameters => parameters.Select(p => (p.Key, (object?)p.Value)),
            IDictionary dictionary => dictionary.Cast<DictionaryEntry>().Select(e => (Convert.ToString(e.Key, CultureInfo.InvariantCulture)!, e.Value)),
            string or ValueType or IEnumerable or null => throw new ArgumentTransformationMetadataException(
                $"A device's parameters are a hashtable, or an object with a property for each, not {value?.GetType().Name ?? "null"}."),
            _ => PSObject.AsPSObject(input).Properties.Where(p => p.IsGettable).Select(p => (p.Name, (object?)p.Value)),
        };
    }

    /// <summary>The value as JSON would have it; null, and so left out, for null.</summary>
    private static string? Text(string name, object? value) => (value is PSObject wrapper ? wrapper.BaseObject : value) switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable collection => throw new ArgumentTransformationMetadataException(
            $"The value of parameter '{name}' has to be a text or a number, not {collection.GetType().Name}."),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };
}
