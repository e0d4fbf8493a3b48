namespace CdfProvisioning.Iot.Policies;

/// <summary>
/// Decides what policies allow: what a statement denies is denied, what else a statement allows is allowed, and the rest
/// is denied (IAM User Guide, policy evaluation logic).
/// </summary>
internal static class PolicyEvaluation
{
    public static PolicyDecision Decide(IReadOnlyList<AttachedPolicy> policies, string action, string resource, IPolicyContext context)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var looked = new List<ConsideredStatement>();
        foreach (var policy in policies)
            foreach (var statement in policy.Document.Statements)
            {
                var (applies, whyNot) = statement.Try(action, resource, context, missing);
                looked.Add(new(policy, statement, applies, whyNot));
            }

        var outcome = looked.Exists(s => s.Applies && !s.Statement.IsAllow) ? PolicyOutcome.ExplicitDeny
            : looked.Exists(s => s.Applies) ? PolicyOutcome.Allowed
            : PolicyOutcome.ImplicitDeny;
        return new(outcome, looked, [.. missing]);
    }
}

/// <summary>A policy that is attached to a certificate or to a group.</summary>
internal sealed record AttachedPolicy(string Name, string Arn, PolicyDocument Document);

/// <summary>What policies say.</summary>
internal enum PolicyOutcome
{
    /// <summary>A statement allows it, and none denies it.</summary>
    Allowed,

    /// <summary>A statement denies it.</summary>
    ExplicitDeny,

    /// <summary>No statement allows it.</summary>
    ImplicitDeny,
}

/// <summary>A decision, and what it comes from.</summary>
/// <param name="Outcome">The decision.</param>
/// <param name="Statements">Every statement that was looked at.</param>
/// <param name="MissingContextValues">Variables and condition keys that a statement names and that have no value.</param>
internal sealed record PolicyDecision(PolicyOutcome Outcome, IReadOnlyList<ConsideredStatement> Statements, IReadOnlyList<string> MissingContextValues)
{
    public bool IsAllowed => Outcome == PolicyOutcome.Allowed;

    /// <summary>The statement that settles it; none where no statement allows it.</summary>
    public ConsideredStatement? Deciding => Outcome == PolicyOutcome.ImplicitDeny
        ? null
        : Statements.First(s => s.Applies && s.Statement.IsAllow == IsAllowed);

    /// <summary>The policies of which a statement allows it, or denies it.</summary>
    public IReadOnlyList<AttachedPolicy> Policies(bool allow) =>
        [.. Statements.Where(s => s.Applies && s.Statement.IsAllow == allow).Select(s => s.Policy).Distinct()];
}

/// <summary>A statement that was looked at.</summary>
/// <param name="Policy">The policy whose it is.</param>
/// <param name="Statement">The statement.</param>
/// <param name="Applies">Whether it is about the request.</param>
/// <param name="WhyNot">If not, why.</param>
internal sealed record ConsideredStatement(AttachedPolicy Policy, PolicyStatement Statement, bool Applies, string? WhyNot);
