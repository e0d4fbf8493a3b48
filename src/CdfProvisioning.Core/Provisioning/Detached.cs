using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Deletes things and certificates that have just been detached from each other. On AWS that takes a moment (API
/// Reference, DetachThingPrincipal: asynchronous), in which they cannot be deleted yet. What is not there is no error: it may be
/// deleted already by a call whose answer was lost.
/// </summary>
internal static class Detached
{
    private const int Attempts = 6;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    public static ValueTask DeleteThingAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        EventuallyAsync(registry, new DeleteThingRequest(thingName), cancellationToken);

    /// <summary>Deactivates the certificate and deletes it, with the attachments of its policies. Asking for its status first would cost more than setting it.</summary>
    public static async ValueTask DeleteCertificateAsync(IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken)
    {
        try
        {
            await registry.InvokeAsync(new UpdateCertificateRequest(certificateId, CertificateStatus.Inactive), cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return;
        }
        catch (CdfException e) when (e.ErrorType == IotErrorType.CertificateState)
        {
            // It is revoked, and stays so; if it cannot be deleted either, that says why.
        }

        await EventuallyAsync(registry, new DeleteCertificateRequest(certificateId, ForceDelete: true), cancellationToken);
    }

    private static async ValueTask EventuallyAsync<T>(IDeviceRegistry registry, IIotRequest<T> request, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Undoing.IgnoreMissingAsync(registry.InvokeAsync(request, cancellationToken));
                return;
            }
            catch (CdfException e) when (registry is not ITransactionRegistry && attempt < Attempts && IsStillAttached(e))
            {
                await Task.Delay(delay, cancellationToken);
                delay *= 2;
            }
        }
    }

    /// <summary>DeleteCertificate answers DeleteConflict, DeleteThing an invalid request.</summary>
    private static bool IsStillAttached(CdfException error) =>
        error.ErrorType == IotErrorType.DeleteConflict
        || (error.ErrorType == IotErrorType.InvalidRequest && error.Message.Contains("attached", StringComparison.OrdinalIgnoreCase));
}
