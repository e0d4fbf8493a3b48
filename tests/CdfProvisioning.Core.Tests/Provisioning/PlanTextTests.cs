using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>How a plan is told, and how it shows what is not known before the registration.</summary>
public sealed class PlanTextTests
{
    [Theory]
    [InlineData("CertificateId")]
    [InlineData("CertificateArn")]
    [InlineData("CertificatePem")]
    [InlineData("CaCertificatePem")]
    public void What_stands_for_an_unknown_value_has_its_shape_and_a_twin_with_no_letter_or_digit_in_common(string parameter)
    {
        var (one, other) = NotYetKnown.InPlaceOf(parameter);
        Assert.Equal(one.Length, other.Length);
        Assert.All(one.Zip(other), pair =>
        {
            Assert.Equal(char.IsAsciiLetterOrDigit(pair.First), pair.First != pair.Second);
            Assert.Equal(char.IsAsciiLetter(pair.First), char.IsAsciiLetter(pair.Second));
        });
    }

    [Fact]
    public void An_unknown_id_is_one_and_an_ARN_ends_with_it()
    {
        var id = NotYetKnown.InPlaceOf("CertificateId");
        Assert.Matches("^[0-9a-f]{64}$", id.One);
        Assert.Matches("^[0-9a-f]{64}$", id.Other);
        var arn = NotYetKnown.InPlaceOf("CertificateArn");
        Assert.EndsWith($":cert/{id.One}", arn.One, StringComparison.Ordinal);
        Assert.EndsWith($"/{id.Other}", arn.Other, StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", NotYetKnown.InPlaceOf("CertificatePem").One, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_made_of_an_unknown_value_is_shown_as_unknown()
    {
        var id = NotYetKnown.CertificateId;
        var text = Text(
            Resources($"t-{id.One}", id.One, id.One[..8], "same", "group", id.One[..4], $"p-{id.One}"),
            Resources($"t-{id.Other}", id.Other, id.Other[..8], "same", "group", id.Other[..4], $"p-{id.Other}"));
        Assert.Equal("t-(known after registration)", text.Show($"t-{id.One}"));
        Assert.Equal("p-(known after registration)", text.Show($"p-{id.One}"));
        Assert.Equal("(known after registration)", text.Show(id.One));
        Assert.Equal("(known after registration)", text.Show(id.One[..8]));
        Assert.Equal("(known after registration)", text.Show(id.One[..4]));
        Assert.Equal(["same", "group"], new[] { "same", "group" }.Select(text.Show));
        Assert.Null(text.Show(null));
        Assert.False(text.IsKnown(id.One));
        Assert.False(text.IsKnown(id.One[..8]));
        Assert.True(text.IsKnown("same"));
    }

    [Fact]
    public void A_message_shows_no_value_that_only_stands_for_another_even_if_one_is_a_part_of_another()
    {
        var (id, arn) = (NotYetKnown.CertificateId, NotYetKnown.CertificateArn);
        var text = Text(Resources(id.One[..6], id.One + id.One[..4], policy: ""), Resources(id.Other[..6], id.Other + id.Other[..4], policy: "x"));
        Assert.Equal(
            "thing (known after registration), type (known after registration), certificate (known after registration) or (known after registration), policy p",
            text.ShowIn($"thing {id.One[..6]}, type {id.One}{id.One[..4]}, certificate {id.One} or {arn.One}, policy p"));
    }

    [Fact]
    public void What_is_known_beforehand_is_shown_as_it_is()
    {
        var known = PlannedValue.Known("abc");
        var text = new PlanText(new(null, null, []), new(null, null, []), [known]);
        Assert.Equal("certificate abc", text.ShowIn("certificate abc"));
        Assert.Equal("abc", PlanText.Known.Show("abc"));
        Assert.True(PlanText.Known.IsKnown("abc"));
    }

    [Fact]
    public void A_plan_for_a_new_thing_tells_all_of_it() => Assert.Equal(
        "thing 't'; of type 'sensor'; attributes a=1, b=2; in group 'g', 'h'; in billing group 'west'; a new key, ACTIVE; policy 'p', 'q'; its key in 't.pem'; "
        + "not known here: One. Two.",
        new ProvisionPlan
        {
            ThingName = "t",
            ThingType = "sensor",
            Attributes = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
            Groups = ["g", "h"],
            BillingGroup = "west",
            Certificate = "a new key",
            CertificateStatus = "ACTIVE",
            Policies = ["p", "q"],
            KeyFile = "t.pem",
            Unknown = ["One.", "Two."],
            Changes = [new("Thing", null, "t")],
        }.ToString());

    [Fact]
    public void A_plan_for_a_thing_alone_tells_no_more_than_that() => Assert.Equal("thing 't'", new ProvisionPlan { ThingName = "t" }.ToString());

    [Fact]
    public void A_plan_without_a_thing_tells_the_certificate() =>
        Assert.Equal("a new key, ACTIVE", new ProvisionPlan { Certificate = "a new key", CertificateStatus = "ACTIVE" }.ToString());

    [Fact]
    public void A_plan_for_a_thing_that_exists_tells_what_changes() => Assert.Equal(
        "thing 't' (exists); changes ThingType from 'a' to 'b'; adds a further certificate to the 2 that it has: a new key, ACTIVE",
        new ProvisionPlan
        {
            Outcome = PlannedOutcome.Changed,
            ThingName = "t",
            ThingExists = true,
            ThingType = "b",
            Groups = ["g"],
            BillingGroup = "west",
            Certificate = "a new key",
            CertificateStatus = "ACTIVE",
            CertificateCount = 2,
            Policies = ["p"],
            Attributes = new Dictionary<string, string> { ["a"] = "1" },
            Changes = [new("ThingType", "a", "b"), new("Certificate", null, "a new key, ACTIVE")],
        }.ToString());

    [Fact]
    public void The_first_certificate_of_a_thing_that_exists_is_no_further_one() => Assert.Equal(
        "thing 't' (exists); adds a new key, ACTIVE",
        new ProvisionPlan { Outcome = PlannedOutcome.Changed, ThingName = "t", ThingExists = true, Changes = [new("Certificate", null, "a new key, ACTIVE")] }.ToString());

    [Fact]
    public void A_plan_that_changes_nothing_says_so_and_one_that_would_fail_says_why()
    {
        Assert.Equal("thing 't' (exists, and stays as it is)", new ProvisionPlan { Outcome = PlannedOutcome.Same, ThingName = "t", ThingExists = true }.ToString());
        Assert.Equal(
            "thing 't'; but this would fail: No type. No group.",
            new ProvisionPlan { Outcome = PlannedOutcome.Bad, ThingName = "t", Problems = ["No type.", "No group."] }.ToString());
    }

    [Theory]
    [InlineData("Certificate", null, "x", "adds x")]
    [InlineData("Certificate.Policy", null, "p", "attaches policy 'p'")]
    [InlineData("Policy", null, "p", "makes policy 'p'")]
    [InlineData("ThingGroup", null, "g", "adds it to group 'g'")]
    [InlineData("ThingGroup", "g", null, "removes it from group 'g'")]
    [InlineData("BillingGroup", null, "west", "sets BillingGroup to 'west'")]
    [InlineData("Attributes.a", "1", null, "removes Attributes.a '1'")]
    [InlineData("Attributes.a", "1", "2", "changes Attributes.a from '1' to '2'")]
    public void A_change_is_told_in_words(string property, string? from, string? to, string words) => Assert.Equal(words, new PlannedChange(property, from, to).ToString());

    [Fact]
    public void A_response_is_shown_without_its_key_and_knows_its_certificate()
    {
        var id = new string('a', 64);
        var response = new ProvisionResponse
        {
            ThingName = "t",
            PrivateKey = "secret",
            ResourceArns = new Dictionary<string, string> { ["thing"] = "arn:aws:iot:us-east-1:1:thing/t", ["c"] = $"arn:aws:iot:us-east-1:123456789012:cert/{id}" },
        };
        Assert.Equal("ProvisionResponse { ThingName = t }", response.ToString());
        Assert.Equal(id, response.CertificateId);
        Assert.Null(new ProvisionResponse().CertificateId);
    }

    private static PlanText Text(ResolvedTemplate one, ResolvedTemplate other) => new(one, other, [NotYetKnown.CertificateId, NotYetKnown.CertificateArn]);

    private static ResolvedTemplate Resources(
        string thingName, string? type = null, string? billingGroup = null, string? attribute = null, string? group = null, string? otherGroup = null, string? policy = null) => new(
        new(
            "thing", thingName, attribute is null ? null : new Dictionary<string, string> { ["a"] = attribute }, type, group is null ? null : [group, otherGroup!], billingGroup,
            OverrideAction.DoNothing, OverrideAction.DoNothing, OverrideAction.DoNothing),
        null,
        policy is null ? [] : [new("p", policy, null)]);
}
