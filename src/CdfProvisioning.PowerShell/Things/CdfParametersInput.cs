using System.Collections;
using System.Globalization;
using System.Management.Automation;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Reads -CdfParameters: the members of <see cref="CdfProvisioningParameters"/> as a hashtable, in any case, those of certInfo in a hashtable within.</summary>
internal static class CdfParametersInput
{
    public static CdfProvisioningParameters? Parse(IDictionary? input)
    {
        if (input is null)
            return null;

        var parameters = new CdfProvisioningParameters();
        foreach (var (name, value) in Members(input, prefix: ""))
            parameters = parameters.Set(name, value);
        return parameters;
    }

    private static IEnumerable<(string Name, string Value)> Members(IDictionary input, string prefix)
    {
        foreach (DictionaryEntry entry in input)
        {
            var name = prefix + Text(entry.Key);
            var value = entry.Value is PSObject wrapper ? wrapper.BaseObject : entry.Value;
            if (prefix.Length == 0 && name.Equals("certInfo", StringComparison.OrdinalIgnoreCase))
            {
                if (value is not IDictionary members)
                    throw new CdfException(CdfErrorCode.InvalidRequest, "certInfo in -CdfParameters has to be a hashtable.");
                foreach (var member in Members(members, name + "."))
                    yield return member;
            }
            else if (value is not null)
            {
                yield return (name, Text(value));
            }
        }
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
