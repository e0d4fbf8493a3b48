using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>What a compiled template knows of itself, and what a look at one says.</summary>
public sealed class CompiledTemplateTests
{
    private const string OfTheCertificate = """{ "Ref": "CertificateId" }""";

    [Theory]
    [InlineData("\"t\"", false)]
    [InlineData("""{ "Ref": "Name" }""", false)]
    [InlineData(OfTheCertificate, true)]
    [InlineData("""{ "Fn::Join": ["-", ["t", { "Ref": "CertificateId" }]] }""", true)]
    [InlineData("""{ "Fn::Join": ["-", ["t", { "Ref": "Name" }]] }""", false)]
    [InlineData("""{ "Fn::Sub": "t-${CertificateId}" }""", true)]
    [InlineData("""{ "Fn::Select": ["0", { "Fn::Split": ["-", { "Ref": "CertificateId" }] }] }""", true)]
    [InlineData("""{ "Fn::Select": [{ "Ref": "CertificateId" }, ["a"]] }""", true)]
    [InlineData("""{ "Fn::Select": [{ "Ref": "Name" }, ["a", { "Ref": "Name" }]] }""", false)]
    [InlineData("""{ "Fn::FindInMap": ["m", { "Ref": "CertificateId" }, "b"] }""", true)]
    [InlineData("""{ "Fn::FindInMap": ["m", "a", { "Ref": "CertificateId" }] }""", true)]
    [InlineData("""{ "Fn::FindInMap": ["m", "a", { "Ref": "Name" }] }""", false)]
    [InlineData("""{ "Ref": "named" }""", true)]
    [InlineData("""{ "Ref": "hashed" }""", true)]
    public void A_things_name_is_filled_in_if_anything_in_it_is(string name, bool isFilledIn)
    {
        var template = ProvisioningTemplate.Compile(
            $$"""
            { "Parameters": { "Name": { "Type": "String" }, "CertificateId": { "Type": "String" } }, "CDF": { "createDeviceAWSCertificate": true },
              "Mappings": { "m": { "a": { "b": "c" } } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": {{name}} } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": {{OfTheCertificate}} } },
                "named": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Fn::Sub": "p-${CertificateId}" } } },
                "hashed": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": { "Statement": [], "n": {{OfTheCertificate}} } } } } }
            """);
        Assert.Equal(isFilledIn, template.IsThingNameFilledIn);
        if (isFilledIn)
            Assert.Null(template.FindThingName(new Dictionary<string, string> { ["CertificateId"] = "a", ["Name"] = "b" }));
    }

    [Fact]
    public void A_things_name_is_found_however_wrong_the_rest_is_and_not_if_it_is_wrong_itself()
    {
        var template = ProvisioningTemplate.Compile(Sample.WithThing(""" "ThingName": { "Ref": "Name" }, "BillingGroup": { "Ref": "Site" } """));
        Assert.Equal("t1", template.FindThingName(new Dictionary<string, string> { ["Name"] = "t1", ["Site"] = "no group" }));
        Assert.Null(template.FindThingName(new Dictionary<string, string> { ["Name"] = "no thing" }));
        Assert.Null(template.FindThingName(new Dictionary<string, string>()));
    }

    [Fact]
    public void A_parameter_without_a_value_has_its_default()
    {
        var template = ProvisioningTemplate.Compile(Sample.WithThing(""" "ThingName": { "Ref": "Site" } """));
        Assert.Equal("north", template.FindThingName(new Dictionary<string, string> { ["Site"] = null! }));
    }

