using System.Text.RegularExpressions;
using CdfProvisioning.Iot.Policies;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Core.Tests.Iot.Policies;

public sealed class PolicyEvaluationTests
{
    private const string Topic = "arn:aws:iot:us-east-1:123456789012:topic/";

    [Theory]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"*"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:publish","Resource":"*"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:*","Resource":"arn:aws:iot:*:*:topic/a/*"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Subscribe","Resource":"*"}]""", "ImplicitDeny")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/A/b"}]""", "ImplicitDeny")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/?/b"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iot:Pub*","Resource":"arn:aws:iot:*:*:topic/a/b"}]""", "ExplicitDeny")]
    [InlineData("""[{"Effect":"Allow","NotAction":"iot:Subscribe","Resource":"*"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","NotAction":"iot:Publish","Resource":"*"}]""", "ImplicitDeny")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:*","Resource":"*"},{"Effect":"Deny","Action":"iot:Publish","NotResource":"arn:aws:iot:*:*:topic/a/*"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:*","Resource":"*"},{"Effect":"Deny","Action":"iot:Publish","NotResource":"arn:aws:iot:*:*:topic/c/*"}]""", "ExplicitDeny")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/${iot:ClientId}/b"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/${IOT:clientid}/b"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/${none}/b"}]""", "ImplicitDeny")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:us-east-1:123456789012:topic/${none, 'a'}/b"}]""", "Allowed")]
    [InlineData("""[{"Effect":"Allow","Action":"iot:*","Resource":"*"},{"Effect":"Deny","Action":"iot:*","NotResource":"arn:aws:iot:*:*:topic/${none}"}]""", "Allowed")]
    public void A_deny_wins_and_what_nobody_allows_is_denied(string statements, string outcome) =>
        Assert.Equal(outcome, Decide(statements, "iot:Publish", Topic + "a/b").Outcome.ToString());

    [Theory]
    [InlineData("""{"StringEquals":{"iot:ClientId":"a"}}""", true)]
    [InlineData("""{"StringEquals":{"iot:ClientId":["x","a"]}}""", true)]
    [InlineData("""{"StringEquals":{"iot:ClientId":"*"}}""", false)]
    [InlineData("""{"StringEqualsIgnoreCase":{"iot:ClientId":"A"}}""", true)]
    [InlineData("""{"StringNotEquals":{"iot:ClientId":["x","a"]}}""", false)]
    [InlineData("""{"StringNotEquals":{"none":"x"}}""", true)]
    [InlineData("""{"StringLike":{"iot:ClientId":"?"},"StringEquals":{"iot:ClientId":"b"}}""", false)]
    [InlineData("""{"StringEquals":{"none":"x"}}""", false)]
    [InlineData("""{"StringEqualsIfExists":{"none":"x"}}""", true)]
    [InlineData("""{"Null":{"none":"true"}}""", true)]
    [InlineData("""{"Null":{"iot:ClientId":true}}""", false)]
    [InlineData("""{"Bool":{"attached":[true]}}""", true)]
    [InlineData("""{"Bool":{"attached":"false"}}""", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}""", true)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":["10.1.2.3","192.168.0.0/16"]}}""", false)]
    [InlineData("""{"NumericLessThanEquals":{"number":"7"}}""", true)]
    [InlineData("""{"NumericLessThan":{"number":7}}""", false)]
    [InlineData("""{"DateGreaterThan":{"date":"2025-12-31T00:00:00Z"}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"many":["one","two","three"]}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"many":["one"]}}""", false)]
    [InlineData("""{"ForAllValues:StringEquals":{"none":["one"]}}""", true)]
    [InlineData("""{"ForAnyValue:StringLike":{"many":"tw*"}}""", true)]
    [InlineData("""{"StringEquals":{"iot:ClientId":"${iot:ClientId}"}}""", true)]
    public void A_statement_applies_where_its_conditions_hold(string condition, bool applies) => Assert.Equal(
        applies, Decide($$$"""[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}]""", "iot:Connect", "arn:aws:iot:r:1:client/a").IsAllowed);

    [Fact]
    public void Wildcards_in_the_value_of_a_variable_are_none()
    {
        var pattern = PolicyPattern.Parse("t/${iot:ClientId}", hasVariables: true);
        var missing = new HashSet<string>();
        Assert.True(pattern.Matches("t/*", new Values { ["iot:ClientId"] = ["*"] }, missing));
        Assert.False(pattern.Matches("t/other", new Values { ["iot:ClientId"] = ["*"] }, missing));
        Assert.True(PolicyPattern.Parse("t/${*}", hasVariables: true).Matches("t/*", new Values(), missing));
        Assert.False(PolicyPattern.Parse("t/${*}", hasVariables: true).Matches("t/x", new Values(), missing));
        Assert.Empty(missing);
    }

    [Fact]
    public void Variables_are_plain_text_in_the_older_version()
    {
        var policy = new AttachedPolicy("p", "arn", PolicyDocument.Parse($$$"""{"Statement":{"Effect":"Allow","Action":"*","Resource":"{{{Topic}}}${iot:ClientId}"}}"""));
        Assert.False(PolicyEvaluation.Decide([policy], "iot:Publish", Topic + "a", Context()).IsAllowed);
        Assert.True(PolicyEvaluation.Decide([policy], "iot:Publish", Topic + "${iot:ClientId}", Context()).IsAllowed);
    }

    [Fact]
    public void A_decision_says_which_statement_makes_it_and_what_has_no_value()
    {
        var decision = Decide(
            """[{"Effect":"Allow","Action":"iot:*","Resource":"*"},{"Effect":"Deny","Action":"iot:Connect","Resource":"*"},{"Effect":"Deny","Action":"iot:Publish","Resource":"arn:aws:iot:r:1:topic/${none}"}]""",
            "iot:Publish", Topic + "a/b");
        Assert.Equal(1, decision.Deciding!.Statement.Number);
        Assert.Equal(["none"], decision.MissingContextValues);
        Assert.Contains("other actions", decision.Statements[1].WhyNot, StringComparison.Ordinal);
        Assert.Contains("${none}", decision.Statements[2].WhyNot, StringComparison.Ordinal);
    }

    /// <summary>Texts of few characters, so that many of them match.</summary>
    [Fact]
    public void Patterns_match_as_regular_expressions_do()
    {
        var text = Gen.Elements("a", "b", "/", "*", "?", "$").ArrayOf().Select(string.Concat).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(text, text, (pattern, value) =>
        {
            var expression = "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$";
            return PolicyPattern.Parse(pattern, hasVariables: true).Matches(value, new Values(), new HashSet<string>()) == Regex.IsMatch(value, expression, RegexOptions.Singleline);
        }));
    }

    private static PolicyDecision Decide(string statements, string action, string resource) => PolicyEvaluation.Decide(
        [new AttachedPolicy("p", "arn", PolicyDocument.Parse($$$"""{"Version":"2012-10-17","Statement":{{{statements}}}}"""))], action, resource, Context());

    private static Values Context() => new()
    {
        ["iot:ClientId"] = ["a"],
        ["attached"] = ["true"],
        ["aws:SourceIp"] = ["10.1.2.3"],
        ["number"] = ["7"],
        ["date"] = ["2026-01-01T00:00:00Z"],
        ["many"] = ["one", "two"],
    };

    private sealed class Values : Dictionary<string, IReadOnlyList<string>>, IPolicyContext
    {
        public Values()
            : base(StringComparer.OrdinalIgnoreCase)
        {
        }

        public IReadOnlyList<string> Find(string key) => this.GetValueOrDefault(key, []);
    }
}
