namespace CdfProvisioning.Iot.Policies;

/// <summary>A statement of a policy.</summary>
/// <param name="Number">Which one of its policy, the first being 1.</param>
/// <param name="Sid">Its id, if it has one.</param>
/// <param name="IsAllow">Whether its Effect is Allow; Deny otherwise.</param>
/// <param name="Actions">The actions that it is about, or, with <paramref name="ExceptsActions"/>, is not about.</param>
/// <param name="ExceptsActions">Whether they stand under NotAction.</param>
/// <param name="Resources">The resources that it is about, or, with <paramref name="ExceptsResources"/>, is not about.</param>
/// <param name="ExceptsResources">Whether they stand under NotResource.</param>
/// <param name="Conditions">What has to hold, all of it.</param>
/// <param name="Members">The names of its members.</param>
/// <param name="Json">The statement as it is written.</param>
internal sealed record PolicyStatement(
    int Number, string? Sid, bool IsAllow, IReadOnlyList<PolicyPattern> Actions, bool ExceptsActions,
    IReadOnlyList<PolicyPattern> Resources, bool ExceptsResources, IReadOnlyList<PolicyCondition> Conditions,
    IReadOnlyList<string> Members, string Json)
{
    /// <summary>Whether the statement applies to a request; if not, why.</summary>
    public (bool Applies, string? WhyNot) Try(string action, string resource, IPolicyContext context, ISet<string> missing)
    {
        if (Actions.Any(a => a.Matches(action, context, missing)) == ExceptsActions)
            return (false, $"it is about other actions ({Listed(Actions, ExceptsActions)})");
        var without = new HashSet<string>();
        var names = Resources.Any(r => r.Matches(resource, context, without));
        missing.UnionWith(without);
        if (without.Count > 0 && (ExceptsResources || !names))
            return (false, $"{string.Join(" and ", without.Select(v => $"${{{v}}}"))} has no value here");
        if (names == ExceptsResources)
            return (false, $"it is about other resources ({Listed(Resources, ExceptsResources)})");
        foreach (var condition in Conditions)
            if (!condition.IsMet(context, missing))
                return (false, $"its condition does not hold: {condition}");
        return (true, null);
    }

    private static string Listed(IReadOnlyList<PolicyPattern> patterns, bool excepted) =>
        (excepted ? "all but " : "") + string.Join(", ", patterns.Select(p => p.Text));
}
