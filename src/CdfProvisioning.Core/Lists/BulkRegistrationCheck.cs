namespace CdfProvisioning;

/// <summary>What registering a list would do, row by row, without doing it.</summary>
public sealed record BulkRegistrationCheck
{
    /// <summary>How many rows the list has.</summary>
    public long RowCount { get; init; }

    /// <summary>How many rows had nothing in any column, and are not counted.</summary>
    public long BlankRowCount { get; init; }

    /// <summary>How many of them would register a new thing.</summary>
    public long NewCount { get; init; }

    /// <summary>How many of them would change a thing that exists, or add to it.</summary>
    public long ChangedCount { get; init; }

    /// <summary>How many of them name a thing that is as it would be already.</summary>
    public long SameCount { get; init; }

    /// <summary>How many of them would fail.</summary>
    public long BadCount { get; init; }

    /// <summary>The rows that would fail, and why; of a list with very many, the first 10,000.</summary>
    public IReadOnlyList<BadRow> BadRows { get; init; } = [];
}

/// <summary>A row of a list that would fail.</summary>
/// <param name="Row">The row, counted from 1 (a CSV file's header is none).</param>
/// <param name="ThingName">The device's thing name, where the row's parameters are good enough to know it.</param>
/// <param name="Error">Why.</param>
public sealed record BadRow(long Row, string? ThingName, string Error);
