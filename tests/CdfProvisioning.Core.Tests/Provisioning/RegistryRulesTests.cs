using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What a registration does to what is there, and the rules by which AWS IoT refuses it.</summary>
public sealed class RegistryRulesTests
{
    private const string Id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static readonly ThingState Existing = new("sensor", Attributes("site", "north"), "west", [new("a", "a"), new("b", "b")]);

    [Fact]
    public void A_thing_is_in_ten_groups_at_most()
    {
        var nine = Enumerable.Range(1, 9).Select(i => new GroupState($"g{i}", $"g{i}")).ToList();
        Assert.Null(RegistryRules.GroupProblem(nine, new("g10", "g10")));
        nine.Add(new("g10", "g10"));
        Assert.Equal(IotErrorType.InvalidRequest, RegistryRules.GroupProblem(nine, new("g11", "g11"))?.ErrorType);
    }

    [Fact]
    public void A_thing_is_in_one_group_of_a_hierarchy_and_put_into_no_dynamic_one()
    {
        Assert.Contains("the same hierarchy as 'below'", RegistryRules.GroupProblem([new("x", "x"), new("top", "top")], new("below", "top"))!.Message, StringComparison.Ordinal);
        Assert.Contains("is dynamic", RegistryRules.GroupProblem([], new("d", "d", IsDynamic: true))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_has_ten_policies_at_most()
    {
        Assert.Null(RegistryRules.PolicyCountProblem(9));
        Assert.Equal(IotErrorType.LimitExceeded, RegistryRules.PolicyCountProblem(10)?.ErrorType);
    }

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, "to another exclusively")]
    [InlineData(false, true, "because it is exclusive there")]
    public void An_exclusive_certificate_is_of_one_thing(bool isExclusive, bool isExclusiveElsewhere, string? problem)
    {
        Assert.Null(RegistryRules.ExclusivityProblem(null, isExclusive));
        var found = RegistryRules.ExclusivityProblem(new("other", isExclusiveElsewhere), isExclusive);
        Assert.Equal(problem is null, found is null);
        Assert.Contains(problem ?? "", found?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REVOKED", "ACTIVE", true)]
    [InlineData("REVOKED", "REVOKED", false)]
    [InlineData("INACTIVE", "ACTIVE", false)]
    public void Revoking_is_final(string present, string wanted, bool isProblem) =>
        Assert.Equal(isProblem, RegistryRules.StatusProblem(Id, present, wanted)?.ErrorType == IotErrorType.CertificateState);

    [Fact]
    public void An_attribute_whose_value_is_empty_is_none()
    {
        Assert.Empty(RegistryRules.WithoutEmpty(null));
        Assert.Equal(["b"], RegistryRules.WithoutEmpty(Attributes("a", "", "b", "1")).Keys);
        Assert.Equal(Attributes("a", "1", "c", "3"), RegistryRules.Merge(Attributes("a", "1", "b", "2"), Attributes("b", "", "c", "3")));
    }

    [Fact]
    public void Attributes_are_equal_if_they_have_the_same_names_and_values()
    {
        var one = Attributes("a", "1", "b", "2");
        Assert.True(RegistryRules.AreEqual(one, Attributes("b", "2", "a", "1")));
        Assert.False(RegistryRules.AreEqual(one, Attributes("a", "1")));
        Assert.False(RegistryRules.AreEqual(one, Attributes("a", "1", "b", "3")));
        Assert.False(RegistryRules.AreEqual(one, Attributes("a", "1", "c", "2")));
    }

    [Fact]
    public void Without_override_settings_an_existing_thing_stays_as_it_is()
    {
        var change = Decide(Thing(), Existing).Thing!;
        Assert.Equal(("sensor", "west"), (change.TypeName, change.BillingGroupName));
        Assert.Same(Existing.Attributes, change.Attributes);
        Assert.Empty(change.AddedGroups);
        Assert.Empty(change.RemovedGroups);
        Assert.False(change.IsUpdated);
        Assert.False(change.TypeChanges);
    }

    [Fact]
    public void Merging_adds_attributes_and_groups()
    {
        var change = Decide(Thing() with { AttributePayloadOverride = OverrideAction.Merge, ThingGroupsOverride = OverrideAction.Merge }, Existing).Thing!;
        Assert.Equal(Attributes("site", "north", "colour", "red"), change.Attributes);
        Assert.Equal(["c"], change.AddedGroups.Select(g => g.Name));
        Assert.Empty(change.RemovedGroups);
        Assert.True(change.IsUpdated);
        Assert.False(change.TypeChanges);
    }

    [Fact]
    public void Replacing_takes_away_what_the_template_does_not_name()
    {
        var change = Decide(
            Thing() with { AttributePayloadOverride = OverrideAction.Replace, ThingTypeNameOverride = OverrideAction.Replace, ThingGroupsOverride = OverrideAction.Replace }, Existing).Thing!;
        Assert.Equal(Attributes("colour", "red"), change.Attributes);
        Assert.Equal("meter", change.TypeName);
        Assert.Equal(["c"], change.AddedGroups.Select(g => g.Name));
        Assert.Equal(["b"], change.RemovedGroups.Select(g => g.Name));
        Assert.True(change.TypeChanges);
    }

    [Fact]
    public void FAIL_refuses_what_the_template_names_and_nothing_else()
    {
        var fails = Thing() with { AttributePayloadOverride = OverrideAction.Fail, ThingTypeNameOverride = OverrideAction.Fail, ThingGroupsOverride = OverrideAction.Fail };
        Assert.Equal(3, Decide(fails, Existing).Problems.Count);
        Assert.All(Decide(fails, Existing).Problems, p => Assert.Contains("FAIL", p.Error.Message, StringComparison.Ordinal));
        Assert.Empty(Decide(fails with { Attributes = null, ThingTypeName = null, ThingGroups = null }, Existing).Problems);
    }

    [Fact]
    public void A_billing_group_is_changed_only_where_that_is_asked_for()
    {
        var asked = Thing() with { BillingGroup = "east", OverridesBillingGroup = true };
        Assert.Equal("east", Decide(asked, Existing, hasBillingGroup: true).Thing!.BillingGroupName);
        Assert.Contains("'east' does not exist", Assert.Single(Decide(asked, Existing, hasBillingGroup: false).Problems).Error.Message, StringComparison.Ordinal);
        Assert.Equal("west", Decide(asked with { BillingGroup = null }, Existing, hasBillingGroup: false).Thing!.BillingGroupName);
        Assert.Empty(Decide(asked with { BillingGroup = "west" }, Existing, hasBillingGroup: false).Problems);
        Assert.Equal("west", Decide(Thing() with { BillingGroup = "east" }, Existing, hasBillingGroup: false).Thing!.BillingGroupName);
    }

    [Fact]
    public void A_new_thing_needs_its_type_groups_and_billing_group()
    {
        var state = new RegistryState { Groups = [null, new("c", "c")] };
        var problems = RegistrationDecision.Decide(new(Thing() with { BillingGroup = "east" }, null, []), null, state).Problems;
        Assert.Equal(
            ["Thing type meter not found.", "Billing group 'east' does not exist.", "Thing group 'a' does not exist."], problems.Select(p => p.Error.Message));
        Assert.All(problems, p => Assert.Equal("thing", p.LogicalId));
    }

    [Fact]
    public void A_deprecated_type_is_given_to_no_further_thing_but_may_be_kept()
    {
        var thing = Thing() with { ThingTypeNameOverride = OverrideAction.Replace };
        Assert.Contains("deprecated", Assert.Single(Decide(thing, Existing, isDeprecated: true).Problems).Error.Message, StringComparison.Ordinal);
        Assert.Empty(Decide(thing with { ThingTypeName = "sensor" }, Existing, isDeprecated: true).Problems);
    }

    [Fact]
    public void Attributes_beyond_three_need_a_type_also_after_a_merge()
    {
        var update = Thing() with
        {
            ThingTypeName = null,
            Attributes = Attributes("b", "2", "c", "3", "d", "4"),
            AttributePayloadOverride = OverrideAction.Merge,
        };
        Assert.Empty(Decide(update, Existing).Problems);
        Assert.Contains("4 attributes", Assert.Single(Decide(update, Existing with { TypeName = null }).Problems).Error.Message, StringComparison.Ordinal);
        Assert.Empty(Decide(update with { AttributePayloadOverride = OverrideAction.DoNothing }, Existing with { TypeName = null }).Problems);
    }

    [Theory]
    [InlineData("INACTIVE", false, "INACTIVE")]
    [InlineData("INACTIVE", true, "ACTIVE")]
    [InlineData("PENDING_ACTIVATION", false, "ACTIVE")]
    public void The_override_of_the_status_decides_unless_the_certificate_waits_for_its_activation(string present, bool replaces, string after)
    {
        var change = DecideCertificate(new(Id, present) { IsExclusiveHere = false }, replaces ? OverrideAction.Replace : OverrideAction.DoNothing).Certificate!;
        Assert.Equal(after, change.Status);
        Assert.Equal(present != after, change.StatusChanges);
        Assert.False(change.IsAttachedAnew);
    }

    [Fact]
    public void A_registered_certificate_fails_if_the_template_says_so_and_a_missing_one_always()
    {
        Assert.Contains("exists already", Assert.Single(DecideCertificate(new(Id, "ACTIVE"), OverrideAction.Fail).Problems).Error.Message, StringComparison.Ordinal);
        var missing = DecideCertificate(null, OverrideAction.DoNothing);
        Assert.Equal(IotErrorType.ResourceNotFound, Assert.Single(missing.Problems).Error.ErrorType);
        Assert.True(missing.Certificate!.IsAttachedAnew);
        Assert.False(missing.Certificate.StatusChanges);
    }

    [Fact]
    public void A_certificate_that_is_attached_in_the_other_way_is_attached_anew()
    {
        Assert.True(DecideCertificate(new(Id, "ACTIVE") { IsExclusiveHere = true }, OverrideAction.DoNothing).Certificate!.IsAttachedAnew);
        Assert.True(DecideCertificate(new(Id, "ACTIVE"), OverrideAction.DoNothing).Certificate!.IsAttachedAnew);
    }

    [Fact]
    public void A_policy_is_made_once_and_attached_once_however_often_it_is_named()
    {
        var policies = DecidePolicies([new("p", "same", "{}"), new("q", "same", null), new("r", "there", null)], [null, null, new("{}")]).Policies;
        Assert.Equal([true, false, false], policies.Select(p => p.IsMade));
        Assert.Equal([true, false, true], policies.Select(p => p.IsAttachedAnew));
        Assert.Equal([null, 0, null], policies.Select(p => p.First));
    }

    [Fact]
    public void A_policy_without_document_must_exist_and_one_with_another_document_is_refused()
    {
        Assert.Contains("does not exist", Assert.Single(DecidePolicies([new("p", "p", null)], [null]).Problems).Error.Message, StringComparison.Ordinal);
        Assert.Contains("another document", Assert.Single(DecidePolicies([new("p", "p", "new")], [new("old")]).Problems).Error.Message, StringComparison.Ordinal);
        Assert.Empty(DecidePolicies([new("p", "p", "new", AcceptsAnyDocument: true)], [new("old")]).Problems);
    }

    [Fact]
    public void A_policy_takes_its_other_name_where_its_own_has_another_document()
    {
        PolicyResource policy = new("p", "p", "new", NameIfTaken: "p_2");
        Assert.Equal(("p", false), Made(DecidePolicies([policy], [new("new")], [null])));
        Assert.Equal(("p_2", true), Made(DecidePolicies([policy], [new("old")], [null])));
        Assert.Equal(("p_2", false), Made(DecidePolicies([policy], [new("old")], [new("new")])));
        Assert.Equal(("p", true), Made(DecidePolicies([policy], [null], [null])));

        static (string, bool) Made(RegistrationDecision decision) => (Assert.Single(decision.Policies).Name, decision.Policies[0].IsMade);
    }

    [Fact]
    public void Policies_are_counted_with_those_that_are_attached_already()
    {
        PolicyResource[] two = [new("p", "p", null), new("q", "q", null)];
        var attached = Enumerable.Range(1, 9).Select(i => $"a{i}").ToArray();
        Assert.Equal("q", Assert.Single(DecidePolicies(two, [new(null), new(null)], attached: attached).Problems).LogicalId);
        Assert.Equal("p", Assert.Single(DecidePolicies(two, [new(null), new(null)], attached: [.. attached, "q"]).Problems).LogicalId);
    }

    [Fact]
    public void Policies_of_no_certificate_are_attached_to_nothing() => Assert.False(Assert.Single(
        RegistrationDecision.Decide(new(null, null, [new("p", "p", "{}")]), null, new() { Policies = [null] }).Policies).IsAttachedAnew);

    private static ThingResource Thing() => new(
        "thing", "t", Attributes("colour", "red"), "meter", ["a", "c"], null, OverrideAction.DoNothing, OverrideAction.DoNothing, OverrideAction.DoNothing);

    private static RegistrationDecision Decide(ThingResource thing, ThingState existing, bool hasBillingGroup = false, bool isDeprecated = false) =>
        RegistrationDecision.Decide(new(thing, null, []), null, new()
        {
            Thing = existing,
            ThingType = new(isDeprecated),
            BillingGroup = hasBillingGroup ? new() : null,
            Groups = [new("a", "a"), new("c", "c")],
        });

    private static RegistrationDecision DecideCertificate(CertificateState? existing, OverrideAction action) => RegistrationDecision.Decide(
        new(null, Certificate(action), []), null, new() { Certificate = existing });

    private static RegistrationDecision DecidePolicies(
        PolicyResource[] policies, PolicyState?[] states, PolicyState?[]? ifTaken = null, string[]? attached = null) => RegistrationDecision.Decide(
        new(null, Certificate(OverrideAction.DoNothing), policies), null,
        new() { Certificate = new(Id, "ACTIVE") { PolicyNames = attached ?? [] }, Policies = states, PoliciesIfTaken = ifTaken ?? [] });

    private static CertificateResource Certificate(OverrideAction action) => new("certificate", null, Id, null, null, "ACTIVE", CertificateResource.NonExclusive, action);

    private static Dictionary<string, string> Attributes(params string[] namesAndValues) =>
        namesAndValues.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
}
