using System.Text;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>Where in a template a problem is, and how many are told.</summary>
public sealed class TemplatePlaceTests
{
    private const string Thing = """{ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" } } }""";

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(3_000)]
    public void Lines_and_columns_are_counted_in_characters_however_long_the_text_before_is(int length)
    {
        var long1 = new string('ü', length);
        var body = $"{{ \"{long1}\": 1,\n\n \"€{long1}\": \"\U0001f600\", \"a\": 2, \"Resources\": {{ \"thing\": {{ \"Type\": \"AWS::IoT::Thing\",\n\"Properties\": {{ \"ThingName\": \"t\" }} }} }} }}";
        Assert.Equal(
            [(1, length + 7), (3, length + 7), (3, length + 17)],
            ProvisioningTemplate.Validate(body).Select(p => (p.Line, p.Column)));
    }

    [Theory]
    [InlineData(1_021)]
    [InlineData(1_022)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(1_025)]
    [InlineData(2_048)]
    public void Every_offset_has_its_column(int offset)
    {
        var text = new TemplateText(Encoding.UTF8.GetBytes($"x\n{new string('a', 1_020)}{new string('b', 1_100)}"));
        Assert.Equal((2, offset - 1), text.Locate(offset));
        Assert.Equal((1, 2), text.Locate(1));
        Assert.Equal((2, 1), text.Locate(2));
        Assert.Equal((2, 6), text.Locate(1L, 5L));
    }

    [Fact]
    public void What_is_missing_at_the_end_is_missing_at_the_end()
    {
        var problem = Sample.Error("{\n\"a\": {}\n\n");
        Assert.Equal((4, 1), (problem.Line, problem.Column));
        var text = new TemplateText("ab\ncd"u8.ToArray());
        Assert.Equal((2, 3), text.Locate(7L, 0L));
        Assert.Equal((2, 3), text.Locate(2L, 0L));
        Assert.Equal((2, 3), text.Locate(1L, 9L));
    }

    [Theory]
    [InlineData("plain_1", "$.plain_1")]
    [InlineData("with space", "$['with space']")]
    [InlineData("", "$['']")]
    [InlineData("größe", "$['größe']")]
    public void A_path_writes_a_name_in_brackets_unless_it_is_plain(string name, string path) =>
        Assert.Equal(path, Sample.Warning(Sample.WithThing("\"ThingName\": \"t\"", sections: $"\"{name}\": 1,")).Path);

    [Theory]
    [InlineData(64, ".")]
    [InlineData(65, "['")]
    public void A_path_shortens_a_name_that_is_too_long_to_read(int length, string before)
    {
        var path = Sample.Warning(Sample.WithThing("\"ThingName\": \"t\"", sections: $"\"{new string('a', length)}\": 1,")).Path;
        Assert.Equal($"${before}{new string('a', 64)}{(length > 64 ? "...']" : "")}", path);
    }

    [Theory]
    [InlineData(499, false)]
    [InlineData(500, true)]
    public void A_path_of_more_than_500_characters_is_cut(int characters, bool isCut)
    {
        var text = new TemplateText([]);
        var place = new TemplatePlace(text, 0);
        while (characters > 0)
        {
            var name = new string('a', Math.Min(49, characters - 1));
            place = new(text, 0, place, name);
            characters -= name.Length + 1;
        }

        Assert.Equal(isCut ? 503 : 500, place.Path.Length);
        Assert.Equal(isCut, place.Path.EndsWith("...", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20, 21)]
    [InlineData(21, 22)]
    public void Up_to_twenty_errors_are_listed_before_the_rest_is_counted(int errors, int lines) =>
        Assert.Equal(lines, Assert.Throws<CdfException>(() => ProvisioningTemplate.Compile(With(errors, "\"b c\""))).Message.Split('\n').Length);

    [Theory]
    [InlineData(1_000, 0)]
    [InlineData(1_001, 1)]
    [InlineData(1_005, 5)]
    public void After_a_thousand_problems_the_rest_is_counted(int problems, int more)
    {
        var members = string.Join(',', Enumerable.Range(0, problems).Select(i => $"\"u{i}\": 1"));
        var found = ProvisioningTemplate.Validate($"{{ {members}, \"Resources\": {Thing} }}");
        Assert.Equal(Math.Min(problems, 1_000) + (more > 0 ? 1 : 0), found.Count);
        Assert.All(found, p => Assert.Equal(TemplateProblemSeverity.Warning, p.Severity));
        Assert.Equal(more > 0, found[^1].Message.StartsWith($"There are {more} problems more", StringComparison.Ordinal));
    }

    [Fact]
    public void An_error_among_those_that_are_only_counted_is_an_error()
    {
        var members = string.Join(',', Enumerable.Range(0, 1_001).Select(i => $"\"u{i}\": 1"));
        var body = $"{{ {members}, \"Resources\": {{ }} }}";
        Assert.Equal(TemplateProblemSeverity.Error, ProvisioningTemplate.Validate(body)[^1].Severity);
        Assert.Contains("There are 2 problems more", Assert.Throws<CdfException>(() => ProvisioningTemplate.Compile(body)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_are_told_in_the_order_of_the_text_within_a_line_too() => Assert.Equal(
        ["$.Resources.thing.Properties.ThingName", "$.Resources.thing.Properties.BillingGroup", "$.Zeta"],
        ProvisioningTemplate.Validate(
            "{ \"Resources\": { \"thing\": { \"Type\": \"AWS::IoT::Thing\", \"Properties\": { \"ThingName\": 1, \"BillingGroup\": \"ä\" } } }, \"Zeta\": 1 }").Select(p => p.Path));

    private static string With(int attributes, string value) => Sample.WithThing(
        $$""" "ThingName": "t", "ThingTypeName": "x", "AttributePayload": { {{string.Join(',', Enumerable.Range(0, attributes).Select(i => $"\"a{i}\": {value}"))}} } """);
}
