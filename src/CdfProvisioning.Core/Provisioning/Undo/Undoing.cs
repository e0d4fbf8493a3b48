using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Undo;

/// <summary>Takes resources away; those that are not there are no error.</summary>
internal static class Undoing
{
    public static Compensation Certificate(string certificateId, Func<string?> thingName) => new(
        () => $"certificate {certificateId}", (registry, token) => DeleteCertificateAsync(registry, certificateId, thingName(), token));

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

    /// <summary>A certificate that has been attached to another thing than <paramref name="thingName"/> meanwhile is that thing's, and stays as it is.</summary>
    public static async ValueTask DeleteCertificateAsync(IDeviceRegistry registry, string certificateId, string? thingName, CancellationToken cancellationToken)
    {
        if (await registry.FindCertificateAsync(certificateId, cancellationToken) is { CertificateArn: { } arn }
            && !await IsOfAnotherAsync(registry, arn, thingName, cancellationToken))
            await Detached.DeleteCertificateAsync(registry, certificateId, cancellationToken);
    }

    public static ValueTask<bool> IsOfAnotherAsync(IDeviceRegistry registry, string certificateArn, string? thingName, CancellationToken cancellationToken) =>
        registry.ThingsOfPrincipalAsync(certificateArn, cancellationToken).AnyAsync(thing => thing != thingName, cancellationToken);

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
