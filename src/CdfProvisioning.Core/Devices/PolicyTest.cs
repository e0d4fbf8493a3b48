using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Devices;

/// <summary>Whether the policies of a device allow it an action.</summary>
public sealed record PolicyTestResult
{
    /// <summary>The thing, if one was asked about.</summary>
    public string? ThingName { get; init; }

    /// <summary>The certificate with which the device would connect.</summary>
    public string? CertificateId { get; init; }

    /// <summary>The client id with which it would connect.</summary>
    public required string ClientId { get; init; }

    /// <summary>The action, such as <c>iot:Publish</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The ARN of what the action is done to.</summary>
    public required string Resource { get; init; }

    /// <summary>Whether it is allowed.</summary>
    public required bool Allowed { get; init; }

    /// <summary>Allowed, ExplicitDeny (a statement denies it) or ImplicitDeny (no statement allows it).</summary>
    public required string Decision { get; init; }

    /// <summary>The policy that decides; none if no policy allows it.</summary>
    public string? PolicyName { get; init; }

    /// <summary>The statement of that policy that decides, the first being 1.</summary>
    public int? StatementNumber { get; init; }

    /// <summary>That statement, as it is written.</summary>
    public string? Statement { get; init; }

    /// <summary>Why it is so.</summary>
    public required string Reason { get; init; }

    /// <summary>Every statement that was looked at, and why it does not apply.</summary>
    public IReadOnlyList<string> StatementsLookedAt { get; init; } = [];

    /// <summary>Policy variables and condition keys that statements name and that have no value for this device.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = [];
}

/// <summary>Asks the policies of devices.</summary>
internal static class PolicyTest
{
    /// <summary>One answer for each certificate of the thing; one for the thing if it has none.</summary>
    /// <exception cref="CdfException">NotFound: there is no such thing.</exception>
    public static async IAsyncEnumerable<PolicyTestResult> OfThingAsync(
        IDeviceRegistry registry, string thingName, string? clientId, string action, string resource, PolicyTestContext context,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var principals = await registry.PrincipalsAsync(thingName, cancellationToken)
            .Select(Arn.CertificateId).Where(id => id is not null).ToListAsync(cancellationToken);
        if (principals.Count == 0)
            yield return Without(thingName, clientId ?? thingName, action, resource, $"Thing '{thingName}' has no certificate, and so nothing to connect with: attach one.");
        foreach (var id in principals)
            yield return (await OfCertificateAsync(registry, id!, clientId ?? thingName, action, resource, context, cancellationToken)) with { ThingName = thingName };
    }

    /// <exception cref="CdfException">NotFound: the certificate is not registered.</exception>
    public static async ValueTask<PolicyTestResult> OfCertificateAsync(
        IDeviceRegistry registry, string certificateId, string clientId, string action, string resource, PolicyTestContext context, CancellationToken cancellationToken)
    {
        var device = await registry.ReadAsOneAsync(r => DeviceIdentity.FindAsync(r, certificateId, cancellationToken), cancellationToken)
            ?? throw CdfErrorCode.NotFound.Error($"Certificate {certificateId} does not exist.");
        return Of(device, clientId, action, resource, context);
    }

    public static PolicyTestResult Of(DeviceIdentity device, string clientId, string action, string resource, PolicyTestContext context)
    {
        var variables = new PolicyVariables(clientId, device) { SourceIp = context.SourceIp, DomainName = context.DomainName, ConnectAttributes = context.ConnectAttributes };
        var decision = PolicyEvaluation.Decide(device.Policies, action, resource, variables);
        var deciding = decision.Deciding;
        return new()
        {
            CertificateId = device.CertificateId,
            ClientId = clientId,
            Action = action,
            Resource = resource,
            Allowed = decision.IsAllowed,
            Decision = decision.Outcome.ToString(),
            PolicyName = deciding?.Policy.Name,
            StatementNumber = deciding?.Statement.Number,
            Statement = deciding?.Statement.Json,
            Reason = Reason(device, decision, action, resource),
            StatementsLookedAt = [.. decision.Statements.Select(Looked)],
            MissingValues = decision.MissingContextValues,
        };
    }

    private static PolicyTestResult Without(string thingName, string clientId, string action, string resource, string reason) => new()
    {
        ThingName = thingName,
        ClientId = clientId,
        Action = action,
        Resource = resource,
        Allowed = false,
        Decision = nameof(PolicyOutcome.ImplicitDeny),
        Reason = reason,
    };

    private static string Reason(DeviceIdentity device, PolicyDecision decision, string action, string resource)
    {
        var reason = decision.Deciding switch
        {
            { } s when decision.IsAllowed => $"Statement {s.Statement.Number} of policy '{s.Policy.Name}' allows it, and none denies it.",
            { } s => $"Statement {s.Statement.Number} of policy '{s.Policy.Name}' denies it.",
            null when device.Policies.Count == 0 => "No policy is attached to the certificate, nor to a group of its things.",
            null => $"No statement of {string.Join(", ", device.Policies.Select(p => $"'{p.Name}'"))} allows {action} on {resource}.",
        };
        return decision.IsAllowed && device.Status != CertificateStatus.Active ? $"{reason} But the certificate is {device.Status}: the device cannot connect." : reason;
    }

    private static string Looked(ConsideredStatement looked) =>
        $"{looked.Policy.Name}, statement {looked.Statement.Number} ({(looked.Statement.IsAllow ? "Allow" : "Deny")}): {(looked.Applies ? "applies" : looked.WhyNot)}";
}

/// <summary>What else a policy may look at of a connection.</summary>
internal sealed record PolicyTestContext(System.Net.IPAddress? SourceIp = null, string? DomainName = null)
{
    public IReadOnlyList<string> ConnectAttributes { get; init; } = [];
}
