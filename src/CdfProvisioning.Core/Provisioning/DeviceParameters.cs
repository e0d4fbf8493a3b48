using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>What a device brings along: values for the template's parameters and, for the extensions of its CDF section, <see cref="CdfProvisioningParameters"/>.</summary>
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
    /// <exception cref="CdfException">
    /// InvalidRequest: an unknown CDF parameter, an unknown {name}, a value that is used and is no text, or a text that is not Unicode.
    /// </exception>
    public static DeviceParameters Of(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? common)
    {
        CheckUsable(template, parameters, common);
        var cdf = common is null ? new() : Filled(common, template, parameters);
        if (!HasCdf(parameters))
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

    private static CdfProvisioningParameters Filled(CdfProvisioningParameters common, ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters) =>
        common.Select(value => value.Contains('{', StringComparison.Ordinal) ? Placeholders.Fill(value, name => ValueOf(name, template, parameters)) : value);

    private static bool HasCdf(IReadOnlyDictionary<string, string> parameters)
    {
        foreach (var (name, _) in parameters)
            if (IsCdf(name))
                return true;
        return false;
    }

    public static bool IsCdf(string name) => name.StartsWith(CdfPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names that stand in braces in CDF parameters.</summary>
    public static IEnumerable<string> PlaceholdersOf(CdfProvisioningParameters? common) =>
        common is null ? [] : CdfParameterMembers.Given(common).SelectMany(member => Placeholders.NamesIn(member.Value)).Distinct();

    /// <summary>A value that is no text matters only where something uses it.</summary>
    /// <exception cref="CdfException">InvalidRequest, naming the parameter.</exception>
    public static void CheckUsable(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? common)
    {
        if (parameters is GivenParameters { Unusable: { Count: > 0 } unusable })
        {
            var placeholders = PlaceholdersOf(common).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, kind) in unusable)
            {
                if (template.UsedParameters.Contains(name) || placeholders.Contains(name) || IsCdf(name))
                    throw NotText(name, kind);
            }
        }

        foreach (var (name, value) in parameters)
            CheckUnicode(name, value);
    }

    public static CdfException NotText(string name, string kind) => CdfErrorCode.InvalidRequest.Error(
        $"The value of '{IotNames.Shown(name)}' is {kind}: a parameter is a text, a number, a boolean or a date. Give it one of these, or leave it out.");

    /// <summary>
    /// Half a surrogate pair is no text. U+FFFD is what a reader puts in the place of what it cannot read: nobody means it,
    /// and in a certificate it would stay for good.
    /// </summary>
    private static void CheckUnicode(string name, string value)
    {
        if (!value.AsSpan().ContainsAnyInRange('\uD800', '\uFFFD'))
            return;
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
                i++;
            else if (char.IsSurrogate(value[i]) || value[i] == '\uFFFD')
                throw CdfErrorCode.InvalidRequest.Error(
                    $"The value of '{IotNames.Shown(name)}' is not Unicode at its character {i + 1}. If it comes from a file, read that with the encoding it was written in.");
        }
    }

    private static string ValueOf(string name, ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters)
    {
        if (parameters.TryGetValue(name, out var value))
            return value;
        var other = parameters.Keys.Where(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (other.Count == 1)
            return parameters[other[0]];
        return template.Parameters.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Default
            ?? (name.Equals("ThingName", StringComparison.OrdinalIgnoreCase) ? ThingNameOf(template, parameters) : null)
            ?? throw CdfErrorCode.InvalidRequest.Error(
                $"A CDF parameter refers to '{{{IotNames.Shown(name)}}}', which is not among the device's parameters: {string.Join(", ", parameters.Keys)}.");
    }

    private static string? ThingNameOf(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters) => template.IsThingNameFilledIn
        ? throw CdfErrorCode.InvalidRequest.Error(
            "A CDF parameter refers to '{ThingName}', and the template makes the thing's name of its certificate, which that parameter is for: refer to another parameter.")
        : template.ResolveThingName(parameters);
}
