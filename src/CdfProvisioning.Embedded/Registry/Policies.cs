using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Policies.</summary>
internal static class Policies
{
    private const string Select = """
        SELECT id, name, default_version, last_version, created_at, modified_at,
               (SELECT document FROM policy_version WHERE policy_id = policy.id AND version = policy.default_version)
        FROM policy
        """;

    public static CreatePolicyResponse Create(Scope scope, CreatePolicyRequest request)
    {
        var name = request.PolicyName;
        IotNames.CheckPolicyName(name);
        PolicyDocument.Check(request.PolicyDocument);
        if (Find(scope, name) is not null)
            throw IotErrorType.ResourceAlreadyExists.Error($"Policy cannot be created - name already exists (name={name})", name, scope.Arns.Policy(name));
        Add(scope, name, request.PolicyDocument);
        Tags.Set(scope, $"policy/{name}", request.Tags);
        return new(name, scope.Arns.Policy(name), request.PolicyDocument, "1");
    }

    public static long Add(Scope scope, string name, string document)
    {
        scope.Session.Execute("INSERT INTO policy (name, default_version, last_version, created_at, modified_at) VALUES ($1, 1, 1, $2, $2)", name, scope.Now);
        var key = scope.Session.LastInsertId;
        AddVersion(scope, key, 1, document);
        return key;
    }

    public static void AddVersion(Scope scope, long policy, long version, string document) => scope.Session.Execute(
        "INSERT INTO policy_version (policy_id, version, document, created_at) VALUES ($1, $2, $3, $4)", policy, version, document, scope.Now);

    public static GetPolicyResponse Get(Scope scope, GetPolicyRequest request)
    {
        var policy = Get(scope, request.PolicyName);
        return new(
            policy.Name, scope.Arns.Policy(policy.Name), policy.Document, policy.DefaultVersion.ToString(CultureInfo.InvariantCulture),
            policy.CreatedAt, policy.ModifiedAt, GenerationId(policy));
    }

    public static ListPoliciesResponse List(Scope scope, ListPoliciesRequest request)
    {
        var (policies, nextMarker) = Paging.ByMarker("policies", request.Marker, request.PageSize, request.AscendingOrder).Read(
            scope.Session, new("SELECT id, name FROM policy WHERE TRUE", "id"), row => Listed(scope, row.Text(1)));
        return new(policies, nextMarker);
    }

    public static DeletePolicyResponse Delete(Scope scope, DeletePolicyRequest request)
    {
        var policy = Get(scope, request.PolicyName);
        if (scope.Session.Scalar<long>("SELECT count(*) FROM policy_version WHERE policy_id = $1", policy.Key) > 1)
            // In AWS's words, its slip included (rebuy-de/aws-nuke, issue 374 and pull request 320).
            throw IotErrorType.DeleteConflict.Error($"The policy cannot be deleted as versions other than than default version exist (name={policy.Name})");
        if (PolicyTargets.IsAttached(scope, policy.Key))
            throw IotErrorType.DeleteConflict.Error($"The policy cannot be deleted as the policy is attached to one or more principals (name={policy.Name})");
        scope.Session.Execute("DELETE FROM policy_version WHERE policy_id = $1", policy.Key);
        scope.Session.Execute("DELETE FROM policy WHERE id = $1", policy.Key);
        Tags.Clear(scope, $"policy/{policy.Name}");
        return new();
    }

    public static Policy Listed(Scope scope, string name) => new(name, scope.Arns.Policy(name));

    public static StoredPolicy? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    /// <exception cref="CdfException">NotFound; InvalidRequest: nothing could have such a name.</exception>
    public static StoredPolicy Get(Scope scope, string name)
    {
        IotNames.CheckPolicyName(name);
        return Find(scope, name) ?? throw IotErrorType.ResourceNotFound.Error($"Policy '{name}' does not exist.");
    }

    /// <summary>The key alone; the rows of a list ask for it, and not for the document.</summary>
    public static long? FindKey(Scope scope, string name) => scope.Session.Scalar<long?>("SELECT id FROM policy WHERE name = $1", name);

    /// <summary>Changes with every change of the policy.</summary>
    public static string GenerationId(StoredPolicy policy) => new Guid(XxHash128.Hash(MemoryMarshal.AsBytes<long>(
        [policy.Key, policy.CreatedAt.Ticks, policy.ModifiedAt.Ticks, policy.DefaultVersion, policy.LastVersion]))).ToString();

    private static StoredPolicy Read(Row row) =>
        new(row.Int64(0), row.Text(1), row.Int64(2), row.Int64(3), row.Time(4), row.Time(5), row.Text(6));
}

/// <summary>A policy as it stands in the file, with the document of its default version.</summary>
internal sealed record StoredPolicy(
    long Key, string Name, long DefaultVersion, long LastVersion, DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt, string Document);
