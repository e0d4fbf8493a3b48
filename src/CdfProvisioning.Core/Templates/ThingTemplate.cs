using System.Collections.Frozen;

namespace CdfProvisioning.Templates;

/// <summary>A compiled thing resource.</summary>
internal sealed record ThingTemplate(
    string LogicalId, TextExpression Name, AttributesTemplate? Attributes, TextExpression? TypeName, ListExpression? Groups, TextExpression? BillingGroup,
    OverrideAction AttributePayloadOverride, OverrideAction TypeNameOverride, OverrideAction GroupsOverride)
{
    /// <summary>Whether an existing thing comes into the billing group: AWS IoT's override settings do not know of it, so that no template can ask for it.</summary>
    public bool OverridesBillingGroup { get; init; }

    public ThingResource Resolve(Resolution resolution) => new(
        LogicalId, Name.Evaluate(resolution), Attributes?.Resolve(resolution), TypeName?.Evaluate(resolution), Groups?.Evaluate(resolution),
        BillingGroup?.Evaluate(resolution), AttributePayloadOverride, TypeNameOverride, GroupsOverride)
    {
        OverridesBillingGroup = OverridesBillingGroup,
    };
}

/// <summary>A thing's compiled attributes; those that are the same for every device are shared by all.</summary>
internal sealed class AttributesTemplate(IReadOnlyDictionary<string, TextExpression> attributes)
{
    private readonly FrozenDictionary<string, string>? _constant = attributes.Values.All(v => v is LiteralText)
        ? attributes.ToFrozenDictionary(a => a.Key, a => ((LiteralText)a.Value).Text)
        : null;

    private readonly KeyValuePair<string, TextExpression>[] _attributes = [.. attributes];

    public IReadOnlyDictionary<string, string> Resolve(Resolution resolution)
    {
        if (_constant is not null)
            return _constant;
        var values = new Dictionary<string, string>(_attributes.Length);
        foreach (var (name, value) in _attributes)
            values.Add(name, value.Evaluate(resolution));
        return values;
    }
}
