namespace CdfProvisioning;

/// <summary>How a device of a list, or of the registry, compares with the other.</summary>
public sealed record DeviceComparison
{
    /// <summary>The row of the list, counted from 1 (a CSV file's header is none); none for what is not in the list.</summary>
    public long? Row { get; init; }

    /// <summary>The name of the thing, where the row's parameters are good enough to know it.</summary>
    public string? ThingName { get; init; }

    /// <summary>How they compare.</summary>
    public required DeviceState State { get; init; }

    /// <summary>What would have to change for the registry to be as the list says: what, from, to.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>Why the row cannot be registered.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>How a device of a list compares with the registry.</summary>
public enum DeviceState
{
    /// <summary>It is not registered.</summary>
    New,

    /// <summary>It is registered, and something of it is not as the list says.</summary>
    Changed,

    /// <summary>It is registered as the list says.</summary>
    Same,

    /// <summary>Its row cannot be registered.</summary>
    Bad,

    /// <summary>It is registered, and not in the list.</summary>
    Extra,
}

/// <summary>What a synchronisation of the registry with a list has come to.</summary>
public sealed record ListSynchronization
{
    /// <summary>How many rows the list has.</summary>
    public long RowCount { get; init; }

    /// <summary>How many of its devices were not registered before.</summary>
    public long NewCount { get; init; }

    /// <summary>How many were registered otherwise than the list says.</summary>
    public long ChangedCount { get; init; }

    /// <summary>How many were as the list says, and have been left alone.</summary>
    public long SameCount { get; init; }

    /// <summary>How many rows are wrong in themselves, or could not be registered.</summary>
    public long FailureCount { get; init; }

    /// <summary>How many things of the scope are not in the list.</summary>
    public long ExtraCount { get; init; }

    /// <summary>How many of them have been removed.</summary>
    public long RemovedCount { get; init; }

    /// <summary>The task that has registered the new devices and changed the others (Get-CdfBulkRegistrationResult); none if there was nothing to do.</summary>
    public string? TaskId { get; init; }
}
