using CdfProvisioning.Iot;

namespace CdfProvisioning.Fleet;

/// <summary>A change of a thing that exists. What is null stays as it is; an empty name takes away.</summary>
internal sealed record ThingChange
{
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    public bool ReplacesAttributes { get; init; }

    public string? ThingType { get; init; }

    public IReadOnlyList<string> AddGroups { get; init; } = [];

    public IReadOnlyList<string> RemoveGroups { get; init; } = [];

    public string? BillingGroup { get; init; }

    /// <summary>What the change does to the thing, in words.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<string> DescribeAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
    {
        var thing = await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var there = thing.Attributes ?? new Dictionary<string, string>();
        var parts = new List<string>();
        foreach (var (name, value) in Attributes ?? new Dictionary<string, string>())
        {
            var old = there.GetValueOrDefault(name);
            if (value.Length == 0 ? old is not null : old != value)
                parts.Add(value.Length == 0 ? $"remove attribute {name} ('{old}')" : old is null ? $"set attribute {name} to '{value}'" : $"change attribute {name} from '{old}' to '{value}'");
        }
        if (ReplacesAttributes)
            parts.AddRange(there.Keys.Where(name => Attributes is null || !Attributes.ContainsKey(name)).Select(name => $"remove attribute {name} ('{there[name]}')"));
        Describe(parts, "type", thing.ThingTypeName, ThingType);
        parts.AddRange(AddGroups.Select(group => $"add to group '{group}'"));
        parts.AddRange(RemoveGroups.Select(group => $"take out of group '{group}'"));
        Describe(parts, "billing group", thing.BillingGroupName, BillingGroup);
        return parts.Count > 0 ? string.Join(", ", parts) : "change nothing";
    }

    /// <exception cref="CdfException">NotFound: the thing, the type or a group; InvalidRequest: a limit.</exception>
    public async ValueTask ApplyAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) => await registry.AsOneAsync(
        async r =>
        {
            var thing = await r.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
            if (Attributes is not null || ReplacesAttributes || ThingType is not null)
                await r.InvokeAsync(
                    new UpdateThingRequest(
                        thingName,
                        ThingType is { Length: > 0 } ? ThingType : null,
                        Attributes is null && !ReplacesAttributes ? null : new AttributePayload(Attributes ?? new Dictionary<string, string>(), Merge: !ReplacesAttributes),
                        RemoveThingType: ThingType is { Length: 0 } ? true : null),
                    cancellationToken);
            if (AddGroups.Count + RemoveGroups.Count > 0)
                await r.InvokeAsync(new UpdateThingGroupsForThingRequest(thingName, AddGroups, RemoveGroups), cancellationToken);
            if (BillingGroup is not null)
                await r.SetBillingGroupAsync(thing, BillingGroup.Length > 0 ? BillingGroup : null, cancellationToken);
            return true;
        },
        cancellationToken);

    private static void Describe(List<string> parts, string what, string? there, string? given)
    {
        if (given is not null && given != (there ?? ""))
            parts.Add(given.Length == 0 ? $"remove {what} '{there}'" : there is null ? $"set {what} to '{given}'" : $"change {what} from '{there}' to '{given}'");
    }
}
