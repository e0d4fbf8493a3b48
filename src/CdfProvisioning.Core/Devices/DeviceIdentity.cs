using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Devices;

/// <summary>What the registry knows of a device that shows a certificate.</summary>
/// <param name="CertificateId">The certificate's id.</param>
/// <param name="Status">The certificate's status.</param>
/// <param name="Mode">DEFAULT, or SNI_ONLY: the device has to name the server that it wants.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Things">The things to which it is attached.</param>
/// <param name="Policies">The policies attached to it, and to the groups of its things and those above them.</param>
internal sealed record DeviceIdentity(
    string CertificateId, string? Status, string? Mode, ParsedCertificate? Certificate, IReadOnlyList<DeviceThing> Things, IReadOnlyList<AttachedPolicy> Policies)
{
    /// <returns>Null if the certificate is not registered.</returns>
    public static async ValueTask<DeviceIdentity?> FindAsync(IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken)
    {
        if (await registry.FindCertificateAsync(certificateId, cancellationToken) is not { } certificate)
            return null;
        var arn = certificate.CertificateArn!;
        var attached = await registry.PrincipalThingsAsync(arn, cancellationToken).ToListAsync(cancellationToken);
        var things = await registry.ReadAtOnceAsync(attached, ThingAsync, cancellationToken);
        var policies = await registry.ReadAtOnceAsync(
            things.Length == 0 || registry is ITransactionRegistry ? [null] : things.Select(t => (string?)t.Name).ToArray(),
            async (r, thing, token) => (await r.InvokeAsync(new GetEffectivePoliciesRequest(arn, CognitoIdentityPoolId: null, thing), token)).EffectivePolicies ?? [],
            cancellationToken);
        return new(
            certificate.CertificateId ?? certificateId, certificate.Status, certificate.CertificateMode,
            certificate.CertificatePem is { } pem ? ParsedCertificate.FromPem(pem, "The registered certificate") : null, things,
            [.. policies.SelectMany(p => p).DistinctBy(p => p.PolicyName).Select(p => new AttachedPolicy(p.PolicyName!, p.PolicyArn!, PolicyDocument.Get(p.PolicyDocument!)))]);
    }

    /// <summary>
    /// The thing that a connection is: the attached one whose name is the client id, or else the one to which the
    /// certificate is attached exclusively (AWS IoT Developer Guide, associating a thing to a client connection).
    /// </summary>
    public DeviceThing? ThingOf(string? clientId) => Things.FirstOrDefault(t => t.Name == clientId) ?? Things.FirstOrDefault(t => t.IsExclusive);

    private static async ValueTask<DeviceThing> ThingAsync(IDeviceRegistry registry, PrincipalThingObject attached, CancellationToken cancellationToken)
    {
        var thing = await registry.InvokeAsync(new DescribeThingRequest(attached.ThingName!), cancellationToken);
        return new(attached.ThingName!, thing.ThingTypeName, thing.Attributes ?? new Dictionary<string, string>(), attached.ThingPrincipalType == "EXCLUSIVE_THING");
    }
}

/// <summary>A thing to which a certificate is attached.</summary>
internal sealed record DeviceThing(string Name, string? TypeName, IReadOnlyDictionary<string, string> Attributes, bool IsExclusive);
