using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// The parameters that something uses: the template's resources, a <c>{Name}</c> in the CDF parameters, or an extension
/// (<c>cdf.caId</c>). PowerShell's names have no case, and so these have none; REST and AWS's protocol do not come here.
/// </summary>
internal sealed class ParameterNames
{
    private readonly ProvisioningTemplate _template;

    /// <summary>Null stands for several names that differ by case alone: they are found as they are written.</summary>
    private readonly Dictionary<string, string?> _byName = new(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string?> _found = [];
    private readonly HashSet<string> _others;

    /// <param name="template">The template.</param>
    /// <param name="common">The CDF parameters that are common to several devices.</param>
    /// <param name="others">What else is used, such as a column that names a file.</param>
    public ParameterNames(ProvisioningTemplate template, CdfProvisioningParameters? common, params IEnumerable<string> others)
    {
        _template = template;
        _others = [.. others];
        foreach (var name in template.UsedParameters.Except(template.Cdf.FilledParameters))
            _byName[name] = _byName.ContainsKey(name) ? null : name;
        foreach (var name in DeviceParameters.PlaceholdersOf(common).Concat(_others))
            _byName.TryAdd(name, name);
    }

    /// <summary>Those of the template and of {Name}.</summary>
    public IEnumerable<string> All => _byName.Select(n => n.Value ?? n.Key).Except(_others);

    /// <returns>The name as the template has it; null if nothing uses such a parameter.</returns>
    public string? Find(string name)
    {
        if (!_found.TryGetValue(name, out var found))
            _found[name] = found = Search(name);
        return found;
    }

    /// <summary>What to say of a parameter that nothing uses.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="what">What it is: <c>parameter</c> or <c>column</c>.</param>
    public string Unused(string name, string what)
    {
        var filled = _template.Cdf.FilledParameters.FirstOrDefault(f => f.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (filled is not null)
            return $"The {what} '{IotNames.Shown(name)}' is not used: the template's CDF section fills in '{filled}' itself.";
        if (DeviceParameters.IsCdf(name))
            return $"Nothing uses the {what} '{IotNames.Shown(name)}': the template's CDF section has no extension that takes it.";
        return NearestName.Of(name, All) is { } nearest
            ? $"Nothing uses the {what} '{IotNames.Shown(name)}': did you mean '{nearest}'?"
            : $"Nothing uses the {what} '{IotNames.Shown(name)}'. The template uses: {Listed(All)}.";
    }

    public static string Listed(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.OrdinalIgnoreCase)) is { Length: > 0 } all ? all : "none";

    private string? Search(string name)
    {
        if (_byName.TryGetValue(name, out var known))
            return known ?? (_template.UsedParameters.Contains(name) ? name : null);
        if (!DeviceParameters.IsCdf(name))
            return null;
        var member = name[DeviceParameters.CdfPrefix.Length..];
        return !CdfParameterMembers.IsKnown(member) || CdfParameterMembers.IsUsedBy(_template.Cdf, member) ? name : null; // an unknown one is an error of its own
    }
}
