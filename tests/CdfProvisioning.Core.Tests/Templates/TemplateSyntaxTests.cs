using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class TemplateSyntaxTests
{
    [Fact]
    public void The_originals_documented_template_has_no_problems() =>
        Assert.Empty(ProvisioningTemplate.Validate(Sample.CreateDeviceCertificate));

    [Fact]
    public void A_template_that_cannot_be_used_is_refused_with_line_column_and_path_of_every_error()
    {
        const string body =
            """
            {
              "Resources": {
                "thing": {
                  "Type": "AWS::IoT::Thing",
                  "Properties": { "ThingName": "no spaces", "BillingGroup": { "Ref": "Größe" } }
                },
                "two": { "Type": "AWS::IoT::Topic", "Properties": {} }
              }
            }
            """;
        var error = Assert.Throws<CdfException>(() => ProvisioningTemplate.Compile(body));

        Assert.Equal(CdfErrorCode.InvalidTemplate, error.Code);
        var lines = error.Message.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("line 5, column 36 ($.Resources.thing.Properties.ThingName): Thing name 'no spaces'", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("line 5, column 74 ($.Resources.thing.Properties.BillingGroup.Ref): 'Größe'", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("line 7, column 22 ($.Resources.two.Type): ", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void The_refusal_of_a_template_lists_twenty_errors_and_counts_the_rest()
    {
        var body = Sample.WithThing(
            $$""" "ThingName": "t", "ThingTypeName": "x", "AttributePayload": { {{string.Join(',', Enumerable.Range(0, 25).Select(i => $"\"a{i}\": \"b c\""))}} } """);
        var lines = Assert.Throws<CdfException>(() => ProvisioningTemplate.Compile(body)).Message.Split('\n');
        Assert.Equal(22, lines.Length);
        Assert.Equal("and 5 more", lines[^1]);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("nonsense", 1, 2)]
    [InlineData("{\n  \"Größe\": }", 2, 12)]
    [InlineData("{ } { }", 1, 5)]
    [InlineData("{\n  // comment\n}", 2, 3)]
    [InlineData("{ \"Resources\": { }, }", 1, 21)]
    public void Text_that_is_not_JSON_is_refused_where_it_goes_wrong(string body, int line, int column)
    {
        var problem = Sample.Error(body);
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.DoesNotContain("LineNumber", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("1e999999999")]
    public void A_template_is_a_JSON_object(string body) => Assert.Equal("$", Sample.Error(body).Path);

    [Fact]
    public void A_member_that_occurs_twice_is_refused_at_its_second_occurrence()
    {
        var problem = Sample.Error("{\n\"Resources\": { \"t\": { \"Type\": \"AWS::IoT::Thing\", \"Properties\": { \"ThingName\": \"a\",\n  \"ThingName\": \"b\" } } } }");
        Assert.Equal((3, 3), (problem.Line, problem.Column));
        Assert.Equal("$.Resources.t.Properties.ThingName", problem.Path);
        Assert.Contains("twice", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public void A_template_nested_without_end_is_refused(int depth) =>
        Assert.Contains("depth", Sample.Error(string.Concat(Enumerable.Repeat("{\"a\":", depth))).Message, StringComparison.Ordinal);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Contains("surrogate", Sample.Error(Sample.WithValue(@"""\ud800""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ }""")]
    [InlineData("""{ "Resources": { } }""")]
    public void A_template_needs_a_resource(string body) => Assert.Contains("no resources", Sample.Error(body).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Sections_that_are_not_known_are_ignored_with_a_warning()
    {
        var problem = Sample.Warning(Sample.WithThing("\"ThingName\": \"t\"", sections: "\"Outputs\": {},"));
        Assert.Equal("$.Outputs", problem.Path);
    }

    [Fact]
    public void Properties_that_are_not_known_are_ignored_with_a_warning() =>
        Assert.Equal("$.Resources.thing.Properties.Colour", Sample.Warning(Sample.WithThing("\"ThingName\": \"t\", \"Colour\": \"red\"")).Path);

    [Fact]
    public void A_template_longer_than_AWS_takes_is_usable_with_a_warning()
    {
        var body = Sample.WithThing("\"ThingName\": \"t\"" + new string(' ', 11_000));
        Assert.Contains("10240", Sample.Warning(body).Message, StringComparison.Ordinal);
        Assert.Equal("t", Sample.Resolve(body).Thing!.ThingName);
    }

    [Fact]
    public void The_CDF_section_does_not_count_towards_what_AWS_takes() =>
        Assert.Empty(ProvisioningTemplate.Validate(Sample.CreateDeviceCertificate.Replace("\"CDF\": {", "\"CDF\": {" + new string(' ', 11_000), StringComparison.Ordinal)));

    [Fact]
    public void A_device_configuration_is_ignored_with_a_warning() =>
        Assert.Equal("$.DeviceConfiguration", Sample.Warning(Sample.WithThing("\"ThingName\": \"t\"", sections: "\"DeviceConfiguration\": { \"url\": \"x\" },")).Path);

    [Fact]
    public void The_same_text_is_compiled_once()
    {
        var body = Sample.WithThing("\"ThingName\": \"compiled-once\"");
        Assert.Same(ProvisioningTemplate.Compile(body), ProvisioningTemplate.Compile(new string(body)));
    }

    [Fact]
    public void Many_threads_with_many_templates_each_get_the_template_they_asked_for() =>
        Parallel.For(0, 2_000, i =>
        {
            var name = $"thing{i % 150}";
            Assert.Equal(name, Sample.Resolve(Sample.WithThing($"\"ThingName\": \"{name}\"")).Thing!.ThingName);
        });
}
