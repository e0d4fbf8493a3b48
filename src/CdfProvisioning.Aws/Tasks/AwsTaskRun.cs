using System.Threading.Channels;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// A task whose rows are registered with AWS one by one, many at a time, at the rate that the registry's client allows.
/// Results are journalled in the order of the rows; what was begun is journalled before. Of rows with the same thing or certificate the
/// earlier one is over before the later one is begun, as in a plan. Told to stop, it begins no more rows, and ends those that it, or an
/// earlier run, has begun.
/// </summary>
/// <param name="claim">The task.</param>
/// <param name="registry">AWS IoT, called no faster than it may be.</param>
/// <param name="rowsAtOnce">How many rows may be under way.</param>
internal sealed class AwsTaskRun(TaskClaim claim, IDeviceRegistry registry, int rowsAtOnce) : JournaledTaskRun(claim)
{
    /// <summary>How often a row is tried that gets no answer, before the list as a whole is interrupted.</summary>
    private const int MaxAttempts = 4;

    private readonly RowJournal _rows = new(claim);
    private readonly Reconciliation _reconciliation = new(registry);
    private readonly Channel<UnderWay> _underWay = Channel.CreateBounded<UnderWay>(new BoundedChannelOptions(rowsAtOnce) { SingleReader = true, SingleWriter = true });
    private readonly RowOrder _order = new(rowsAtOnce);
    private Task? _journalling;

    /// <summary>Without transactions a key needs a place before its certificate is ACTIVE: that of a key file is in a folder beside it, until the row has its result.</summary>
    public override string? KeyFolder => Plan.KeyFile is { } file
        ? Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileName(file)}.{TaskId}")
        : Plan.KeyDirectory;

    public override async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
    {
        _journalling ??= JournalAsync();
        var begun = 0;
        try
        {
            foreach (var chunk in rows.Chunk(rowsAtOnce))
            {
                var task = await base.FlushAsync(CancellationToken.None);
                var last = task.Status == BulkRegistrationStatus.Cancelling ? await _rows.LastBegunAsync() : long.MaxValue;
                foreach (var (together, before) in _order.Split([.. chunk.TakeWhile(row => row.Number <= last)]))
                {
                    await Task.WhenAny(before, _journalling);
                    foreach (var row in await _rows.BeginAsync(together, CancellationToken.None))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        await _underWay.Writer.WaitToWriteAsync(CancellationToken.None);
                        _underWay.Writer.TryWrite(new(RegisterAsync(row), _order.Begin(row.Row)));
                        begun++;
                    }
                }
                if (chunk[^1].Number > last)
                    return task;
            }
            var now = await base.FlushAsync(CancellationToken.None);
            return now.Status == BulkRegistrationStatus.Cancelling && await _rows.LastBegunAsync() > rows[^1].Number
                ? now with { Status = BulkRegistrationStatus.InProgress }
                : now;
        }
        finally
        {
            foreach (var row in rows.Skip(begun))
                row.Discard();
        }
    }

    public override async ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken)
    {
        _underWay.Writer.TryComplete();
        if (_journalling is not null)
            await _journalling;
        return await base.FlushAsync(cancellationToken);
    }

    public override async ValueTask DrainAsync()
    {
        _underWay.Writer.TryComplete();
        if (_journalling is not null)
            await _journalling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_underWay.Reader.TryRead(out var rest))
            await ((Task)rest.Outcome).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async ValueTask EndAsync(BulkRegistrationStatus status, string? message, CancellationToken cancellationToken)
    {
        await base.EndAsync(status, message, cancellationToken);
        if (Plan.KeyFile is not null && status != BulkRegistrationStatus.Interrupted && Directory.Exists(KeyFolder))
            Directory.Delete(KeyFolder, recursive: true);
    }

    /// <summary>Writes results down as they come, in the order of the rows; ends with the first failure that is not a row's own.</summary>
    private async Task JournalAsync()
    {
        try
        {
            await foreach (var first in _underWay.Reader.ReadAllAsync())
            {
                var ended = new List<UnderWay> { first };
                await first.Outcome;
                while (_underWay.Reader.TryPeek(out var next) && next.Outcome.IsCompletedSuccessfully && _underWay.Reader.TryRead(out _))
                    ended.Add(next);
                await WriteAsync(ended.ConvertAll(row => row.Outcome.Result));
                ended.ForEach(row => row.IsOver.SetResult());
            }
        }
        catch (Exception e)
        {
            _underWay.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task WriteAsync(List<Outcome> outcomes)
    {
        await using var keys = KeyFile is null ? null : await KeyFile.BeginAsync(TaskId, outcomes[^1].Row.Number, CancellationToken.None);
        keys?.Append([.. outcomes.Select(outcome => outcome.KeyLine).OfType<byte[]>()]);
        await Claim.Database.WriteAsync(session => Write(session, outcomes), CancellationToken.None);
        keys?.Keep();
        foreach (var outcome in outcomes.Where(outcome => outcome.Failure is null))
        {
            if (keys is null)
                outcome.Row.Keep();
            else
                outcome.Row.Drop();
        }
    }

    private BulkRegistrationTask Write(Session session, List<Outcome> outcomes)
    {
        CheckOwner(session);
        foreach (var (row, certificate, failure, _) in outcomes)
        {
            Insert(session, row, certificate, policies: null, failure);
            if (failure is not null)
                _rows.Forget(session, row);
        }
        var failed = outcomes.Count(outcome => outcome.Failure is not null);
        return Count(session, outcomes[0].Row.Number, outcomes.Count - failed, failed);
    }

    private async Task<Outcome> RegisterAsync(BegunRow begun)
    {
        var row = begun.Row;
        if (row.Failure is { } known)
            return new(row, null, known);
        if (begun.Repeats is { } earlier)
        {
            row.Discard();
            return new(row, null, RegistryRules.Repeated(row.Number, row.ThingName, earlier));
        }

        for (var attempt = 1; ; attempt++)
        {
            var watched = new RowRegistry(registry, _rows, row);
            try
            {
                var found = begun.WasBegun && !IsRepeatable(row) ? await _reconciliation.FindAsync(begun, CancellationToken.None) : null;
                if (begun.WasBegun && found is null && !IsRepeatable(row))
                    begun = await _rows.RenewAsync(row);
                var response = found is null
                    ? await row.RegisterAsync(watched, CancellationToken.None)
                    : await row.FinishAsync(found, CancellationToken.None);
                return new(row, ResourcesOf(response).Certificate, null, KeyFile is null ? null : row.KeyLineOf(response));
            }
            catch (CdfException e) when (e.IsOfTheRow)
            {
                return new(row, null, e);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.Unavailable && attempt < MaxAttempts)
            {
                begun = begun with { WasBegun = true, CertificateId = watched.CertificateId ?? begun.CertificateId };
                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt));
            }
        }
    }

    /// <summary>Whether a row changes a device whose certificate is there already: done twice, it is done once.</summary>
    private bool IsRepeatable(PreparedRow row) => Plan.IsDesiredState && row.GivenCertificate is { CertificateSigningRequest: null };

    /// <summary>A row that was begun.</summary>
    /// <param name="Outcome">What becomes of it.</param>
    /// <param name="IsOver">That it has been written down.</param>
    private sealed record UnderWay(Task<Outcome> Outcome, TaskCompletionSource IsOver);

    /// <summary>What became of a row.</summary>
    private sealed record Outcome(PreparedRow Row, byte[]? Certificate, CdfException? Failure, byte[]? KeyLine = null);
}
