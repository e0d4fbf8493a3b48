using System.Runtime.CompilerServices;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Fleet;

/// <summary>Replaces certificates of devices: a new one beside the old one, until the device has moved.</summary>
internal sealed class RotationService(BulkRegistrationService lists, ThingService things, IDeviceRegistry registry)
{
    private const string ThingNameColumn = "ThingName";
    private const string CertificateIdColumn = "CertificateId";

    /// <summary>The columns, beside those of the template, that say whose certificate is replaced.</summary>
    public static IReadOnlyList<string> Columns { get; } = [ThingNameColumn, CertificateIdColumn];

    /// <summary>Begins a rotation, whose devices are then added one by one.</summary>
    /// <exception cref="CdfException">NotFound, InvalidTemplate; InvalidRequest: the template has no certificate, or makes keys and no folder for them is named.</exception>
    public async ValueTask<RotationDraft> CreateAsync(BulkRegistrationRequest request, CancellationToken cancellationToken)
    {
        if (request.TemplateId is null)
            throw CdfErrorCode.InvalidRequest.Error("A rotation needs a template, which says how the new certificates are made (-TemplateId).");
        var template = await things.CompileAsync(request.TemplateId, groupPath: null, cancellationToken);
        var draft = new RotationDraft(registry, template, await lists.CreateRotationAsync(request, cancellationToken));
        try
        {
            await foreach (var rotation in lists.RotationsAsync(cancellationToken).Where(rotation => rotation.State is RotationState.Pending or RotationState.Waiting))
                draft.NoteUnderWay(rotation.ThingName);
            return draft;
        }
        catch
        {
            await draft.DisposeAsync();
            throw;
        }
    }

