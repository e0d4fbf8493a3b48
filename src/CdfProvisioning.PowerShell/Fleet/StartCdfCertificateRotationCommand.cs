using System.Collections;
using System.Globalization;
using System.Management.Automation;
using CdfProvisioning.Fleet;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Gives devices new certificates beside their old ones.</summary>
/// <remarks>
/// <para>
/// A device is named by its thing or by the certificate that is to be replaced: names, things, certificates or rows from the pipeline, or a
/// list with a column ThingName. The template says how the new certificate is made: with a key that goes to KeyDirectory, from the
/// device's CSR (CsrFileColumn, or the template's parameter), by AWS IoT or by ACM PCA. Only its certificate counts: the thing stays as it is.
/// </para>
/// <para>
/// The new certificate gets the policies and things of the old one, and both are ACTIVE. Once a device has moved,
/// Complete-CdfCertificateRotation deactivates the old one; Undo-CdfCertificateRotation takes the new one back.
/// </para>
/// <para>
/// The certificates are made by a task as lists are registered by: it survives the process and is resumed by Resume-CdfBulkRegistration,
/// and no device gets two.
/// </para>
/// </remarks>
/// <example>
/// <para>Replace the certificates that expire within a month</para>
/// <code>Get-CdfCertificate -ExpiresWithin 30d | Start-CdfCertificateRotation -TemplateId sensor -KeyDirectory ./keys-2026 -Wait</code>
/// </example>
/// <example>
/// <para>Replace those of one group, of CSRs that its devices have made</para>
/// <code>Start-CdfCertificateRotation -TemplateId sensor-csr -Path ./csrs.csv -CsrFileColumn CsrFile -Wait</code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "CdfCertificateRotation", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class StartCdfCertificateRotationCommand : DeviceListCmdlet
{
    private const int CertificateIdLength = 64;

    private RotationService.RotationDraft? _draft;

    /// <summary>Waits until all certificates have been made, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    private protected override bool IsOneList => true;

    private protected override IReadOnlyList<string> OtherColumns => RotationService.Columns;

    private protected override PSObject? Adapt(PSObject? input) => input?.BaseObject is string name && (name.Contains(':') || !File.Exists(ResolvePath(name)))
        ? new PSObject(new Hashtable { [name.Length == CertificateIdLength && name.All(char.IsAsciiHexDigitLower) ? "CertificateId" : "ThingName"] = name })
        : input;

    private protected override async ValueTask OpenAsync(ListIntake list, BulkRegistrationRequest request, Connection connection, CancellationToken cancellationToken)
    {
        _draft ??= await connection.Rotations.CreateAsync(request, cancellationToken);
        list.Begin(async (row, failure, token) => await TakeAsync(await _draft.FindAsync(row, failure, token), token));
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await base.EndAsync(cancellationToken);
        if (_draft is null)
            return;
        await TakeAsync(await _draft.FindLastAsync(cancellationToken), cancellationToken);
        if (_draft.Count == 0)
            return;
        if (_draft.Warning is { } warning)
            WriteWarning(warning);
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        var task = await service.StartAsync(_draft.List, cancellationToken);
        if (Wait)
            await WriteEndAsync(service, await WaitOrInterruptAsync(service, task.TaskId, cancellationToken), cancellationToken);
        else
            WriteObject(task);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_draft is not null)
            PipelinePump.Run(() => _draft.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    private async ValueTask TakeAsync(IReadOnlyList<RotationService.RotationRow> devices, CancellationToken cancellationToken)
    {
        foreach (var device in devices)
        {
            if (device.Problem is { } problem)
                WriteError(problem.ToErrorRecord(device.ThingName));
            else if (ShouldProcess(device.ThingName, $"Replace certificate {device.CertificateId}"))
                await _draft!.AddAsync(device, cancellationToken);
        }

        if (devices.Count > 0)
            WriteProgress(new ProgressRecord(0, "Finding certificates to replace", string.Create(CultureInfo.CurrentCulture, $"{_draft!.Count:N0} devices")));
    }
}
