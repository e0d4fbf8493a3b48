namespace CdfProvisioning.Server.Rest;

/// <summary>
/// The names by which the original service answers, whatever the template calls its resources: <c>thing</c>,
/// <c>certificate</c> and <c>policyLogicalName</c>.
/// </summary>
internal static class OriginalNames
{
    private static readonly (string Name, string ArnPart)[] Names =
        [("thing", ":thing/"), ("certificate", ":cert/"), ("policyLogicalName", ":policy/")];

    /// <returns>The ARNs by the template's names, and by the original's, those of the template going first.</returns>
    public static IReadOnlyDictionary<string, string> AddTo(IReadOnlyDictionary<string, string> arns)
    {
        var all = new Dictionary<string, string>(arns);
        foreach (var (name, part) in Names)
        {
            if (arns.Values.FirstOrDefault(arn => arn.Contains(part, StringComparison.Ordinal)) is { } found)
                all.TryAdd(name, found);
        }

        return all;
    }
}
