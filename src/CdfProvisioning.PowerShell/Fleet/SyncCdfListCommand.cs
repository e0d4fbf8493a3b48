using System.Globalization;
using System.Management.Automation;
using CdfProvisioning.Fleet;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Makes the registry be as a list of devices says.</summary>
/// <remarks>
/// <para>
/// Registers the devices that are new, changes those that are registered otherwise and leaves those alone that are as the list says: what
/// Compare-CdfList shows, which is also what WhatIf shows. The same list a second time changes nothing.
/// </para>
/// <para>
/// With Prune, things of the group or of the type that the list does not have are removed, after asking once; nothing is removed while the
/// list has a row of which it cannot be told which thing it is about. Certificates of removed things stay unless IncludeCertificates or
/// the settings given to Connect-Cdf say otherwise.
/// </para>
/// <para>
/// One synchronisation at a time works on a registry; another one waits for it. After Ctrl+C or a crash, synchronise again: what was under
/// way is settled first, and no device is registered twice.
/// </para>
/// </remarks>
/// <example>
/// <para>Register new devices, change edited ones</para>
/// <code>Sync-CdfList -TemplateId sensor -Path ./devices.csv -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName}' -KeyDirectory ./keys</code>
/// </example>
/// <example>
/// <para>Remove the things of a group that are not in the list any more</para>
/// <code>
/// $signed = @{ CertificateAuthority = 'Factory 7'; Subject = 'CN={ThingName}'; KeyDirectory = './keys' }
/// Sync-CdfList sensor ./devices.csv @signed -Group ulm -Prune -WhatIf
/// Sync-CdfList sensor ./devices.csv @signed -Group ulm -Prune
/// </code>
/// </example>
[Cmdlet(VerbsData.Sync, "CdfList", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ListSynchronization), typeof(DeviceComparison))]
public sealed class SyncCdfListCommand : DeviceListCmdlet
{
    private const int NamesShown = 5;

    private ListComparison? _comparison;
    private ListSynchronizer? _synchronizer;
    private SynchronizationService? _service;

    /// <summary>The group in whose direct things Prune looks for those that the list does not have.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>With Group: also the things in the groups below it.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>The type among whose things Prune looks for those that the list does not have; with Group, those of both.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingType { get; set; }

    /// <summary>Removes the things of the group or type that the list does not have.</summary>
    [Parameter]
    public SwitchParameter Prune { get; set; }

    /// <summary>With Prune: deletes the certificates of removed things too, except those that are attached to another thing as well.</summary>
    [Parameter]
    public SwitchParameter IncludeCertificates { get; set; }

    /// <summary>With Prune: deletes the policies of the certificates too, except those that are attached to anything else as well.</summary>
    [Parameter]
    public SwitchParameter IncludePolicies { get; set; }

    /// <summary>With Prune: does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsOneList => true;

    private DeviceScope Scope => new(Group, ThingType, Recurse);

    private protected override Task BeginAsync(CancellationToken cancellationToken) => Prune && Scope.IsEmpty
        ? throw CdfErrorCode.InvalidRequest.Error("-Prune needs -Group or -ThingType: without, it would remove every thing of the registry that the list does not have.")
        : Task.CompletedTask;