    /// <summary>All rotations, those first that were begun first.</summary>
    public async IAsyncEnumerable<CertificateRotation> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var rotation in lists.RotationsAsync(cancellationToken))
            yield return rotation.NewCertificateId is { } made && registry is IConnectionMemory memory
                ? rotation with { SeenDate = await memory.FindLastConnectedAsync(made, cancellationToken) }
                : rotation;
    }

    /// <summary>Whether it can be told which devices have connected with their new certificates.</summary>
    public bool SeesDevices => registry is IConnectionMemory;

    /// <summary>Deactivates the old certificate of a device that has moved. Done twice, it is done once.</summary>
    /// <returns>What its user should know, if anything.</returns>
    /// <exception cref="CdfException">Conflict: there is no new certificate with which the device could connect; Unavailable.</exception>
    public async ValueTask<string?> CompleteAsync(CertificateRotation rotation, CancellationToken cancellationToken)
    {
        if (rotation.State != RotationState.Waiting)
            throw CdfErrorCode.Conflict.Error($"The rotation of '{rotation.ThingName}' is {rotation.State}: there is nothing to complete.");
        var made = await registry.FindCertificateAsync(rotation.NewCertificateId!, cancellationToken);
        if (made is not { Status: CertificateStatus.Active }
            || !await registry.ThingsOfPrincipalAsync(made.CertificateArn!, cancellationToken).ContainsAsync(rotation.ThingName, cancellationToken: cancellationToken))
            throw CdfErrorCode.Conflict.Error(
                $"The new certificate {rotation.NewCertificateId} of '{rotation.ThingName}' is {(made is null ? "gone" : made.Status != CertificateStatus.Active ? made.Status : "not attached to it any more")}: the old one stays ACTIVE, since the device could not connect without it.");
        string? note = null;
        if (await registry.FindCertificateAsync(rotation.OldCertificateId, cancellationToken) is not { } old)
            note = $"The old certificate {rotation.OldCertificateId} of '{rotation.ThingName}' has been deleted meanwhile.";
        else if (old.Status == CertificateStatus.Active)
            await registry.InvokeAsync(new UpdateCertificateRequest(rotation.OldCertificateId, CertificateStatus.Inactive), cancellationToken);
        await lists.EndRotationAsync(rotation, RotationState.Completed, cancellationToken);
        return note;
    }

    /// <summary>Takes the new certificate back, and has the old one ACTIVE again if it was completed.</summary>
    /// <returns>What its user should know, if anything.</returns>
    /// <exception cref="CdfException">Conflict: the old certificate is gone or revoked, so that the device would have none; the new one is still being made.</exception>
    public async ValueTask<string?> UndoAsync(CertificateRotation rotation, CancellationToken cancellationToken)
    {
        if (rotation.State is not (RotationState.Waiting or RotationState.Completed))
            throw CdfErrorCode.Conflict.Error(rotation.State == RotationState.Pending
                ? $"The new certificate of '{rotation.ThingName}' is still to be made: wait for task {rotation.TaskId} (Wait-CdfBulkRegistration), or stop it (Stop-CdfBulkRegistration)."
                : $"The rotation of '{rotation.ThingName}' is {rotation.State}: there is nothing to take back.");
        var old = await registry.FindCertificateAsync(rotation.OldCertificateId, cancellationToken);
        if (old?.Status is not (CertificateStatus.Active or CertificateStatus.Inactive))
            throw CdfErrorCode.Conflict.Error(
                $"The old certificate {rotation.OldCertificateId} of '{rotation.ThingName}' is {old?.Status ?? "gone"}: the new one stays, since the device would have none.");
        if (old.Status == CertificateStatus.Inactive && rotation.State == RotationState.Completed)
            await registry.InvokeAsync(new UpdateCertificateRequest(rotation.OldCertificateId, CertificateStatus.Active), cancellationToken);
        if (await registry.FindCertificateAsync(rotation.NewCertificateId!, cancellationToken) is not null)
            await new CertificateService(registry, registry).RemoveAsync(rotation.NewCertificateId!, cancellationToken);
        await lists.EndRotationAsync(rotation, RotationState.Undone, cancellationToken);
        return await RemoveKeyAsync(rotation, cancellationToken);
    }

    /// <summary>Removes the key of a new certificate that was taken back, if it is in a folder.</summary>
    /// <returns>Where it has stayed.</returns>
    private async ValueTask<string?> RemoveKeyAsync(CertificateRotation rotation, CancellationToken cancellationToken)
    {
        var task = await lists.GetAsync(rotation.TaskId, cancellationToken);
        if (task.KeyFile is { } keyFile)
            return $"The key of the certificate that was taken back from '{rotation.ThingName}' stays in '{keyFile}', and is of no use any more.";
        if (task.KeyDirectory is not { } folder || !Directory.Exists(folder))
            return null;
        try
        {
            using var keys = lists.LookAtKeys(folder);
            if (keys.Read(rotation.ThingName) is { } there && there.Certificate?.Id == rotation.NewCertificateId)
                keys.Remove(rotation.ThingName, there);
            return null;
        }
        catch (CdfException e)
        {
            return $"The key of the certificate that was taken back from '{rotation.ThingName}' could not be removed from '{folder}': {e.Message}";
        }
    }

    /// <summary>A row of a rotation's list, and what there is of its device.</summary>
    /// <param name="Row">The row.</param>
    /// <param name="ThingName">The device's thing; of a row with a problem, what it names, thing or certificate.</param>
    /// <param name="CertificateId">The certificate that is to be replaced.</param>
    /// <param name="Problem">Why none can be; null if one can.</param>
    internal sealed record RotationRow(IReadOnlyDictionary<string, string> Row, string ThingName, string CertificateId, CdfException? Problem);

    /// <summary>A rotation that is being received.</summary>
    internal sealed class RotationDraft(IDeviceRegistry registry, ProvisioningTemplate template, BulkRegistrationDraft draft) : IAsyncDisposable
    {
        private const int RowsPerPiece = 256;

        private static readonly UInt128 UnderWay = 0;
        private static readonly UInt128 Listed = 1;

        private readonly List<(IReadOnlyDictionary<string, string> Row, CdfException? Failure)> _piece = new(RowsPerPiece);
        private readonly SpilledTable _things = new();

        public string? Warning => draft.Warning;

        public BulkRegistrationDraft List => draft;

        /// <summary>How many devices have been added.</summary>
        public long Count { get; private set; }

        /// <summary>Takes a row, which names a device by its thing, or the certificate that is to be replaced, or both, and has what the template's certificate needs.</summary>
        /// <param name="row">The row.</param>
        /// <param name="failure">What is known to be wrong with it.</param>
        /// <param name="cancellationToken">Cancels.</param>
        /// <returns>The rows whose devices have been looked up since; over a network this is done for several at once.</returns>
        public ValueTask<IReadOnlyList<RotationRow>> FindAsync(IReadOnlyDictionary<string, string> row, CdfException? failure, CancellationToken cancellationToken)
        {
            _piece.Add((row, failure));
            return _piece.Count < RowsPerPiece ? new([]) : FindLastAsync(cancellationToken);
        }

        /// <summary>Looks up what has not been yet.</summary>
        /// <returns>The last rows.</returns>
        public async ValueTask<IReadOnlyList<RotationRow>> FindLastAsync(CancellationToken cancellationToken)
        {
            var found = await registry.ReadAtOnceAsync(_piece, (_, given, token) => TryFindAsync(given.Row, given.Failure, token), cancellationToken);
            _piece.Clear();
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i].Problem is not null)
                    continue;
                if (FindRepetition(found[i].ThingName) is { } repeated)
                    found[i] = found[i] with { Problem = repeated };
                else
                    _things.Set(NameKey.Of(found[i].ThingName), Listed);
            }

            return found;
        }

        public async ValueTask AddAsync(RotationRow device, CancellationToken cancellationToken)
        {
            var with = new GivenParameters(device.Row.Count + 2);
            foreach (var (name, value) in device.Row)
                with[name] = value;
            with[RotationTemplate.ThingName] = device.ThingName;
            with[RotationTemplate.OldCertificate] = device.CertificateId;
            with.TryAdd(ThingNameColumn, device.ThingName);
            await draft.AddAsync(with, cancellationToken);
            Count++;
        }

        /// <summary>A device whose certificate is being rotated already.</summary>
        public void NoteUnderWay(string thingName) => _things.Set(NameKey.Of(thingName), UnderWay);

        public ValueTask DisposeAsync()
        {
            _things.Dispose();
            return draft.DisposeAsync();
        }

        private async ValueTask<RotationRow> TryFindAsync(IReadOnlyDictionary<string, string> row, CdfException? failure, CancellationToken cancellationToken)
        {
            if (failure is not null)
                return new(row, NameOf(row), "", failure);
            try
            {
                var (thingName, certificateId) = await FindAsync(row, cancellationToken);
                return new(row, thingName, certificateId, null);
            }
            catch (CdfException e) when (e.IsOfTheRow)
            {
                return new(row, NameOf(row), "", e);
            }
        }

        private static string NameOf(IReadOnlyDictionary<string, string> row) => Find(row, ThingNameColumn) ?? Find(row, CertificateIdColumn) ?? "";

        private async ValueTask<(string ThingName, string CertificateId)> FindAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
        {
            var id = template.RequiredParameters.Contains(CertificateIdColumn) ? null : Find(row, CertificateIdColumn);
            var thingName = Find(row, ThingNameColumn) ?? template.FindThingName(row);
            if (thingName is not null && FindRepetition(thingName) is { } repeated)
                throw repeated;
            if (id is not null)
            {
                var certificate = (await registry.InvokeAsync(new DescribeCertificateRequest(id), cancellationToken)).CertificateDescription!;
                var attached = await registry.ThingsOfPrincipalAsync(certificate.CertificateArn!, cancellationToken).ToListAsync(cancellationToken);
                if (thingName is null ? attached.Count == 0 : !attached.Contains(thingName))
                    throw CdfErrorCode.Conflict.Error($"Certificate {id} is attached to no thing{(thingName is null ? "" : $" '{thingName}'")}: only a device's certificate can be rotated.");
                thingName ??= attached[0];
                if (FindRepetition(thingName) is { } repetition)
                    throw repetition;
                if (certificate.Status != CertificateStatus.Active)
                    throw CdfErrorCode.Conflict.Error($"Certificate {id} of '{thingName}' is {certificate.Status}, and a device that cannot connect cannot move: set it ACTIVE first.");
            }
            else
            {
                id = await FindActiveAsync(thingName ?? throw CdfErrorCode.InvalidRequest.Error($"The row says neither whose certificate is to be replaced ({ThingNameColumn}) nor which ({CertificateIdColumn})."), cancellationToken);
            }

            return (thingName, id);
        }

        private CdfException? FindRepetition(string thingName)
        {
            if (_things.Find(NameKey.Of(thingName)) is not { } there)
                return null;
            return CdfErrorCode.Conflict.Error(there == Listed
                ? $"'{thingName}' is named twice: its certificate is replaced once."
                : $"The certificate of '{thingName}' is being rotated already (Get-CdfCertificateRotation -ThingName {thingName}): complete that or undo it first.");
        }

        private static string? Find(IReadOnlyDictionary<string, string> row, string column)
        {
            foreach (var (name, value) in row)
                if (name.Equals(column, StringComparison.OrdinalIgnoreCase) && value.Length > 0)
                    return value;
            return null;
        }

        private async ValueTask<string> FindActiveAsync(string thingName, CancellationToken cancellationToken)
        {
            await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
            var active = new List<string>();
            foreach (var id in await registry.PrincipalsAsync(thingName, cancellationToken).Select(Arn.CertificateId).OfType<string>().ToListAsync(cancellationToken))
                if ((await registry.FindCertificateAsync(id, cancellationToken))?.Status == CertificateStatus.Active)
                    active.Add(id);
            return active.Count == 1 ? active[0] : throw CdfErrorCode.Conflict.Error(active.Count == 0
                ? $"Thing '{thingName}' has no ACTIVE certificate that could be replaced."
                : $"Thing '{thingName}' has {active.Count} ACTIVE certificates: say which is to be replaced (Get-CdfCertificate -ThingName {thingName}).");
        }
    }
}