    [Fact]
    public void What_a_device_gets_back_is_resolved_for_it()
    {
        var template = ProvisioningTemplate.Compile(Sample.WithThing(
            "\"ThingName\": \"t\"", sections: """ "DeviceConfiguration": { "url": { "Fn::Sub": "https://${thing}.${Site}" }, "port": 8883, "s": "x" }, """));
        Assert.Equal(
            new Dictionary<string, string> { ["url"] = "https://t.south", ["port"] = "8883", ["s"] = "x" },
            template.ResolveDeviceConfiguration(new Dictionary<string, string> { ["Site"] = "south" }));
        Assert.Empty(ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\"")).ResolveDeviceConfiguration(new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("[\"a\"]")]
    [InlineData("{ \"a\": \"b\" }")]
    [InlineData("{ }")]
    public void What_a_device_gets_back_is_flat(string value)
    {
        var problem = Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", sections: $$""" "DeviceConfiguration": { "deep": {{value}} }, """));
        Assert.Equal("$.DeviceConfiguration.deep", problem.Path);
        Assert.Contains("flat", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_configuration_is_an_object() =>
        Assert.Equal("$.DeviceConfiguration", Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", sections: "\"DeviceConfiguration\": [],")).Path);

    [Fact]
    public void A_certificate_alone_registers_nothing()
    {
        Assert.False(ProvisioningTemplate.CertificateAlone.HasResources);
        Assert.True(ProvisioningTemplate.CertificateAlone.Cdf.CreateDeviceCertificate);
        Assert.True(ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\"")).HasResources);
    }

    [Fact]
    public void A_thing_comes_into_its_billing_group_only_if_the_template_names_one()
    {
        var without = ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\""));
        Assert.Same(without, without.SettingBillingGroup());

        var with = ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\", \"BillingGroup\": \"west\""));
        Assert.False(with.Cdf.SetsBillingGroup);
        Assert.False(with.Resolve(new Dictionary<string, string>()).Thing!.OverridesBillingGroup);
        Assert.True(with.SettingBillingGroup().Cdf.SetsBillingGroup);
        Assert.True(with.SettingBillingGroup().Resolve(new Dictionary<string, string>()).Thing!.OverridesBillingGroup);
    }

    [Theory]
    [InlineData("templateBody")]
    [InlineData("TemplateBody")]
    public void Something_that_holds_a_template_is_none_and_says_what_to_do(string name)
    {
        var problem = Sample.Error($$"""{ "{{name}}": "{}", "roleArn": "arn:aws:iam::1:role/r" }""");
        Assert.Equal($"$.{name}", problem.Path);
        Assert.Contains("holds one", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_nothing_uses_are_warned_of_and_no_others()
    {
        var body = Sample.WithCertificate(
            """ "CertificateId": { "Ref": "CertificateId" } """,
            """ "CDF": { "createDeviceAWSCertificate": true }, "DeviceConfiguration": { "a": { "Ref": "Url" }, "b": { "Fn::Sub": "x" } }, """,
            """ "CertificateId": { "Type": "String" }, "CertificateArn": { "Type": "String" }, "Url": { "Type": "String" }, "Spare": { "Type": "String" } """);
        Assert.Equal(
            ["$.Parameters.Spare"],
            ProvisioningTemplate.Validate(body).Where(p => p.Message.StartsWith("Nothing uses the parameter", StringComparison.Ordinal)).Select(p => p.Path));
    }

    [Theory]
    [InlineData("AWS::IoT::Certificate::CommonNmae", "did you mean 'AWS::IoT::Certificate::CommonName'?")]
    [InlineData("AWS::Region", "would give it no value.")]
    public void A_parameter_of_AWS_that_it_does_not_document_is_warned_of(string name, string said) => Assert.EndsWith(
        said, Assert.Single(ProvisioningTemplate.Validate(Sample.WithThing("\"ThingName\": \"t\"", $$""" "{{name}}": { "Type": "String" } """))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_parameter_of_AWS_that_it_documents_is_no_problem_though_nothing_uses_it() => Assert.Empty(
        ProvisioningTemplate.Validate(Sample.WithThing("\"ThingName\": \"t\"", """ "AWS::IoT::Certificate::Id": { "Type": "String" } """)));

    [Theory]
    [InlineData("{ \"Attributes\": { \"a\": \"b\" } }", "a")]
    [InlineData("{ \"attributes\": \"b\" }", "attributes")]
    [InlineData("{ \"attributes\": { \"Ref\": \"Site\" } }", "attributes")]
    [InlineData("{ \"attributes\": { \"a\": \"b\" }, \"c\": \"d\" }", null)]
    public void Attributes_may_be_nested_by_themselves_alone(string payload, string? name)
    {
        var body = Sample.WithThing($"\"ThingName\": \"t\", \"AttributePayload\": {payload}");
        if (name is null)
            Assert.Equal("$.Resources.thing.Properties.AttributePayload.attributes", Sample.Error(body).Path);
        else
            Assert.Equal([name], Sample.Resolve(body).Thing!.Attributes!.Keys);
    }

    [Fact]
    public void Of_attributes_that_are_the_same_for_every_device_one_copy_is_enough()
    {
        var template = ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\", \"ThingTypeName\": \"x\", \"AttributePayload\": { \"a\": \"1\", \"b\": \"2\", \"c\": \"3\", \"d\": \"4\" }"));
        var attributes = template.Resolve(new Dictionary<string, string>()).Thing!.Attributes!;
        Assert.Equal("1234", string.Concat(attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => a.Value)));
        Assert.Same(attributes, template.Resolve(new Dictionary<string, string>()).Thing!.Attributes);
    }

    [Fact]
    public void Override_settings_of_a_policy_are_ignored_with_a_warning()
    {
        var body = Sample.WithPolicy("\"PolicyName\": \"p\"").Replace("\"Type\": \"AWS::IoT::Policy\",", "\"Type\": \"AWS::IoT::Policy\", \"OverrideSettings\": {},", StringComparison.Ordinal);
        Assert.Equal("$.Resources.policy.OverrideSettings", Sample.Warning(body).Path);
    }

    [Fact]
    public void A_template_with_many_members_is_read_as_one_with_few()
    {
        var spare = string.Concat(Enumerable.Range(0, 10).Select(i => $"\"u{i}\": 1, "));
        Assert.Equal("t1", Sample.Resolve($$"""{ {{spare}}"Parameters": { "Name": { "Type": "String" } }, "Resources": { "thing": { {{spare}}"Type": "AWS::IoT::Thing", "Properties": { {{spare}}"ThingName": { "Ref": "Name" } } } } }""", ("Name", "t1")).Thing!.ThingName);
    }

    [Theory]
    [InlineData(" 1")]
    [InlineData("+1")]
    [InlineData("2")]
    [InlineData("one")]
    public void An_item_is_selected_by_a_plain_number_that_the_list_has(string index) =>
        Assert.Contains($"'{index}' of a list of 2", Sample.Refusal(Sample.WithValue("""{ "Fn::Select": [{ "Ref": "Site" }, ["a", "b"]] }"""), ("Site", index)), StringComparison.Ordinal);
}
