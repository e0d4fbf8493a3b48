using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>How long and how deep things in a template may be.</summary>
public sealed class TemplateLimitTests
{
    private static readonly string Longest = new('x', 4_096);

    [Theory]
    [InlineData(262_144, true)]
    [InlineData(262_145, false)]
    public void A_template_is_read_up_to_262144_characters(int length, bool isRead) =>
        Assert.Equal(isRead, !ProvisioningTemplate.Validate(Padded(length)).Any(p => p.Severity == TemplateProblemSeverity.Error));

    [Theory]
    [InlineData(10_240, false)]
    [InlineData(10_241, true)]
    public void AWS_takes_up_to_10240_characters(int length, bool isWarnedOf) =>
        Assert.Equal(isWarnedOf, Sample.Problems(Padded(length)).Any(p => p.Message.Contains("AWS IoT refuses more than 10240", StringComparison.Ordinal)));

    [Theory]
    [InlineData(4_096, false)]
    [InlineData(4_097, true)]
    public void A_default_is_as_long_as_a_value_may_be(int length, bool isWarnedOf)
    {
        var problems = Sample.Problems(Sample.WithThing("\"ThingName\": \"t\"", $$""" "Name": { "Type": "String", "Default": "{{new string('x', length)}}" } """));
        Assert.Equal(isWarnedOf ? ["$.Parameters.Name.Default"] : [], problems.Select(p => p.Path));
    }

    [Fact]
    public void A_value_of_4096_characters_is_used() => Assert.Equal(Longest, Configured("""{ "Ref": "Name" }""", ("Name", Longest)));

    [Theory]
    [InlineData(3_192, true)]
    [InlineData(3_193, false)]
    public void A_function_makes_text_up_to_what_a_policy_may_have(int more, bool isMade)
    {
        var items = string.Join(',', Enumerable.Repeat("""{ "Ref": "Site" }""", 98));
        var value = $$"""{ "Fn::Join": ["", [{{items}}, { "Ref": "Name" }]] }""";
        Assert.Equal(isMade, Record.Exception(() => Configured(value, ("Site", Longest), ("Name", new string('y', more)))) is null);
    }

    [Theory]
    [InlineData(2_996, true)]
    [InlineData(2_997, false)]
    public void Separators_count_between_the_items(int more, bool isMade)
    {
        var items = string.Join(',', Enumerable.Repeat("""{ "Ref": "Site" }""", 98));
        var value = $$"""{ "Fn::Join": ["--", [{{items}}, { "Ref": "Name" }]] }""";
        Assert.Equal(isMade, Record.Exception(() => Configured(value, ("Site", Longest), ("Name", new string('y', more)))) is null);
    }

    [Theory]
    [InlineData(8, true, true)]
    [InlineData(8, false, true)]
    [InlineData(9, true, false)]
    [InlineData(9, false, false)]
    public void A_name_may_refer_to_a_name_that_refers_to_another_up_to_eight_in_all(int names, bool ascending, bool isTaken)
    {
        var policies = Enumerable.Range(2, names - 1)
            .Select(i => $$""" "p{{i}}": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Ref": "{{(i == 2 ? "thing" : $"p{i - 1}")}}" } } } """);
        var thing = """ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } } """;
        var resources = policies.Prepend(thing);
        var body = $$"""
            { "Parameters": { "Name": { "Type": "String" } }, "Resources": {
              "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "csr" } },
              {{string.Join(',', ascending ? resources : resources.Reverse())}} } }
            """;
        if (isTaken)
            Assert.All(Sample.Resolve(body, ("Name", "t1")).Policies, p => Assert.Equal("t1", p.PolicyName));
        else
            Assert.Contains("too long a chain", Sample.Error(body).Message, StringComparison.Ordinal);
    }

    private static string Padded(int length)
    {
        var body = Sample.WithThing("\"ThingName\": \"t\"");
        return body + new string(' ', length - body.Length);
    }

    private static string Configured(string value, params (string Name, string Value)[] parameters) =>
        ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\"", sections: $$""" "DeviceConfiguration": { "v": {{value}} }, """))
            .ResolveDeviceConfiguration(parameters.ToDictionary(p => p.Name, p => p.Value))["v"];
}
