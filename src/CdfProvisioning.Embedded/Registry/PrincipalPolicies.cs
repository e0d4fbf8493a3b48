using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The policies of certificates and identities, by the operations that AWS has deprecated.</summary>
internal static class PrincipalPolicies
{
    public static AttachPrincipalPolicyResponse Attach(Scope scope, AttachPrincipalPolicyRequest request)
    {
        PolicyTargets.Attach(scope, Policies.Get(scope, request.PolicyName).Key, Principal(scope, request.Principal));
        return new();
    }

    public static DetachPrincipalPolicyResponse Detach(Scope scope, DetachPrincipalPolicyRequest request)
    {
        PolicyTargets.Detach(scope, Policies.Get(scope, request.PolicyName).Key, Principal(scope, request.Principal));
        return new();
    }

    public static ListPrincipalPoliciesResponse ListPolicies(Scope scope, ListPrincipalPoliciesRequest request)
    {
        var principal = Principal(scope, request.Principal);
        var (policies, nextMarker) = Paging.ByMarker("principal-policies", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, new($"SELECT policy.id, policy.name FROM {principal.Table} JOIN policy ON policy.id = policy_id WHERE {principal.Column} = $1", "policy_id"),
            row => Policies.Listed(scope, row.Text(1)), principal.Key);
        return new(policies, nextMarker);
    }

    /// <summary>None of a policy that does not exist.</summary>
    public static ListPolicyPrincipalsResponse ListPrincipals(Scope scope, ListPolicyPrincipalsRequest request)
    {
        var (principals, nextMarker) = Paging.ByMarker("policy-principals", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session,
            new(
                """
                SELECT key, fingerprint, identity FROM (
                    SELECT certificate_id AS key, fingerprint, NULL AS identity, policy_id FROM certificate_policy JOIN certificate ON certificate.id = certificate_id
                    UNION ALL SELECT id + (1 << 61), NULL, identity, policy_id FROM identity_policy)
                WHERE policy_id = $1
                """,
                "key"),
            row => row.TextOrNull(2) ?? scope.Arns.Certificate(Convert.ToHexStringLower(row.Blob(1))), Policies.FindKey(scope, request.PolicyName) ?? -1);
        return new(principals, nextMarker);
    }

    private static PolicyTarget Principal(Scope scope, string principal) =>
        PolicyTargets.FindIdentity(principal) ?? PolicyTarget.Certificate(ThingPrincipals.CertificateOf(scope, principal).Key);
}
