using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>What a template costs grows with its text, whatever is in it. Work is counted by what it allocates.</summary>
public sealed class TemplateGrowthTests
{
    private const int Growth = 8;

    /// <summary>Of what the text has, for nodes, places, and the problems that are told.</summary>
    private const int BytesPerCharacter = 400;

    public static TheoryData<string> Kinds => [.. Templates.Keys];

    /// <summary>Templates of about a length, with single quotes.</summary>
    private static readonly Dictionary<string, Func<int, string>> Templates = new()
    {
        ["one long name above many members"] = n => "{'" + new string('a', n / 2) + "':{" + Many(n / 2, i => $"'{i}':1") + "}}",
        ["one long name above many items"] = n => "{'" + new string('a', n / 2) + "':[" + Many(n / 2, i => $"{i}") + "]}",
        ["many unknown members"] = n => "{" + Many(n, i => $"'{i}':1") + "}",
        ["the same member many times"] = n => "{" + Many(n, _ => "'same':1") + "}",
        ["many lines, each with a problem"] = n => "{" + Many(n, i => $"\n'{i}':1") + "}",
        ["many parameters without a type"] = n => "{'Parameters':{" + Many(n, i => $"'p{i}':{{}}") + "}}",
        ["many parameters that are resources too"] = n =>
            "{'Parameters':{" + Many(n / 2, i => $"'p{i}':{{'Type':'String'}}") + "},'Resources':{" + Many(n / 2, i => $"'p{i}':{{}}") + "}}",
        ["many things"] = n => "{'Resources':{" + Many(n, i => $"'t{i}':" + Thing("'a'")) + "}}",
        ["many references to nothing"] = n => "{'Resources':{'t':" + Thing("{'Fn::Join':['',[" + Many(n, i => $"{{'Ref':'r{i}'}}") + "]]}") + "}}",
        ["many references in one text"] = n => "{'Resources':{'t':" + Thing("{'Fn::Sub':'" + Repeat("${a}", n / 4) + "'}") + "}}",
        ["many override settings"] = n => "{'Resources':{'t':{'Type':'AWS::IoT::Thing','Properties':{'ThingName':'a'},'OverrideSettings':{"
            + Many(n, i => $"'ThingGroups{new string('_', i % 200)}{i}':1") + "}}}}",
        ["deep arrays"] = n => new string('[', n),
        ["deep objects"] = n => Repeat("{'a':", n / 5),
        ["white space"] = n => "{" + new string('\n', n) + "}",
        ["names of resources that multiply each other"] = n => "{'Resources':{"
            + Many(7, i => $"'p{i}':" + Policy("{'Fn::Sub':'" + Repeat($"${{p{i + 1}}}", n / 40) + "'}"), count: 7) + ",'p7':" + Policy($"'{new string('x', n / 8)}'") + "}}",
    };

    [Theory, MemberData(nameof(Kinds))]
    public void A_template_costs_no_more_than_its_length(string kind)
    {
        var small = Templates[kind](20_000).Replace('\'', '"');
        var large = Templates[kind](20_000 * Growth).Replace('\'', '"');
        CostOf(small);
        var (first, second) = ((double)CostOf(small) / small.Length, (double)CostOf(large) / large.Length);

        Assert.True(second < Math.Max(BytesPerCharacter, 2 * first), $"{first:0} bytes a character of {small.Length}, {second:0} of {large.Length}");
    }

    [Fact]
    public void A_template_that_is_longer_than_any_is_refused_before_it_is_read()
    {
        var tooLong = new string('[', TemplateCompiler.MaxLength + 1);
        var problem = Assert.Single(ProvisioningTemplate.Validate(tooLong));

        Assert.Contains("262,145 characters", problem.Message);
        Assert.True(CostOf(tooLong) < 10_000);
    }

    [Theory]
    [InlineData("{\n\"Parameters\": [1]}", 2, 15)]
    [InlineData("{\n\n  \"é\": {}, \"ü\": 1}", 3, 8)]
    public void Line_and_column_are_those_of_the_value_in_characters(string body, int line, int column)
    {
        var first = ProvisioningTemplate.Validate(body).First(p => p.Line > 1);
        Assert.Equal((line, column), (first.Line, first.Column));
    }

    [Fact]
    public void Columns_are_right_on_a_line_of_any_length()
    {
        foreach (var length in new[] { 0, 1, 1000, 1022, 1023, 1024, 1025, 5000 })
            foreach (var letter in new[] { "a", "ü", "😀" })
            {
                var prefix = $"{{\"{string.Concat(Enumerable.Repeat(letter, length))}\":";
                var problem = ProvisioningTemplate.Validate($"\n{prefix}1}}").First(p => p.Message.Contains("ignored", StringComparison.Ordinal));
                Assert.Equal((2, prefix.EnumerateRunes().Count() + 1), (problem.Line, problem.Column));
            }
    }

    private static long CostOf(string body)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        ProvisioningTemplate.Validate(body);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Thing(string name) => $"{{'Type':'AWS::IoT::Thing','Properties':{{'ThingName':{name}}}}}";

    private static string Policy(string name) => $"{{'Type':'AWS::IoT::Policy','Properties':{{'PolicyName':{name}}}}}";

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>So many items that they have about that length.</summary>
    private static string Many(int length, Func<int, string> item, int? count = null) =>
        string.Join(',', Enumerable.Range(0, count ?? length / (item(1000).Length + 1)).Select(item));
}
