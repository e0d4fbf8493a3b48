using System.Globalization;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The versions of policies.</summary>
internal static class PolicyVersions
{
    public static CreatePolicyVersionResponse Create(Scope scope, CreatePolicyVersionRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName);
        PolicyDocument.Check(request.PolicyDocument);
        if (scope.Session.Scalar<long>("SELECT count(*) FROM policy_version WHERE policy_id = $1", policy.Key) >= PolicyDocument.MaxVersions)
            throw IotErrorType.VersionsLimitExceeded.Error($"The policy {policy.Name} already has the maximum number of versions ({PolicyDocument.MaxVersions}): delete one that is not the default first.");

        var version = policy.LastVersion + 1;
        var isDefault = request.SetAsDefault ?? false;
        Policies.AddVersion(scope, policy.Key, version, request.PolicyDocument);
        scope.Session.Execute(
            "UPDATE policy SET last_version = $2, default_version = $3, modified_at = $4 WHERE id = $1",
            policy.Key, version, isDefault ? version : policy.DefaultVersion, scope.Now);
        return new(scope.Arns.Policy(policy.Name), request.PolicyDocument, Text(version), isDefault);
    }

    public static GetPolicyVersionResponse Get(Scope scope, GetPolicyVersionRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName);
        var version = Find(scope, policy, request.PolicyVersionId);
        return new(
            scope.Arns.Policy(policy.Name), policy.Name, version.Document, Text(version.Number), version.Number == policy.DefaultVersion,
            version.CreatedAt, version.CreatedAt, Policies.GenerationId(policy));
    }

    /// <summary>The newest first, as in AWS's examples.</summary>
    public static ListPolicyVersionsResponse List(Scope scope, ListPolicyVersionsRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName);
        return new(scope.Session.Query(
            "SELECT version, created_at FROM policy_version WHERE policy_id = $1 ORDER BY version DESC",
            row => new PolicyVersion(Text(row.Int64(0)), row.Int64(0) == policy.DefaultVersion, row.Time(1)), policy.Key));
    }

    public static SetDefaultPolicyVersionResponse SetDefault(Scope scope, SetDefaultPolicyVersionRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName);
        var version = Find(scope, policy, request.PolicyVersionId);
        if (version.Number != policy.DefaultVersion)
            scope.Session.Execute("UPDATE policy SET default_version = $2, modified_at = $3 WHERE id = $1", policy.Key, version.Number, scope.Now);
        return new();
    }

    /// <exception cref="CdfException">Conflict: it is the default version.</exception>
    public static DeletePolicyVersionResponse Delete(Scope scope, DeletePolicyVersionRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName);
        var version = Find(scope, policy, request.PolicyVersionId);
        if (version.Number == policy.DefaultVersion)
            throw IotErrorType.DeleteConflict.Error($"Cannot delete the default version of the policy {policy.Name}: make another version the default first, or delete the policy.");
        scope.Session.Execute("DELETE FROM policy_version WHERE policy_id = $1 AND version = $2", policy.Key, version.Number);
        scope.Session.Execute("UPDATE policy SET modified_at = $2 WHERE id = $1", policy.Key, scope.Now);
        return new();
    }

    private static StoredVersion Find(Scope scope, StoredPolicy policy, string versionId) =>
        long.TryParse(versionId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? scope.Session.Single(
                "SELECT version, document, created_at FROM policy_version WHERE policy_id = $1 AND version = $2",
                row => new StoredVersion(row.Int64(0), row.Text(1), row.Time(2)), policy.Key, number)
                ?? throw IotErrorType.ResourceNotFound.Error($"Policy '{policy.Name}' has no version {versionId}.")
            : throw IotErrorType.InvalidRequest.Error($"Policy version id '{IotNames.Shown(versionId)}' does not match [0-9]+.");

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private sealed record StoredVersion(long Number, string Document, DateTimeOffset CreatedAt);
}
