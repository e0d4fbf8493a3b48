using CdfProvisioning.Iot;

namespace CdfProvisioning.Fleet;

/// <summary>What there is in a registry, summed. What is null was not asked.</summary>
internal sealed record FleetTotals
{
    /// <summary>How soon a certificate ends that is said to end soon.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public required long Things { get; init; }

    /// <summary>In the order of the names; those without a type have none.</summary>
    public required IReadOnlyList<NamedCount> ThingsByType { get; init; }

    /// <summary>The things directly in each group.</summary>
    public required IReadOnlyList<NamedCount> ThingsByGroup { get; init; }

    public required IReadOnlyList<StatusTotals> ByStatus { get; init; }

    public long? ThingsWithoutCertificate { get; init; }

    public ExpiryTotals? Expiry { get; init; }

    /// <summary>The newest first.</summary>
    public required IReadOnlyList<PolicyTotals> Policies { get; init; }
}

internal sealed record NamedCount(string? Name, long Count);

/// <param name="Status">The status.</param>
/// <param name="Certificates">How many certificates have it.</param>
/// <param name="Things">How many things have such a certificate.</param>
internal sealed record StatusTotals(string Status, long Certificates, long? Things);

/// <summary>When ACTIVE certificates end.</summary>
/// <param name="Expired">Those that have ended.</param>
/// <param name="Soon">Those that end within <see cref="FleetTotals.Soon"/>.</param>
/// <param name="ByMonth">Those that will end, the soonest first.</param>
internal sealed record ExpiryTotals(long Expired, long Soon, IReadOnlyList<MonthCount> ByMonth);

/// <param name="Month">The month's first day.</param>
/// <param name="Count">How many end in it.</param>
internal sealed record MonthCount(DateOnly Month, long Count);

/// <param name="Name">The policy.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Certificates">How many certificates have it.</param>
/// <param name="Groups">The groups that have it, for their things and those of the groups below them.</param>
/// <param name="Devices">How many things have it, by a certificate or a group.</param>
internal sealed record PolicyTotals(string Name, DateTimeOffset? Created, long Certificates, IReadOnlyList<string> Groups, long? Devices);

/// <summary>A registry that sums by itself what there is in it.</summary>
internal interface ISummingRegistry : IDeviceRegistry
{
    /// <param name="now">What has ended before, has expired.</param>
    /// <param name="cancellationToken">Cancels between one sum and the next.</param>
    ValueTask<FleetTotals> SumAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
