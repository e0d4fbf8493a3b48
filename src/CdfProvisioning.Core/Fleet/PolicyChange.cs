using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Fleet;

/// <summary>A new document for a policy: what it changes, and for how many.</summary>
internal sealed class PolicyChange
{
    private readonly string _policyName;
    private readonly string _document;
    private readonly IReadOnlyList<string> _removed;
    private readonly IReadOnlyList<string> _added;
    private readonly int _certificates;
    private readonly int _groups;
    private readonly string? _dropped;

    private PolicyChange(
        string policyName, string document, (IReadOnlyList<string> Removed, IReadOnlyList<string> Added) statements, IReadOnlyList<string> targets, string? dropped)
    {
        _policyName = policyName;
        _document = document;
        (_removed, _added) = statements;
        _certificates = targets.Count(target => Arn.CertificateId(target) is not null);
        _groups = targets.Count - _certificates;
        _dropped = dropped;
    }

    /// <summary>Whether the statements are what they were.</summary>
    public bool IsNone => _removed.Count == 0 && _added.Count == 0;

    /// <exception cref="CdfException">NotFound; InvalidRequest: the document is no policy's.</exception>
    public static async ValueTask<PolicyChange> ReadAsync(IDeviceRegistry registry, string policyName, string document, CancellationToken cancellationToken)
    {
        PolicyDocument.Check(document);
        var policy = await registry.InvokeAsync(new GetPolicyRequest(policyName), cancellationToken);
        var versions = (await registry.InvokeAsync(new ListPolicyVersionsRequest(policyName), cancellationToken)).PolicyVersions ?? [];
        var dropped = versions.Count < PolicyDocument.MaxVersions ? null : versions.Where(v => v.IsDefaultVersion is not true).MinBy(v => v.CreateDate)?.VersionId;
        var old = StatementsOf(policy.PolicyDocument!);
        var given = StatementsOf(document);
        return new(
            policyName, document, ([.. old.Except(given)], [.. given.Except(old)]),
            await registry.TargetsOfPolicyAsync(policyName, cancellationToken).ToListAsync(cancellationToken), dropped);
    }

    public async ValueTask ApplyAsync(IDeviceRegistry registry, CancellationToken cancellationToken) => await registry.AsOneAsync(
        async r =>
        {
            if (_dropped is not null)
                await r.InvokeAsync(new DeletePolicyVersionRequest(_policyName, _dropped), cancellationToken);
            return await r.InvokeAsync(new CreatePolicyVersionRequest(_policyName, _document, SetAsDefault: true), cancellationToken);
        },
        cancellationToken);

    /// <summary>The change in words.</summary>
    public override string ToString()
    {
        var lines = _removed.Select(statement => $"- {statement}").Concat(_added.Select(statement => $"+ {statement}"));
        var dropped = _dropped is null ? "" : $", drop version {_dropped}";
        return $"Change for {_certificates} certificates and {_groups} groups{dropped}: {string.Join(" ", lines)}";
    }

    private static List<string> StatementsOf(string document)
    {
        var statements = JsonNode.Parse(document)!["Statement"];
        return [.. (statements as JsonArray ?? [statements?.DeepClone()]).Where(s => s is not null).Select(s => s!.ToJsonString(JsonSerializerOptions.Default))];
    }
}
