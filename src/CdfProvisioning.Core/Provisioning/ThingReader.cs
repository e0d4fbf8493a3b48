using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning;

/// <summary>Puts a thing together with everything that hangs on it.</summary>
internal static class ThingReader
{
    /// <exception cref="CdfException">NotFound.</exception>
    public static async ValueTask<Thing> ReadAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
    {
        var thing = await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var principals = await registry.PrincipalsAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
        var groups = await registry.GroupsOfThingAsync(thingName, cancellationToken).ToListAsync(cancellationToken);

        var certificates = await registry.ReadAtOnceAsync(principals.FindAll(principal => Arn.CertificateId(principal) is not null), CertificateAsync, cancellationToken);
        var policyNames = new SortedSet<string>(certificates.SelectMany(certificate => certificate.PolicyNames), StringComparer.Ordinal);
        return new Thing
        {
            ThingName = thing.ThingName ?? thingName,
            Arn = thing.ThingArn,
            ThingType = thing.ThingTypeName,
            BillingGroup = thing.BillingGroupName,
            Attributes = thing.Attributes ?? new Dictionary<string, string>(),
            Certificates = certificates.Select(certificate => certificate.Certificate).ToArray(),
            Policies = await registry.ReadAtOnceAsync([.. policyNames], PolicyAsync, cancellationToken),
            Groups = await registry.ReadAtOnceAsync(groups.ConvertAll(group => group.GroupName!), GroupAsync, cancellationToken),
        };
    }

    private static async ValueTask<(ThingCertificate Certificate, IReadOnlyList<string> PolicyNames)> CertificateAsync(
        IDeviceRegistry registry, string principal, CancellationToken cancellationToken)
    {
        var id = Arn.CertificateId(principal)!;
        var described = await registry.InvokeAsync(new DescribeCertificateRequest(id), cancellationToken);
        var policies = await registry.AttachedPoliciesAsync(principal, cancellationToken).ToListAsync(cancellationToken);
        var certificate = described.CertificateDescription;
        return (new ThingCertificate(id, certificate?.CertificateArn, certificate?.Status, certificate?.CertificatePem), policies.ConvertAll(policy => policy.PolicyName!));
    }

    private static async ValueTask<ThingPolicy> PolicyAsync(IDeviceRegistry registry, string policyName, CancellationToken cancellationToken)
    {
        var policy = await registry.InvokeAsync(new GetPolicyRequest(policyName), cancellationToken);
        return new ThingPolicy(policyName, policy.PolicyArn, policy.PolicyDocument);
    }

    private static async ValueTask<ThingGroup> GroupAsync(IDeviceRegistry registry, string groupName, CancellationToken cancellationToken)
    {
        var group = await registry.InvokeAsync(new DescribeThingGroupRequest(groupName), cancellationToken);
        var attributes = group.ThingGroupProperties?.AttributePayload?.Attributes ?? new Dictionary<string, string>();
        return new ThingGroup(groupName, group.ThingGroupArn, attributes)
        {
            Ancestors = (group.ThingGroupMetadata?.RootToParentThingGroups ?? []).Select(parent => parent.GroupName!).ToArray(),
        };
    }
}
