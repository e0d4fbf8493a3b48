using System.Runtime.CompilerServices;
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
        var underWay = await lists.RotationsAsync(cancellationToken)
            .Where(rotation => rotation.State is RotationState.Pending or RotationState.Waiting)
            .Select(rotation => NameKey.Of(rotation.ThingName))
            .ToHashSetAsync(cancellationToken: cancellationToken);
        return new RotationDraft(registry, template, await lists.CreateRotationAsync(request, cancellationToken), underWay);
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

    /// <summary>A rotation that is being received.</summary>
    internal sealed class RotationDraft(IDeviceRegistry registry, ProvisioningTemplate template, BulkRegistrationDraft draft, HashSet<UInt128> underWay) : IAsyncDisposable
    {
        public string? Warning => draft.Warning;

        public BulkRegistrationDraft List => draft;

        /// <summary>How many devices have been added.</summary>
        public long Count { get; private set; }

        /// <summary>Finds whose certificate a row is about, which names a device by its thing, or the certificate that is to be replaced, or both, and what the template's certificate needs.</summary>
        /// <returns>Its thing and the certificate.</returns>
        /// <exception cref="CdfException">NotFound; Conflict: it is being rotated already, or has no ACTIVE certificate, or several; InvalidRequest.</exception>
        public async ValueTask<(string ThingName, string CertificateId)> FindAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
        {
            var id = template.RequiredParameters.Contains(CertificateIdColumn) ? null : Find(row, CertificateIdColumn);
            var thingName = Find(row, ThingNameColumn) ?? template.FindThingName(row);
            if (thingName is not null)
                CheckNotUnderWay(thingName);
            if (id is not null)
            {
                var certificate = (await registry.InvokeAsync(new DescribeCertificateRequest(id), cancellationToken)).CertificateDescription!;
                var attached = await registry.ThingsOfPrincipalAsync(certificate.CertificateArn!, cancellationToken).ToListAsync(cancellationToken);
                if (thingName is null ? attached.Count == 0 : !attached.Contains(thingName))
                    throw CdfErrorCode.Conflict.Error($"Certificate {id} is attached to no thing{(thingName is null ? "" : $" '{thingName}'")}: only a device's certificate can be rotated.");
                CheckNotUnderWay(thingName ??= attached[0]);
                if (certificate.Status != CertificateStatus.Active)
                    throw CdfErrorCode.Conflict.Error($"Certificate {id} of '{thingName}' is {certificate.Status}, and a device that cannot connect cannot move: set it ACTIVE first.");
            }
            else
            {
                id = await FindActiveAsync(thingName ?? throw CdfErrorCode.InvalidRequest.Error($"The row says neither whose certificate is to be replaced ({ThingNameColumn}) nor which ({CertificateIdColumn})."), cancellationToken);
            }

            return (thingName, id);
        }

        public async ValueTask AddAsync(IReadOnlyDictionary<string, string> row, string thingName, string certificateId, CancellationToken cancellationToken)
        {
            var with = new GivenParameters(row.Count + 2);
            foreach (var (name, value) in row)
                with[name] = value;
            with[RotationTemplate.ThingName] = thingName;
            with[RotationTemplate.OldCertificate] = certificateId;
            with.TryAdd(ThingNameColumn, thingName);
            await draft.AddAsync(with, cancellationToken);
            underWay.Add(NameKey.Of(thingName));
            Count++;
        }

        public ValueTask DisposeAsync() => draft.DisposeAsync();

        private void CheckNotUnderWay(string thingName)
        {
            if (underWay.Contains(NameKey.Of(thingName)))
                throw CdfErrorCode.Conflict.Error(
                    $"The certificate of '{thingName}' is being rotated already (Get-CdfCertificateRotation -ThingName {thingName}): complete that or undo it first.");
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
