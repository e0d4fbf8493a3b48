using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that find rotations.</summary>
public abstract class CertificateRotationCmdlet : CdfCmdlet
{
    /// <summary>The ids of the tasks.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? TaskId { get; set; }

    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? ThingName { get; set; }

    /// <summary>Of things that were rotated more than once, all rotations; the oldest first.</summary>
    private protected async Task<List<CertificateRotation>> FindAsync(Func<CertificateRotation, bool> isWanted, CancellationToken cancellationToken)
    {
        var patterns = (ThingName ?? []).Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        return await (await ConnectionAsync(cancellationToken)).Rotations.ListAsync(cancellationToken)
            .Where(rotation => (TaskId is null || TaskId.Contains(rotation.TaskId))
                && (ThingName is null || ThingName.Contains(rotation.ThingName) || patterns.Exists(pattern => pattern.IsMatch(rotation.ThingName)))
                && isWanted(rotation))
            .OrderBy(rotation => rotation.StartDate)
            .ToListAsync(cancellationToken);
    }

    private protected void WriteMissing(IEnumerable<CertificateRotation> found, string what)
    {
        foreach (var name in ThingName ?? [])
            if (!WildcardPattern.ContainsWildcardCharacters(name) && !found.Any(rotation => rotation.ThingName == name))
                WriteError(CdfErrorCode.NotFound.Error($"There is no rotation of '{name}'{what}.").ToErrorRecord(name));
    }
}

/// <summary>Gets the rotations of certificates: who has moved, and who has not, the oldest first.</summary>
/// <remarks>
/// <para>A rotation is Pending until its new certificate is made, and Waiting until it is completed: those are the devices that have not moved, as far as is known. Age says for how long.</para>
/// </remarks>
/// <example>
/// <para>Devices that have not moved to their new certificates for a week</para>
/// <code>Get-CdfCertificateRotation -State Waiting -OlderThan 7d</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfCertificateRotation")]
[OutputType(typeof(CertificateRotation))]
public sealed class GetCdfCertificateRotationCommand : CertificateRotationCmdlet
{
    /// <summary>Only those in this state: Waiting for those who have not moved.</summary>
    [Parameter]
    public RotationState[]? State { get; set; }

    /// <summary>Only those begun longer ago than this: 7d, 12h, or a time span.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? OlderThan { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var found = await FindAsync(r => (State is null || State.Contains(r.State)) && (OlderThan is not { } age || r.Age > age), cancellationToken);
        if (State is null && OlderThan is null)
            WriteMissing(found, "");
        WriteObject(found, enumerateCollection: true);
    }
}

/// <summary>Deactivates the old certificates of devices that have moved to their new ones.</summary>
/// <remarks>
/// <para>
/// A device has moved when it has connected with its new certificate to the device port of this registry (Start-CdfServer -DevicePort),
/// or, with Confirmed, when it is named: no other loses its old certificate. AWS IoT does not say with which certificate a device has
/// connected, so that there they have to be named. Where the new certificate is gone or not ACTIVE, the old one stays as it is.
/// </para>
/// </remarks>
/// <example>
/// <para>Complete the rotation of all devices that have connected with their new certificates</para>
/// <code>Complete-CdfCertificateRotation -PassThru</code>
/// </example>
/// <example>
/// <para>Complete the rotation of those that a log has seen</para>
/// <code>Complete-CdfCertificateRotation -Confirmed (Get-Content ./seen.txt)</code>
/// </example>
[Cmdlet(VerbsLifecycle.Complete, "CdfCertificateRotation", SupportsShouldProcess = true)]
[OutputType(typeof(CertificateRotation))]
public sealed class CompleteCdfCertificateRotationCommand : CertificateRotationCmdlet
{
    /// <summary>The names of the things whose devices are known to have moved. Without it, those that have connected to the device port.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? Confirmed { get; set; }

    /// <summary>Emits the rotations as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var rotations = (await ConnectionAsync(cancellationToken)).Rotations;
        if (Confirmed is null && !rotations.SeesDevices)
            throw CdfErrorCode.InvalidRequest.Error("AWS IoT does not say with which certificate a device has connected: name the things whose devices are known to have moved (-Confirmed).");
        var confirmed = (Confirmed ?? []).ToHashSet();
        var found = await FindAsync(
            rotation => rotation.State == RotationState.Waiting && (Confirmed is null ? rotation.SeenDate is not null : confirmed.Contains(rotation.ThingName)), cancellationToken);
        var known = found.Select(rotation => rotation.ThingName).ToHashSet();
        foreach (var name in confirmed.Where(name => ThingName is null && TaskId is null && !known.Contains(name)))
            WriteError(CdfErrorCode.NotFound.Error($"There is no rotation of '{name}' that waits to be completed.").ToErrorRecord(name));
        WriteMissing(found, $" that waits to be completed, and whose device {(Confirmed is null ? "has connected with its new certificate" : "is confirmed")}");
        foreach (var rotation in found)
            await ForEachAsync(
                [rotation.ThingName],
                async name =>
                {
                    if (!ShouldProcess(name, $"Deactivate the old certificate {rotation.OldCertificateId}"))
                        return;
                    if (await rotations.CompleteAsync(rotation, cancellationToken) is { } note)
                        WriteWarning(note);
                    if (PassThru)
                        WriteObject(rotation with { State = RotationState.Completed, EndDate = DateTimeOffset.UtcNow });
                });
    }
}

/// <summary>Takes new certificates of a rotation back.</summary>
/// <remarks>
/// <para>
/// The new certificate is detached and deleted; the old one is ACTIVE, also where the rotation had been completed. Where the old one is
/// gone or revoked, the new one stays. A key that was made for it is removed from its folder; in a key file it stays, and is of no use.
/// </para>
/// </remarks>
/// <example>
/// <para>Take a whole rotation back</para>
/// <code>Undo-CdfCertificateRotation -TaskId $task.TaskId</code>
/// </example>
[Cmdlet(VerbsCommon.Undo, "CdfCertificateRotation", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CertificateRotation))]
public sealed class UndoCdfCertificateRotationCommand : CertificateRotationCmdlet
{
    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the rotations as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override Task BeginAsync(CancellationToken cancellationToken) => TaskId is null && ThingName is null && !MyInvocation.ExpectingInput
        ? throw CdfErrorCode.InvalidRequest.Error("Say which rotations are to be taken back: -TaskId, or -ThingName.")
        : Task.CompletedTask;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var found = await FindAsync(rotation => rotation.State is RotationState.Pending or RotationState.Waiting or RotationState.Completed, cancellationToken);
        WriteMissing(found, " that could be taken back");
        var rotations = (await ConnectionAsync(cancellationToken)).Rotations;
        foreach (var rotation in found.GroupBy(rotation => rotation.ThingName).Select(ofThing => ofThing.Last()))
            await ForEachAsync(
                [rotation.ThingName],
                async name =>
                {
                    if (!ShouldProcess(name, $"Delete the new certificate {rotation.NewCertificateId}, and go back to {rotation.OldCertificateId}", isAsked: !Force))
                        return;
                    if (await rotations.UndoAsync(rotation, cancellationToken) is { } note)
                        WriteWarning(note);
                    if (PassThru)
                        WriteObject(rotation with { State = RotationState.Undone, EndDate = DateTimeOffset.UtcNow });
                });
    }
}
