using System.Globalization;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class FunctionTests
{
    private const string Mappings = """ "Mappings": { "Sites": { "north": { "Url": "n.example" }, "south": { "Url": "s.example" } } }, """;

    [Theory]
    [InlineData("""{ "Fn::Join": ["-", ["a", { "Ref": "Site" }, "b"]] }""", "a-south-b")]
    [InlineData("""{ "Fn::Join": ["", []] }""", "")]
    [InlineData("""{ "Fn::Join": [":", { "Fn::Split": ["-", "a-b-c"] }] }""", "a:b:c")]
    [InlineData("""{ "Fn::Select": ["1", ["a", { "Ref": "Site" }]] }""", "south")]
    [InlineData("""{ "Fn::Select": [0, { "Fn::Split": ["t", { "Ref": "Site" }] }] }""", "sou")]
    [InlineData("""{ "Fn::Sub": "${Site}-1" }""", "south-1")]
    [InlineData("""{ "Fn::Sub": ["${Site}.${Zone}.${thing}", { "Zone": { "Fn::Join": ["", ["z", "1"]] } }] }""", "south.z1.t")]
    [InlineData("""{ "Fn::Sub": ["${Site}-${thing}", { "Site": "own", "thing": "mine" }] }""", "own-mine")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", { "Ref": "Site" }, "Url"] }""", "s.example")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", "north", "Url"] }""", "n.example")]
    [InlineData("""{ "Ref": "thing" }""", "t")]
    public void A_function_yields_what_AWS_documents(string value, string expected) =>
        Assert.Equal(expected, Sample.ResolveValue(value, Mappings, ("Site", "south")));

    [Fact]
    public void Text_in_Sub_that_must_stay_is_written_with_an_exclamation_mark()
    {
        var policy = Assert.Single(Sample.Resolve(
            Sample.WithPolicy("""
                "PolicyDocument": { "Fn::Sub": "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"iot:*\",\"Resource\":\"arn:aws:iot:r:1:topic/${!iot:Connection.Thing.ThingName}/${Name}\"}}" }
                """),
            ("Name", "t1")).Policies);
        Assert.Equal("""{"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"arn:aws:iot:r:1:topic/${iot:Connection.Thing.ThingName}/t1"}}""", policy.PolicyDocument);
    }

    [Theory]
    [InlineData("""{ "Fn::Join": ["-"] }""")]
    [InlineData("""{ "Fn::Join": [{ "Ref": "Site" }, ["a"]] }""")]
    [InlineData("""{ "Fn::Join": ["-", "a"] }""")]
    [InlineData("""{ "Fn::Join": ["-", ["a", null]] }""")]
    [InlineData("""{ "Fn::Select": [2, ["a", "b"]] }""")]
    [InlineData("""{ "Fn::Select": [0] }""")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", "north"] }""")]
    [InlineData("""{ "Fn::Select": [-1, ["a", "b"]] }""")]
    [InlineData("""{ "Fn::Select": [1e999999999, ["a", "b"]] }""")]
    [InlineData("""{ "Fn::Select": [0, ["a", null]] }""")]
    [InlineData("""{ "Fn::Split": ["-", "a-b"] }""")]
    [InlineData("""{ "Fn::Select": [0, { "Fn::Split": ["", "a-b"] }] }""")]
    [InlineData("""{ "Fn::Sub": "${Site" }""")]
    [InlineData("""{ "Fn::Sub": "${Stie}" }""")]
    [InlineData("""{ "Fn::Sub": ["a", { "Unused": null }] }""")]
    [InlineData("""{ "Fn::Sub": { "Ref": "Site" } }""")]
    [InlineData("""{ "Fn::FindInMap": ["Sties", "north", "Url"] }""")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", "east", "Url"] }""")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", "north", "Uri"] }""")]
    [InlineData("""{ "Fn::GetAtt": ["thing", "Arn"] }""")]
    [InlineData("""{ "Ref": ["Site"] }""")]
    [InlineData("""{ "Ref": "Site", "Fn::Sub": "x" }""")]
    [InlineData("""["a"]""")]
    [InlineData("null")]
    public void A_function_that_cannot_work_is_an_error_within_its_property(string value) =>
        Assert.StartsWith("$.Resources.thing.Properties.AttributePayload.a", Sample.Error(Sample.WithValue(value, Mappings)).Path, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "Fn::Select": [{ "Ref": "Site" }, ["a", "b"]] }""", "'south'")]
    [InlineData("""{ "Fn::FindInMap": ["Sites", { "Ref": "Name" }, "Url"] }""", "'t1'")]
    public void What_only_a_devices_parameters_make_wrong_is_said_with_the_resource(string value, string shown)
    {
        var message = Sample.Refusal(Sample.WithValue(value, Mappings), ("Name", "t1"), ("Site", "south"));
        Assert.Contains(shown, message, StringComparison.Ordinal);
        Assert.Contains("resource 'thing'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "Mappings": { "Sites": { "north": { "Url": { "Ref": "Site" } } } }, """, "$.Mappings.Sites.north.Url")]
    [InlineData(""" "Mappings": { "Sites": { "north": "x" } }, """, "$.Mappings.Sites.north")]
    [InlineData(""" "Mappings": [], """, "$.Mappings")]
    public void Mappings_are_two_levels_of_text(string mappings, string path) =>
        Assert.Equal(path, Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", sections: mappings)).Path);

    [Fact]
    public void Functions_other_than_Ref_are_warned_of_once_since_AWS_documents_them_for_fleet_provisioning_only() =>
        Assert.Contains(
            "fleet provisioning",
            Sample.Warning(Sample.WithThing("""
                "ThingName": { "Fn::Sub": "${Name}" }, "BillingGroup": { "Fn::Sub": "${Name}" }
                """)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Join_in_a_policy_works_with_a_warning_that_AWS_does_not_support_it()
    {
        var body = Sample.WithPolicy(""" "PolicyName": { "Fn::Join": ["-", ["p", { "Ref": "Name" }]] } """);
        Assert.Contains(ProvisioningTemplate.Validate(body), p => p.Message.Contains("Fn::Join in policies", StringComparison.Ordinal));
        Assert.Equal("p-t1", Sample.Resolve(body, ("Name", "t1")).Policies[0].PolicyName);
    }

    [Fact]
    public void Reference_to_a_thing_is_its_name_and_to_a_policy_the_policys()
    {
        var body = """
            { "Parameters": { "Name": { "Type": "String" } },
              "Resources": {
                "p": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Fn::Sub": "policy-of-${thing}" } } },
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "policy": { "Ref": "p" } } } },
                "c": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "x" } } } }
            """;
        Assert.Equal("policy-of-t1", Sample.Resolve(body, ("Name", "t1")).Thing!.Attributes!["policy"]);
    }

    [Fact]
    public void Reference_to_a_certificate_is_an_error() =>
        Assert.Contains(
            "certificate",
            Sample.Error(Sample.WithCertificate("""  "CertificatePem": { "Ref": "certificate" } """)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_name_that_depends_on_itself_is_an_error() =>
        Assert.Contains("itself", Sample.Error(Sample.WithThing(""" "ThingName": { "Ref": "thing" } """)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_long_chain_of_names_is_an_error_in_whatever_order_it_stands(bool ascending)
    {
        var ids = Enumerable.Range(1, 2_500);
        var policies = (ascending ? ids : ids.Reverse())
            .Select(i => string.Create(CultureInfo.InvariantCulture, $$""" "p{{i}}": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Ref": "{{(i == 1 ? "Name" : $"p{i - 1}")}}" } } } """));
        var body = $$"""
            { "Parameters": { "Name": { "Type": "String" } }, "Resources": { {{string.Join(',', policies)}},
              "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "p2500" } } } } }
            """;
        Assert.Contains(ProvisioningTemplate.Validate(body), p => p.Message.Contains("too long a chain", StringComparison.Ordinal));
    }

    [Fact]
    public void Functions_that_multiply_text_without_end_are_refused()
    {
        var nested = """{ "Ref": "Site" }""";
        for (var i = 0; i < 4; i++)
            nested = $$"""{ "Fn::Join": ["{{new string('x', 500)}}", { "Fn::Split": ["x", {{nested}}] }] }""";
        Assert.Contains("404600", Sample.Refusal(Sample.WithValue(nested), ("Site", new string('x', 4_000))), StringComparison.Ordinal);
    }
}
