using CdfProvisioning.Devices;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What policies allow, for those who ask beforehand.</summary>
internal static class Authorizations
{
    /// <summary>AWS IoT API Reference, TestAuthorization: authInfos.</summary>
    private const int MaxTests = 10;

    private const string SelectDocuments = """
        SELECT policy.id, policy.name, document FROM policy
        JOIN policy_version ON policy_version.policy_id = policy.id AND policy_version.version = policy.default_version
        """;

    /// <summary>The policies of a certificate or group, of the groups of a thing, or of both.</summary>
    public static GetEffectivePoliciesResponse ListEffectivePolicies(Scope scope, GetEffectivePoliciesRequest request)
    {
        if (request.Principal is null && request.ThingName is null)
            throw IotErrorType.InvalidRequest.Error("Give a thing's name, the ARN of a principal, or both.");
        CheckNoIdentityPool(request.CognitoIdentityPoolId);
        var policies = request.Principal is { } principal ? OfTarget(scope, PolicyTargets.TargetOf(scope, principal)) : [];
        if (request.ThingName is { } thing)
            policies.AddRange(Select(scope, PolicyTargets.OfThing, Things.KeyOf(scope, thing)));
        return new([.. policies.DistinctBy(p => p.Key).Select(p => new EffectivePolicy(p.Name, scope.Arns.Policy(p.Name), p.Document))]);
    }

    public static TestAuthorizationResponse Test(Scope scope, TestAuthorizationRequest request)
    {
        if (request.AuthInfos.Count is 0 or > MaxTests)
            throw IotErrorType.InvalidRequest.Error($"1 validation error detected: Value at 'authInfos' failed to satisfy constraint: Member must have length between 1 and {MaxTests}, inclusive");
        CheckNoIdentityPool(request.CognitoIdentityPoolId);
        List<NamedDocument> named = [];
        DeviceIdentity? device = null;
        if (request.Principal is { } principal)
        {
            var target = PolicyTargets.TargetOf(scope, principal);
            named = OfTarget(scope, target);
            if (target is { IsGroup: false, IsIdentity: false })
                device = TransactionRegistry.Completed(DeviceIdentity.FindAsync(new TransactionRegistry(scope), Arn.CertificateId(principal)!, CancellationToken.None));
        }

        foreach (var name in request.PolicyNamesToSkip ?? [])
            named.RemoveAll(p => p.Name == Policies.Get(scope, name).Name);
        foreach (var policy in (request.PolicyNamesToAdd ?? []).Select(name => Policies.Get(scope, name)).Where(p => named.TrueForAll(n => n.Key != p.Key)))
            named.Add(new(policy.Key, policy.Name, policy.Document));
        IReadOnlyList<AttachedPolicy> policies = [.. named.Select(p => new AttachedPolicy(p.Name, scope.Arns.Policy(p.Name), PolicyDocument.Get(p.Document)))];
        var variables = new PolicyVariables(request.ClientId, device);
        return new([.. request.AuthInfos.Select(info => Test(policies, info, variables))]);
    }

    /// <summary>One answer for an action on several resources: it is allowed where it is on all of them.</summary>
    private static AuthResult Test(IReadOnlyList<AttachedPolicy> policies, AuthInfo info, PolicyVariables variables)
    {
        if (info.Resources.Count == 0)
            throw IotErrorType.InvalidRequest.Error("An authInfo names no resources.");
        var action = info.ActionType switch
        {
            "CONNECT" => PolicyActions.Connect,
            "PUBLISH" => PolicyActions.Publish,
            "SUBSCRIBE" => PolicyActions.Subscribe,
            "RECEIVE" => PolicyActions.Receive,
            var other => throw IotErrorType.InvalidRequest.Error($"actionType '{IotNames.Shown(other ?? "null")}' is none of PUBLISH, SUBSCRIBE, RECEIVE and CONNECT."),
        };
        var decisions = info.Resources.Select(resource => PolicyEvaluation.Decide(policies, action, resource, variables)).ToList();
        var outcome = decisions.Exists(d => d.Outcome == PolicyOutcome.ExplicitDeny) ? PolicyOutcome.ExplicitDeny
            : decisions.Exists(d => d.Outcome == PolicyOutcome.ImplicitDeny) ? PolicyOutcome.ImplicitDeny
            : PolicyOutcome.Allowed;
        var allowing = decisions.SelectMany(d => d.Policies(allow: true)).Distinct().ToList();
        var denying = decisions.SelectMany(d => d.Policies(allow: false)).Distinct().ToList();
        return new(
            info, new(Listed(allowing)), new(new(outcome == PolicyOutcome.ImplicitDeny ? Listed(policies.Except(allowing).Except(denying)) : []), new(Listed(denying))),
            outcome switch
            {
                PolicyOutcome.Allowed => "ALLOWED",
                PolicyOutcome.ExplicitDeny => "EXPLICIT_DENY",
                _ => "IMPLICIT_DENY",
            },
            [.. decisions.SelectMany(d => d.MissingContextValues).Distinct()]);
    }

    private static IReadOnlyList<Policy> Listed(IEnumerable<AttachedPolicy> policies) => [.. policies.Select(p => new Policy(p.Name, p.Arn))];

    private static List<NamedDocument> OfTarget(Scope scope, PolicyTarget target) => Select(
        scope, target.IsGroup ? $"SELECT policy_id FROM thing_group_policy WHERE group_id IN ({ThingGroups.Ancestors})"
            : target.IsIdentity ? $"SELECT policy_id FROM {target.Table} WHERE {target.Column} = $1"
            : PolicyTargets.OfCertificate, target.Key);

    private static List<NamedDocument> Select(Scope scope, string policyIds, object key) => scope.Session.Query(
        $"{SelectDocuments} WHERE policy.id IN ({policyIds}) ORDER BY policy.id", row => new NamedDocument(row.Int64(0), row.Text(1), row.Text(2)), key);

    private static void CheckNoIdentityPool(string? pool)
    {
        if (pool is not null)
            throw IotErrorType.InvalidRequest.Error("Cognito identity pools are not known here: give the id of an identity, or the ARN of a certificate or a thing group.");
    }

    private sealed record NamedDocument(long Key, string Name, string Document);
}
