using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What policies are attached to: certificates, thing groups, and Amazon Cognito identities, which are known by their ids alone.</summary>
internal static partial class PolicyTargets
{
    /// <summary>AWS IoT Developer Guide, static thing groups.</summary>
    private const int MaxPerGroup = 2;

    // In a listing of targets certificates come first: the keys of identities and groups are moved behind theirs.
    private const long FirstIdentity = 1L << 61;
    private const long FirstGroup = 1L << 62;

    /// <summary>The policies of certificate $1: its own, and those of the groups of its things and of the groups above them.</summary>
    public const string OfCertificate = """
        WITH RECURSIVE above (id) AS (
            SELECT group_id FROM thing_group_member WHERE thing_id IN (SELECT thing_id FROM thing_principal WHERE certificate_id = $1)
            UNION SELECT thing_group.parent_id FROM thing_group JOIN above ON thing_group.id = above.id WHERE thing_group.parent_id IS NOT NULL)
        SELECT policy_id FROM thing_group_policy WHERE group_id IN (SELECT id FROM above)
        UNION SELECT policy_id FROM certificate_policy WHERE certificate_id = $1
        """;

    private static readonly PagedSelect PoliciesOfCertificate = PolicyTarget.Select(OfCertificate);

    private static readonly PagedSelect PoliciesOfGroups =
        PolicyTarget.Select($"SELECT DISTINCT policy_id FROM thing_group_policy WHERE group_id IN ({ThingGroups.Ancestors})");

    /// <summary>The policies of the groups of thing $1, and of the groups above them.</summary>
    public const string OfThing = """
        WITH RECURSIVE above (id) AS (
            SELECT group_id FROM thing_group_member WHERE thing_id = $1
            UNION SELECT thing_group.parent_id FROM thing_group JOIN above ON thing_group.id = above.id WHERE thing_group.parent_id IS NOT NULL)
        SELECT DISTINCT policy_id FROM thing_group_policy WHERE group_id IN (SELECT id FROM above)
        """;

    public static AttachPolicyResponse Attach(Scope scope, AttachPolicyRequest request)
    {
        var policy = Policies.Get(scope, request.PolicyName).Key;
        Attach(scope, policy, TargetOf(scope, request.Target));
        return new();
    }

    /// <summary>Of no effect if the policy is attached already.</summary>
    /// <exception cref="CdfException">LimitExceeded; InvalidRequest: a dynamic group can have no policies (AWS IoT Developer Guide, dynamic thing groups).</exception>
    public static void Attach(Scope scope, long policy, PolicyTarget target)
    {
        if (target.Group is { } group)
            DynamicGroups.CheckIsStatic(scope, group);
        if (scope.Session.Execute($"INSERT OR IGNORE INTO {target.Table} ({target.Column}, policy_id) VALUES ($1, $2)", target.Key, policy) == 0)
            return;
        var count = (int)scope.Session.Scalar<long>($"SELECT count(*) FROM {target.Table} WHERE {target.Column} = $1", target.Key);
        if (!target.IsGroup && RegistryRules.PolicyCountProblem(count - 1) is { } problem)
            throw problem;
        if (target.IsGroup && count > MaxPerGroup)
            throw IotErrorType.LimitExceeded.Error($"The thing group has {MaxPerGroup} policies attached already, and may not have more.");
    }

    /// <summary>Attaches a policy to a certificate; whether it may be is known.</summary>
    /// <returns>Whether it was not attached before.</returns>
    public static bool Insert(Scope scope, long policy, long certificate) =>
        scope.Session.Execute("INSERT OR IGNORE INTO certificate_policy (certificate_id, policy_id) VALUES ($1, $2)", certificate, policy) > 0;

    /// <summary>The names of the policies attached to a certificate.</summary>
    public static List<string> NamesOf(Scope scope, long certificate) => scope.Session.Query(
        "SELECT name FROM certificate_policy JOIN policy ON policy.id = policy_id WHERE certificate_id = $1", row => row.Text(0), certificate);

    /// <summary>AWS documents no error for what is not attached, nor for what does not exist.</summary>
    public static DetachPolicyResponse Detach(Scope scope, DetachPolicyRequest request)
    {
        IotNames.CheckPolicyName(request.PolicyName);
        if (FindTarget(scope, request.Target) is { } target && Policies.FindKey(scope, request.PolicyName) is { } policy)
            Detach(scope, policy, target);
        return new();
    }

    public static void Detach(Scope scope, long policy, PolicyTarget target) =>
        scope.Session.Execute($"DELETE FROM {target.Table} WHERE {target.Column} = $1 AND policy_id = $2", target.Key, policy);

    /// <summary>The policies attached to a target itself or, recursively, also to the groups above it (a certificate: above its things).</summary>
    public static ListAttachedPoliciesResponse ListPolicies(Scope scope, ListAttachedPoliciesRequest request)
    {
        var target = TargetOf(scope, request.Target);
        var select = request.Recursive is not true || target.IsIdentity ? target.SelectPolicies : target.IsGroup ? PoliciesOfGroups : PoliciesOfCertificate;
        var (policies, nextMarker) = Paging.ByMarker("attached-policies", request.Marker, request.PageSize, ascendingOrder: true).Read(
            scope.Session, select, row => Policies.Listed(scope, row.Text(1)), target.Key);
        return new(policies, nextMarker);
    }

