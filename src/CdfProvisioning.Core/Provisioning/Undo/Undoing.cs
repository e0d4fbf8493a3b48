using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Undo;

/// <summary>Takes resources away; those that are not there are no error.</summary>
internal static class Undoing
{
    public static Compensation Certificate(string certificateId) => new(
        () => $"certificate {certificateId}", (registry, token) => Detached.DeleteCertificateAsync(registry, certificateId, token));

    /// <summary>A certificate that AWS IoT issues for a key made here; it is found by the key as long as its id is not known.</summary>
    public static Compensation IssuedCertificate(Func<string?> certificateId, byte[] keyIdentifier, DateTimeOffset since) => new(
        () => certificateId() is { } id ? $"certificate {id}" : $"a certificate created at about {since.UtcDateTime:HH:mm:ss} UTC",
        async (registry, token) =>
        {
            if ((certificateId() ?? await new CertificateSearch(registry).FindIdAsync(keyIdentifier, since, token)) is { } id)
                await Detached.DeleteCertificateAsync(registry, id, token);
        });

    public static Compensation Policy(string policyName, string target) => new(
        () => $"policy {policyName}", (registry, token) => DeletePolicyAsync(registry, policyName, target, token));

    public static Compensation Attachment(string policyName, string target) => new(
        () => $"policy {policyName} attached to certificate {Arn.CertificateId(target)}",
        (registry, token) => IgnoreMissingAsync(registry.InvokeAsync(new DetachPolicyRequest(policyName, target), token)));

    /// <summary>A policy that has been attached to something else than <paramref name="target"/> meanwhile is another device's too, and stays.</summary>
    public static async ValueTask DeletePolicyAsync(IDeviceRegistry registry, string policyName, string? target, CancellationToken cancellationToken)
    {
        try
        {
            await IgnoreMissingAsync(registry.InvokeAsync(new DeletePolicyRequest(policyName), cancellationToken));
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            if (!await registry.TargetsOfPolicyAsync(policyName, cancellationToken).AnyAsync(t => t != target, cancellationToken))
                throw;
        }
    }

    public static async ValueTask IgnoreMissingAsync<T>(ValueTask<T> work)
    {
        try
        {
            await work;
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
        }
    }
}
