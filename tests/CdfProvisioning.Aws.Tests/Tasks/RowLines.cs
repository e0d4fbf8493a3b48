using CdfProvisioning.Iot;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Aws.Tests.Tasks;

/// <summary>A registry to which each row of a list has a line of its own.</summary>
/// <param name="registry">The registry.</param>
/// <param name="cut">Is given each row's number and its line.</param>
internal sealed class RowLines(IDeviceRegistry registry, Action<long, UnreliableRegistry> cut) : IDeviceRegistry
{
    private readonly AsyncLocal<UnreliableRegistry> _line = new();

    /// <summary>The run of a task that calls this registry: its rows are handed over one by one, so that each call is known to be a row's.</summary>
    public ITaskRun Over(ITaskRun run) => new RowByRow(run, this);

    public ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) =>
        _line.Value!.InvokeAsync(request, cancellationToken);

    public ValueTask DisposeAsync() => default;

    private void Take(PreparedRow row)
    {
        _line.Value = new UnreliableRegistry(registry);
        cut(row.Number, _line.Value);
    }

    private sealed class RowByRow(ITaskRun run, RowLines lines) : ITaskRun
    {
        public string TaskId => run.TaskId;

        public NewTask Plan => run.Plan;

        public string Registry => run.Registry;

        public string? KeyFolder => run.KeyFolder;

        public ValueTask RecoverKeyFileAsync(CancellationToken cancellationToken) => run.RecoverKeyFileAsync(cancellationToken);

        public ValueTask AppendAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken) => run.AppendAsync(rows, cancellationToken);

        public ValueTask IdentifyAsync(RequestIdentity request, CancellationToken cancellationToken) => run.IdentifyAsync(request, cancellationToken);

        public ValueTask SealAsync(CancellationToken cancellationToken) => run.SealAsync(cancellationToken);

        public IAsyncEnumerable<IReadOnlyList<DeviceRow>> RowsAsync(CancellationToken cancellationToken) => run.RowsAsync(cancellationToken);

        public ValueTask<IReadOnlyList<(long Row, string? ThingName)>> LastRegisteredAsync(int count, CancellationToken cancellationToken) => run.LastRegisteredAsync(count, cancellationToken);

        public async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
        {
            foreach (var row in rows.SkipLast(1))
                await ApplyAsync(row, cancellationToken);
            return await ApplyAsync(rows[^1], cancellationToken);
        }

        public ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken) => run.FlushAsync(cancellationToken);

        public ValueTask DrainAsync() => run.DrainAsync();

        public ValueTask EndAsync(BulkRegistrationStatus status, string? message, CancellationToken cancellationToken) => run.EndAsync(status, message, cancellationToken);

        public ValueTask DisposeAsync() => run.DisposeAsync();

        private async ValueTask<BulkRegistrationTask> ApplyAsync(PreparedRow row, CancellationToken cancellationToken)
        {
            lines.Take(row);
            return await run.ApplyAsync([row], cancellationToken);
        }
    }
}
