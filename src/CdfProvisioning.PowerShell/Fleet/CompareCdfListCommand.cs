using System.Globalization;
using System.Management.Automation;
using CdfProvisioning.Fleet;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Compares a list of devices with the registry.</summary>
/// <remarks>
/// <para>
/// Says of each row if its device is new, registered otherwise (what, from, to), registered as the list says, or if the row cannot be
/// registered. With Group or ThingType it then names the things there that the list does not have. Nothing is changed.
/// </para>
/// <para>
/// What the template says of a thing counts: attributes and groups that are missing, another type or billing group, policies that are not attached. An
/// attribute or a group that the template does not mention is no difference, unless OverrideSettings in the template say REPLACE. A device
/// that has a certificate keeps it, where the template would make another; so does one whose certificate has been deactivated.
/// </para>
/// </remarks>
/// <example>
/// <para>What synchronising would do</para>
/// <code>Compare-CdfList -TemplateId sensor -Path ./devices.csv -Group ulm | Where-Object State -ne Same</code>
/// </example>
/// <example>
/// <para>How many of each</para>
/// <code>Compare-CdfList sensor ./devices.csv | Group-Object State -NoElement</code>
/// </example>
[Cmdlet(VerbsData.Compare, "CdfList", DefaultParameterSetName = ByPath)]
[OutputType(typeof(DeviceComparison))]
public sealed class CompareCdfListCommand : DeviceListCmdlet
{
    private ListComparison? _comparison;
    private SynchronizationService? _service;

    /// <summary>Names the things directly in this group that the list does not have.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>With Group: also those in the groups below it.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Names the things of this type that the list does not have; with Group, those of both.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingType { get; set; }

    private protected override bool IsOneList => true;

    private DeviceScope Scope => new(Group, ThingType, Recurse);

    private protected override async ValueTask OpenAsync(ListIntake list, BulkRegistrationRequest request, Connection connection, CancellationToken cancellationToken)
    {
        _service = connection.Synchronizations;
        var comparison = _comparison ??= await _service.CompareAsync(request, Scope, cancellationToken);
        list.Begin(async (row, failure, token) => Write(await comparison.AddAsync(row, failure, token)));
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await base.EndAsync(cancellationToken);
        if (_comparison is null || _service is null)
            return;
        Write(await _comparison.EndAsync(cancellationToken));
        await foreach (var name in _service.ExtrasAsync(_comparison, Scope, cancellationToken))
            WriteObject(new DeviceComparison { ThingName = name, State = DeviceState.Extra });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _comparison?.Dispose();
        base.Dispose(disposing);
    }

    private void Write(IReadOnlyList<ComparedRow> rows)
    {
        foreach (var row in rows)
            WriteObject(row.Device);
        if (rows.Count > 0)
            WriteProgress(new ProgressRecord(0, "Comparing devices", string.Create(CultureInfo.CurrentCulture, $"{_comparison!.RowCount:N0} rows")));
    }
}
