using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>How a plan shows the values that depend on what is not known yet.</summary>
internal sealed class PlanText
{
    private readonly Dictionary<string, string> _shown = [];
    private readonly IReadOnlyList<PlannedValue> _filled;

    /// <param name="one">The resources with one stand-in for what is not known.</param>
    /// <param name="other">The same with the other.</param>
    /// <param name="filled">What was filled in.</param>
    public PlanText(ResolvedTemplate one, ResolvedTemplate other, IReadOnlyList<PlannedValue> filled)
    {
        _filled = [.. filled.Where(value => value.One != value.Other).OrderByDescending(value => value.One.Length)];
        if (one.Thing is { } thing && other.Thing is { } otherThing)
        {
            Note(thing.ThingName, otherThing.ThingName);
            Note(thing.ThingTypeName, otherThing.ThingTypeName);
            Note(thing.BillingGroup, otherThing.BillingGroup);
            foreach (var (name, value) in thing.Attributes ?? new Dictionary<string, string>())
                Note(value, otherThing.Attributes![name]);
            foreach (var (group, otherGroup) in (thing.ThingGroups ?? []).Zip(otherThing.ThingGroups ?? []))
                Note(group, otherGroup);
        }

        foreach (var (policy, otherPolicy) in one.Policies.Zip(other.Policies))
            Note(policy.PolicyName, otherPolicy.PolicyName);
    }

    private PlanText() => _filled = [];

    /// <summary>Everything is known.</summary>
    public static PlanText Known { get; } = new();

    public bool IsKnown(string value) => !_shown.ContainsKey(value);

    public string? Show(string? value) => value is null ? null : _shown.GetValueOrDefault(value, value);

    /// <summary>A message, which may have such values in it, and one in another.</summary>
    public string ShowIn(string message)
    {
        var values = _shown.Concat(_filled.Select(value => KeyValuePair.Create(value.One, NotYetKnown.Text))).Where(value => value.Key.Length > 0);
        foreach (var (value, shown) in values.OrderByDescending(value => value.Key.Length))
            message = message.Replace(value, shown, StringComparison.Ordinal);
        return message;
    }

    private void Note(string? one, string? other)
    {
        if (one is null || one == other)
            return;
        var shown = Replace(one, value => value.One);
        _shown[one] = other is not null && shown == Replace(other, value => value.Other) ? shown : NotYetKnown.Text;
    }

    private string Replace(string text, Func<PlannedValue, string> choose)
    {
        foreach (var value in _filled)
            text = text.Replace(choose(value), NotYetKnown.Text, StringComparison.Ordinal);
        return text;
    }
}
