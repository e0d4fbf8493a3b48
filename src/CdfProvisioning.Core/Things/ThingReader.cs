using CdfProvisioning.Iot;

namespace CdfProvisioning.Things;

/// <summary>Puts a thing together with everything that hangs on it.</summary>
internal static class ThingReader
{
    /// <exception cref="CdfException">NotFound.</exception>
    public static async ValueTask<Thing> ReadAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
    {
        var thing = await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var certificates = new List<ThingCertificate>();
        var policyNames = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var principal in registry.PrincipalsAsync(thingName, cancellationToken))
        {
            if (Arn.CertificateId(principal) is not { } certificateId)
                continue;

            certificates.Add(await CertificateAsync(registry, certificateId, cancellationToken));
            await foreach (var policy in registry.AttachedPoliciesAsync(principal, cancellationToken))
                policyNames.Add(policy.PolicyName!);
        }

        var policies = new List<ThingPolicy>(policyNames.Count);
        foreach (var name in policyNames)
        {
            var policy = await registry.InvokeAsync(new GetPolicyRequest(name), cancellationToken);
            policies.Add(new ThingPolicy(name, policy.PolicyArn, policy.PolicyDocument));
        }

        var groups = new List<ThingGroup>();
        await foreach (var group in registry.GroupsOfThingAsync(thingName, cancellationToken))
            groups.Add(await GroupAsync(registry, group.GroupName!, cancellationToken));

        return new Thing
        {
            ThingName = thing.ThingName ?? thingName,
            Arn = thing.ThingArn,
            ThingType = thing.ThingTypeName,
            Attributes = thing.Attributes ?? new Dictionary<string, string>(),
            Certificates = certificates,
            Policies = policies,
            Groups = groups,
        };
    }

    private static async ValueTask<ThingCertificate> CertificateAsync(IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken)
    {
        var described = await registry.InvokeAsync(new DescribeCertificateRequest(certificateId), cancellationToken);
        var certificate = described.CertificateDescription;
        return new ThingCertificate(certificateId, certificate?.CertificateArn, certificate?.Status, certificate?.CertificatePem);
    }

    private static async ValueTask<ThingGroup> GroupAsync(IDeviceRegistry registry, string groupName, CancellationToken cancellationToken)
    {
        var group = await registry.InvokeAsync(new DescribeThingGroupRequest(groupName), cancellationToken);
        var attributes = group.ThingGroupProperties?.AttributePayload?.Attributes ?? new Dictionary<string, string>();
        return new ThingGroup(groupName, group.ThingGroupArn, attributes);
    }
}
