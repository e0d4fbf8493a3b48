using System.Text;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>What a device brings along: values for the template's parameters and, for the steps of its CDF section, <see cref="CdfProvisioningParameters"/>.</summary>
/// <param name="Template">The template's parameters.</param>
/// <param name="Cdf">The CDF parameters.</param>
internal sealed record DeviceParameters(IReadOnlyDictionary<string, string> Template, CdfProvisioningParameters Cdf)
{
    /// <summary>Parameters (columns of a list) that begin like this are CDF parameters: <c>cdf.certInfo.commonName</c>.</summary>
    public const string CdfPrefix = "cdf.";

    /// <summary>
    /// Takes the CDF parameters out of a device's parameters, an empty one being as good as none. They count before those that
    /// are common to several devices, in which <c>{name}</c> stands for one of the device's parameters, and {ThingName} for
    /// its name if no parameter is called so.
    /// </summary>
    /// <exception cref="CdfException">InvalidRequest: an unknown CDF parameter, or an unknown {name}.</exception>
    public static DeviceParameters Of(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? common)
    {
        var cdf = common?.Select(value => value.Contains('{', StringComparison.Ordinal) ? Fill(value, template, parameters) : value) ?? new();
        if (!parameters.Keys.Any(IsCdf))
            return new(parameters, cdf);

        var rest = new Dictionary<string, string>(parameters.Count);
        foreach (var (name, value) in parameters)
        {
            if (!IsCdf(name))
                rest.Add(name, value);
            else if (value.Length > 0)
                cdf = cdf.Set(name[CdfPrefix.Length..], value);
        }

        return new(rest, cdf);
    }

    public static bool IsCdf(string name) => name.StartsWith(CdfPrefix, StringComparison.OrdinalIgnoreCase);

    private static string Fill(string text, ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters)
    {
        var filled = new StringBuilder();
        for (var position = 0; ;)
        {
            var open = text.IndexOf('{', position);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
                return filled.Append(text, position, text.Length - position).ToString();

            filled.Append(text, position, open - position).Append(ValueOf(text[(open + 1)..close], template, parameters));
            position = close + 1;
        }
    }

    private static string ValueOf(string name, ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters)
    {
        if (parameters.TryGetValue(name, out var value))
            return value;
        return template.Parameters.FirstOrDefault(p => p.Name == name)?.Default
            ?? (name == "ThingName" ? template.ResolveThing(parameters)?.ThingName : null)
            ?? throw IotErrorType.InvalidRequest.Error(
                $"A CDF parameter refers to '{{{IotNames.Shown(name)}}}', which is not among the device's parameters: {string.Join(", ", parameters.Keys)}.");
    }
}