    public static ListTargetsForPolicyResponse ListTargets(Scope scope, ListTargetsForPolicyRequest request)
    {
        var policy = Policies.FindKey(scope, request.PolicyName) ?? throw IotErrorType.ResourceNotFound.Error("Policy not found");
        var paging = Paging.ByMarker("policy-targets", request.Marker, request.PageSize, ascendingOrder: true);
        var rows = scope.Session.Query(
            """
            SELECT certificate_id, fingerprint FROM certificate_policy JOIN certificate ON certificate.id = certificate_id
            WHERE policy_id = $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3 + 0
            """,
            row => (Key: row.Int64(0), Item: scope.Arns.Certificate(Convert.ToHexStringLower(row.Blob(1)))), policy, paging.After, paging.Size + 1);
        rows.AddRange(scope.Session.Query(
            "SELECT id, identity FROM identity_policy WHERE policy_id = $1 AND id > $2 ORDER BY id LIMIT $3 + 0",
            row => (Key: FirstIdentity + row.Int64(0), Item: row.Text(1)), policy, paging.After - FirstIdentity, paging.Size + 1 - rows.Count));
        rows.AddRange(scope.Session.Query(
            """
            SELECT group_id, name FROM thing_group_policy JOIN thing_group ON thing_group.id = group_id
            WHERE policy_id = $1 AND group_id > $2 ORDER BY group_id LIMIT $3 + 0
            """,
            row => (Key: FirstGroup + row.Int64(0), Item: scope.Arns.ThingGroup(row.Text(1))), policy, paging.After - FirstGroup, paging.Size + 1 - rows.Count));
        var (targets, nextMarker) = paging.Page(rows);
        return new(targets, nextMarker);
    }

    public static bool IsAttached(Scope scope, long policy) => scope.Session.Scalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM certificate_policy WHERE policy_id = $1) OR EXISTS (SELECT 1 FROM thing_group_policy WHERE policy_id = $1)
            OR EXISTS (SELECT 1 FROM identity_policy WHERE policy_id = $1)
        """,
        policy);

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is the ARN of something else.</exception>
    public static PolicyTarget TargetOf(Scope scope, string target) =>
        FindTarget(scope, target) ?? throw IotErrorType.ResourceNotFound.Error($"The target '{target}' does not exist.");

    /// <summary>A principal that is an id of Amazon Cognito, such as <c>us-east-1:12345678-1234-1234-1234-123456789012</c> (AWS IoT API Reference, AttachPolicy).</summary>
    public static PolicyTarget? FindIdentity(string principal) =>
        IdentityId().IsMatch(principal) ? PolicyTarget.Identity(principal) : null;

    private static PolicyTarget? FindTarget(Scope scope, string target)
    {
        if (scope.Arns.Find(target, "thinggroup") is { } group)
            return ThingGroups.Find(scope, group) is { } found ? PolicyTarget.Of(found) : null;
        if (scope.Arns.Find(target, "cert") is { } id)
            return Certificates.Find(scope, id) is { } found ? PolicyTarget.Certificate(found.Key) : null;
        return FindIdentity(target) ?? throw IotErrorType.InvalidRequest.Error(
            $"'{IotNames.Shown(target)}' is neither the ARN of a certificate or a thing group of this account and region ({scope.Arns.Prefix}:cert/... or :thinggroup/...) nor the id of an Amazon Cognito identity.");
    }

    [GeneratedRegex("^[a-z0-9-]{1,55}:[0-9a-fA-F-]{36}$")]
    private static partial Regex IdentityId();
}

/// <summary>What a policy is attached to, and where that is noted.</summary>
/// <param name="Key">Its key there.</param>
/// <param name="Place">Where it is noted.</param>
/// <param name="Group">The group, if it is one.</param>
internal readonly record struct PolicyTarget(object Key, PolicyTarget.Notes Place, StoredThingGroup? Group = null)
{
    private static readonly Notes OfCertificates = new("certificate_policy", "certificate_id");
    private static readonly Notes OfIdentities = new("identity_policy", "identity");
    private static readonly Notes OfGroups = new("thing_group_policy", "group_id");

    public string Table => Place.Table;

    public string Column => Place.Column;

    /// <summary>Lists the policies that are attached to it itself.</summary>
    public PagedSelect SelectPolicies => Place.Policies;

    public bool IsGroup => Group is not null;

    public bool IsIdentity => Place == OfIdentities;

    public static PolicyTarget Certificate(long key) => new(key, OfCertificates);

    public static PolicyTarget Identity(string id) => new(id, OfIdentities);

    public static PolicyTarget Of(StoredThingGroup group) => new(group.Key, OfGroups, group);

    /// <summary>Lists policies.</summary>
    /// <param name="keys">A SELECT of their keys.</param>
    public static PagedSelect Select(string keys) => new($"SELECT policy_id, name FROM ({keys}) JOIN policy ON policy.id = policy_id WHERE TRUE", "policy_id");

    /// <summary>The table of what is attached to targets of one kind.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="column">The column of the target's key.</param>
    internal sealed class Notes(string table, string column)
    {
        public string Table => table;

        public string Column => column;

        public PagedSelect Policies { get; } = Select($"SELECT policy_id FROM {table} WHERE {column} = $1");
    }
}
