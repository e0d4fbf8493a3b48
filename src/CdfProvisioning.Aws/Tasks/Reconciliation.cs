using System.Runtime.CompilerServices;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Undo;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// Finds out what became of a row that was begun and has no result: its registration was interrupted, or AWS gave no answer.
/// A device is known by its certificate; one without is registered again, which changes nothing.
/// </summary>
internal sealed class Reconciliation(IDeviceRegistry registry)
{
    private readonly CertificateSearch _issued = new(registry);

    /// <summary>
    /// The device, if the row registered it and its key is where it belongs. If not, certificates that were made for the row
    /// are removed, so that it can be registered as if for the first time.
    /// </summary>
    public async ValueTask<RegisteredDevice?> FindAsync(BegunRow begun, CancellationToken cancellationToken)
    {
        var row = begun.Row;
        var filed = row.FiledKey is { } key && IsOf(begun, key) ? key.Certificate?.Id : null;
        var known = row.MakesKey ? filed : begun.CertificateId;
        var thingName = row.ThingName ?? await ThingsOfAsync(known, cancellationToken).FirstOrDefaultAsync(cancellationToken);
        var found = await RegisteredDevice.FindAsync(
            registry, thingName, c => c.CertificateId == known || RegisteredDevice.IsGiven(row.GivenCertificate, c), cancellationToken);
        if (found is not null)
            return found;

        string?[] leftovers = [await IssuedIdAsync(begun, cancellationToken), filed];
        foreach (var id in leftovers.OfType<string>().Distinct())
            await RemoveAsync(id, row.ThingName, cancellationToken);
        return null;
    }

    /// <summary>Whether a key was made for this row: another list may have put its own there since.</summary>
    private static bool IsOf(BegunRow begun, FiledKey key) =>
        (begun.CertificateId is { } id && key.Certificate?.Id == id) || (begun.KeyIdentifier is { } identifier && key.KeyIdentifier.AsSpan().SequenceEqual(identifier));

    private async ValueTask<string?> IssuedIdAsync(BegunRow begun, CancellationToken cancellationToken) =>
        begun is { CertificateId: null, KeyIdentifier: { } key }
            ? await _issued.FindIdAsync(key, begun.BegunAt, cancellationToken)
            : begun.CertificateId;

    private async IAsyncEnumerable<string> ThingsOfAsync(string? certificateId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (certificateId is null || await registry.FindCertificateAsync(certificateId, cancellationToken) is not { CertificateArn: { } arn })
            yield break;
        await foreach (var thing in registry.ThingsOfPrincipalAsync(arn, cancellationToken))
            yield return thing;
    }

    /// <summary>
    /// Removes a certificate of the row's, which another thing than the row's own would keep from being removed. A thing whose name
    /// is not known without its certificate, because it is made of it, goes too.
    /// </summary>
    private async ValueTask RemoveAsync(string certificateId, string? thingName, CancellationToken cancellationToken)
    {
        if (await registry.FindCertificateAsync(certificateId, cancellationToken) is not { CertificateArn: { } arn })
            return;
        if (thingName is not null && await registry.ThingsOfPrincipalAsync(arn, cancellationToken).ContainsAsync(thingName, cancellationToken: cancellationToken))
            await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DetachThingPrincipalRequest(thingName, arn), cancellationToken));
        if (thingName is null)
            foreach (var own in await registry.ThingsOfPrincipalAsync(arn, cancellationToken).ToListAsync(cancellationToken))
            {
                await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DetachThingPrincipalRequest(own, arn), cancellationToken));
                await Detached.DeleteThingAsync(registry, own, cancellationToken);
            }
        await Detached.DeleteCertificateAsync(registry, certificateId, cancellationToken);
    }
}
