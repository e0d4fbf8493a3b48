using System.Text.RegularExpressions;

namespace CdfProvisioning.Fleet;

/// <summary>What is looked at of a fleet, at one moment.</summary>
internal sealed record FleetReport
{
    public required ConnectionInfo Connection { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required FleetTotals Totals { get; init; }

    /// <summary>The newest first.</summary>
    public required IReadOnlyList<ListTotals> Lists { get; init; }

    /// <summary>How many lists there are that are not among <see cref="Lists"/>; null if those were chosen.</summary>
    public long? FurtherLists { get; init; }
}

/// <summary>How a list went.</summary>
/// <param name="Task">Its task.</param>
/// <param name="Failures">Why rows could not be registered, the most frequent first.</param>
internal sealed record ListTotals(BulkRegistrationTask Task, IReadOnlyList<FailureReason> Failures)
{
    /// <summary>Rows a second, from its beginning to its last result.</summary>
    public double? Rate => (Task.LastModifiedDate - Task.CreationDate).TotalSeconds is var seconds and > 0 && Task.SuccessCount + Task.FailureCount is var rows and > 0
        ? rows / seconds : null;
}

/// <param name="Text">The error, with … in place of what it says of one row alone.</param>
/// <param name="Count">How many rows have it.</param>
internal sealed record FailureReason(string Text, long Count);

/// <summary>How far the reading of a report is.</summary>
/// <param name="What">What is being read.</param>
/// <param name="Done">How much of it has been.</param>
/// <param name="Total">Of how much, if that is known.</param>
internal sealed record ReportProgress(string What, long Done, long? Total);

/// <summary>Counts errors by what they have in common.</summary>
internal sealed partial class FailureReasons
{
    public const char Gap = '…';

    private const int MaxReasons = 50;
    private const string Others = "Other reasons";

    private readonly Dictionary<string, long> _counts = [];
    private long _others;

    public void Add(string? error)
    {
        var reason = Particular().Replace(Spaces().Replace(error ?? "", " "), match => match.Value[0] == '\'' ? $"'{Gap}'" : $"{Gap}").Trim();
        if (_counts.TryGetValue(reason, out var count) || _counts.Count < MaxReasons)
            _counts[reason] = count + 1;
        else
            _others++;
    }

    public IReadOnlyList<FailureReason> ToList()
    {
        var reasons = _counts.Select(count => new FailureReason(count.Key, count.Value)).OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Text, StringComparer.Ordinal);
        return _others == 0 ? [.. reasons] : [.. reasons, new(Others, _others)];
    }

    /// <summary>What is quoted, and ids.</summary>
    [GeneratedRegex(@"'[^']*'|\b[0-9a-fA-F]{16,}\b|\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")]
    private static partial Regex Particular();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
