using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The policies of certificates, by the operations that AWS has deprecated.</summary>
internal static class PrincipalPolicies
{
    public static AttachPrincipalPolicyResponse Attach(Scope scope, AttachPrincipalPolicyRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName).Key;
        PolicyTargets.Attach(scope, policy, new(ThingPrincipals.CertificateOf(scope, request.Principal).Key, IsGroup: false));
        return new();
    }

    public static DetachPrincipalPolicyResponse Detach(Scope scope, DetachPrincipalPolicyRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName).Key;
        PolicyTargets.Detach(scope, policy, new(ThingPrincipals.CertificateOf(scope, request.Principal).Key, IsGroup: false));
        return new();
    }

    public static ListPrincipalPoliciesResponse ListPolicies(Scope scope, ListPrincipalPoliciesRequest request)
    {
        var (policies, nextMarker) = Paging.ByMarker("principal-policies", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, "SELECT policy.id, policy.name FROM certificate_policy JOIN policy ON policy.id = policy_id WHERE certificate_id = $1",
            "policy_id", row => Policies.Listed(scope, row.Text(1)), ThingPrincipals.CertificateOf(scope, request.Principal).Key);
        return new(policies, nextMarker);
    }

    public static ListPolicyPrincipalsResponse ListPrincipals(Scope scope, ListPolicyPrincipalsRequest request)
    {
        var (principals, nextMarker) = Paging.ByMarker("policy-principals", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, "SELECT certificate_id, fingerprint FROM certificate_policy JOIN certificate ON certificate.id = certificate_id WHERE policy_id = $1",
            "certificate_id", row => scope.Arns.Certificate(Convert.ToHexStringLower(row.Blob(1))), Policies.Get(scope, request.PolicyName).Key);
        return new(principals, nextMarker);
    }
}
