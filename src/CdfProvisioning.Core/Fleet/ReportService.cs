using CdfProvisioning.Iot;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Fleet;

/// <summary>Reads what a report shows of a fleet and its lists.</summary>
internal sealed class ReportService(ConnectionInfo connection, IDeviceRegistry registry, BulkRegistrationService lists)
{
    private const int NewestLists = 25;
    private const int ReportInterval = 10_000;

    /// <summary>Whether the registry sums by itself; else everything is listed, and each certificate asked for.</summary>
    public bool IsSummed => registry is ISummingRegistry;

    /// <param name="taskIds">The lists; the newest ones if null.</param>
    /// <param name="asksForCertificates">Whether, where the registry does not sum, each certificate is asked for.</param>
    /// <param name="report">Is told how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">NotFound: there is no such task.</exception>
    public async ValueTask<FleetReport> ReadAsync(
        IReadOnlyList<string>? taskIds, bool asksForCertificates, Action<ReportProgress> report, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        var (tasks, further) = await TasksAsync(taskIds, cancellationToken);
        report(new("Things and certificates", 0, null));
        var totals = registry is ISummingRegistry summing
            ? await summing.SumAsync(now, cancellationToken)
            : await new StreamedTotals(registry, asksForCertificates, now, report).SumAsync(cancellationToken);
        var shown = new List<ListTotals>();
        foreach (var task in tasks)
            shown.Add(new(task, await FailuresAsync(task, report, cancellationToken)));
        return new() { Connection = connection, Time = now, Totals = totals, Lists = shown, FurtherLists = further };
    }

    private async ValueTask<(IReadOnlyList<BulkRegistrationTask> Tasks, long? Further)> TasksAsync(IReadOnlyList<string>? taskIds, CancellationToken cancellationToken)
    {
        if (taskIds is null)
        {
            var all = await lists.ListAsync(cancellationToken).OrderByDescending(task => task.CreationDate).ToListAsync(cancellationToken);
            return ([.. all.Take(NewestLists)], Math.Max(0, all.Count - NewestLists));
        }

        var chosen = new List<BulkRegistrationTask>();
        foreach (var id in taskIds.Distinct())
            chosen.Add(await lists.GetAsync(id, cancellationToken));
        return ([.. chosen.OrderByDescending(task => task.CreationDate)], null);
    }

    private async ValueTask<IReadOnlyList<FailureReason>> FailuresAsync(BulkRegistrationTask task, Action<ReportProgress> report, CancellationToken cancellationToken)
    {
        if (task.FailureCount == 0)
            return [];
        var reasons = new FailureReasons();
        var done = 0L;
        await foreach (var result in lists.ResultsAsync(task.TaskId, failedOnly: true, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            reasons.Add(result.Error);
            if (++done % ReportInterval == 0)
                report(new($"Failures of list {task.TaskId}", done, task.FailureCount));
        }

        return reasons.ToList();
    }
}