    private protected override async ValueTask OpenAsync(ListIntake list, BulkRegistrationRequest request, Connection connection, CancellationToken cancellationToken)
    {
        _service = connection.Synchronizations;
        if (IsWhatIf)
            _comparison ??= await _service.CompareAsync(request, Scope, cancellationToken);
        else
            _synchronizer ??= await _service.BeginAsync(
                request, Scope, () => WriteWarning("Another synchronisation of this registry is under way. This one begins when it has ended; Ctrl+C gives up."), cancellationToken);
        _comparison ??= _synchronizer!.Comparison;
        list.Begin(async (row, failure, token) => await TakeAsync(await _comparison.AddAsync(row, failure, token), token));
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await base.EndAsync(cancellationToken);
        if (_comparison is null || _service is null)
            return;
        await TakeAsync(await _comparison.EndAsync(cancellationToken), cancellationToken);
        if (_synchronizer is null)
        {
            await foreach (var name in _service.ExtrasAsync(_comparison, Scope, cancellationToken))
                WriteObject(new DeviceComparison { ThingName = name, State = DeviceState.Extra });
            return;
        }

        var found = _service.ExtrasAsync(_comparison, Scope, cancellationToken);
        List<string> removed = Prune ? await found.ToListAsync(cancellationToken) : [];
        var extraCount = Prune ? removed.Count : await found.LongCountAsync(cancellationToken);
        if (removed.Count > 0 && _comparison.HasUnknownThings)
        {
            WriteError(CdfErrorCode.InvalidRequest.Error(
                $"Nothing is removed: the list has a row of which it cannot be told which thing it is about, and one of the {extraCount} things that the list does not have may be that one. Mend the row, and synchronise again.")
                .ToErrorRecord(Path?.FirstOrDefault() ?? TemplateId));
            removed = [];
        }

        if (!ShouldProcess(Path is null ? "the registry" : string.Join(", ", Path), Question(_synchronizer.Counts, removed), isAsked: removed.Count > 0 && !Force))
            return;
        if (_synchronizer.Warning is { } warning)
            WriteWarning(warning);
        var result = await RegisterAsync(_synchronizer, cancellationToken) with { ExtraCount = extraCount };
        WriteObject(removed.Count > 0 ? result with { RemovedCount = await RemoveAsync(removed, cancellationToken) } : result);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_synchronizer is null)
            _comparison?.Dispose();
        else
            PipelinePump.Run(() => _synchronizer.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    private async ValueTask TakeAsync(IReadOnlyList<ComparedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return;
        WriteProgress(new ProgressRecord(0, "Comparing devices", string.Create(CultureInfo.CurrentCulture, $"{_comparison!.RowCount:N0} rows")));
        if (_synchronizer is null)
        {
            foreach (var row in rows)
                WriteObject(row.Device);
            return;
        }

        foreach (var (device, _) in rows)
            if (device.State == DeviceState.Bad)
                WriteError(CdfErrorCode.InvalidRequest.Error(
                    $"Row {device.Row}{(device.ThingName is null ? "" : $" ({device.ThingName})")}: {string.Join(' ', device.Problems)}").ToErrorRecord(device.ThingName ?? (object?)device.Row));
        await _synchronizer.TakeAsync(rows, cancellationToken);
    }

    private async Task<ListSynchronization> RegisterAsync(ListSynchronizer synchronizer, CancellationToken cancellationToken)
    {
        if (await synchronizer.StartAsync(cancellationToken) is not { } task)
            return synchronizer.Counts;
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        WriteVerbose($"Task {task.TaskId} registers or changes {task.RowCount} devices.");
        task = await WaitOrInterruptAsync(service, task.TaskId, cancellationToken);
        if (await BulkRegistrationFailures.FindAsync(service, task, cancellationToken) is { } failure)
            WriteError(failure);
        return synchronizer.Counts with { TaskId = task.TaskId, FailureCount = synchronizer.Counts.FailureCount + task.FailureCount };
    }

    private async Task<long> RemoveAsync(List<string> names, CancellationToken cancellationToken)
    {
        var bound = MyInvocation.BoundParameters;
        bool? certificates = bound.ContainsKey(nameof(IncludeCertificates)) ? IncludeCertificates : null;
        bool? policies = bound.ContainsKey(nameof(IncludePolicies)) ? IncludePolicies : null;
        var things = (await ConnectionAsync(cancellationToken)).Things;
        var removed = 0L;
        await ForEachAsync(
            names,
            async name =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                await things.RemoveAsync(name, certificates, policies, cancellationToken);
                WriteVerbose($"Removed thing '{name}'.");
                if (++removed % 100 == 0)
                    WriteProgress(new ProgressRecord(0, "Removing things", string.Create(CultureInfo.CurrentCulture, $"{removed:N0} of {names.Count:N0}")) { PercentComplete = (int)(removed * 100 / names.Count) });
            });
        return removed;
    }

    private static string Question(ListSynchronization counts, List<string> extras)
    {
        List<string> parts = [];
        if (counts.NewCount > 0)
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"register {counts.NewCount:N0} new"));
        if (counts.ChangedCount > 0)
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"change {counts.ChangedCount:N0}"));
        if (extras.Count > 0)
            parts.Add(string.Create(
                CultureInfo.CurrentCulture,
                $"remove {extras.Count:N0} that {(extras.Count == 1 ? "is" : "are")} not in the list ({string.Join(", ", extras.Take(NamesShown))}{(extras.Count > NamesShown ? ", ..." : "")})"));
        return parts.Count == 0 ? "Leave things as they are" : $"Things: {string.Join(", ", parts)}";
    }
}
