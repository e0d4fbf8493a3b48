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
    [InlineData("""{ "Fn::Select": [{ "Ref": "Name" }, ["a"]] }""", false)]
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

    [Fact]
    public void A_template_without_a_thing_has_no_name_to_fill_in()
    {
        var template = ProvisioningTemplate.Compile("""{ "Resources": { "p": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "p" } } } }""");
        Assert.False(template.IsThingNameFilledIn);
        Assert.Null(template.ResolveThingName(new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("{ \"CDF\": {} }")]
    public void What_is_no_template_cannot_be_compiled(string body) =>
        Assert.Equal(CdfErrorCode.InvalidTemplate, Assert.Throws<CdfException>(() => ProvisioningTemplate.Compile(body)).Code);

    [Fact]
    public void What_depends_on_no_parameter_is_checked_with_the_template_even_if_it_has_another_resources_name() => Assert.Equal(
        "$.Resources.thing.Properties.AttributePayload.a",
        Sample.Error(Sample.WithValue("""{ "Fn::Join": ["", [{ "Ref": "thing" }, " b"]] }""")).Path);

    [Theory]
    [InlineData("\"x\"", "$.Resources.odd")]
    [InlineData("{ \"Type\": \"AWS::IoT::Thing\" }", "$.Resources.odd")]
    [InlineData("{ \"Type\": \"AWS::IoT::Thing\", \"Properties\": [] }", "$.Resources.odd.Properties")]
    [InlineData("{ \"Properties\": {} }", "$.Resources.odd")]
    [InlineData("{ \"Type\": 1, \"Properties\": {} }", "$.Resources.odd.Type")]
    public void A_resource_has_a_type_and_properties(string resource, string path) => Assert.Equal(
        path, Sample.Error($$"""{ "Resources": { "p": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "p" } }, "odd": {{resource}} } }""").Path);

    [Theory]
    [InlineData("{ \"Properties\": {} }", "AWS::IoT::Policy.")]
    [InlineData("{ \"Type\": 1, \"Properties\": {} }", "AWS::IoT::Policy.")]
    [InlineData("{ \"Type\": \"AWS::IoT::Topic\", \"Properties\": {} }", "AWS::IoT::Policy, not 'AWS::IoT::Topic'.")]
    public void A_type_that_there_is_not_is_named_with_those_there_are(string resource, string end) =>
        Assert.EndsWith(end, Sample.Error($$"""{ "Resources": { "odd": {{resource}} } }""").Message, StringComparison.Ordinal);

    [Fact]
    public void Of_two_things_the_first_one_is_the_templates_and_the_second_is_refused_with_its_line()
    {
        var error = Sample.Error(
            """
            { "Resources": {
                "one": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" } },
                "two": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "no name", "Colour": 1 } } } }
            """);
        Assert.Contains("the first is at line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_of_a_resource_that_are_not_known_are_ignored_with_a_warning() => Assert.Equal(
        "$.Resources.thing.Condition",
        Sample.Warning("""{ "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Condition": "x", "Properties": { "ThingName": "t" } } } }""").Path);

    [Fact]
    public void So_are_properties_of_a_policy_and_override_settings_of_a_certificate()
    {
        Assert.Equal("$.Resources.policy.Properties.Colour", Sample.Warning(Sample.WithPolicy("\"PolicyName\": \"p\", \"Colour\": \"red\"")).Path);
        var body = Sample.WithCertificate("\"CertificatePem\": \"pem\"")
            .Replace("\"Type\": \"AWS::IoT::Certificate\",", "\"Type\": \"AWS::IoT::Certificate\", \"OverrideSettings\": { \"ThingGroups\": \"MERGE\" },", StringComparison.Ordinal);
        Assert.Equal("$.Resources.certificate.OverrideSettings.ThingGroups", Sample.Warning(body).Path);
    }

    [Theory]
    [InlineData("\"ThingGroups\": \"merge\"", "DO_NOTHING, REPLACE, MERGE or FAIL.")]
    [InlineData("\"ThingTypeName\": \"MERGE\"", "DO_NOTHING, REPLACE or FAIL.")]
    public void A_wrong_override_is_refused_with_those_there_are(string setting, string end) => Assert.EndsWith(
        end,
        Sample.Error($$"""{ "Resources": { "t": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" }, "OverrideSettings": { {{setting}} } } } }""").Message,
        StringComparison.Ordinal);

    [Fact]
    public void Numbers_where_only_text_is_documented_are_taken_with_a_warning()
    {
        var problems = Sample.Problems(Sample.WithThing(
            "\"ThingName\": \"t\"", """ "Name": { "Type": "String", "Default": true } """, """ "Mappings": { "m": { "a": { "b": 1, "c": false } } }, """));
        Assert.Equal(
            [("$.Parameters.Name.Default", "write \"true\"."), ("$.Mappings.m.a.b", "write \"1\"."), ("$.Mappings.m.a.c", "write \"false\".")],
            problems.Select(p => (p.Path, p.Message[p.Message.IndexOf("write", StringComparison.Ordinal)..])));
    }

    [Fact]
    public void A_function_of_constants_in_a_policy_document_is_a_part_of_its_text() => Assert.Equal(
        """{"Statement":[],"Id":"a\"-b"}""",
        Sample.Resolve(Sample.WithPolicy(""" "PolicyDocument": { "Statement": [], "Id": { "Fn::Join": ["-", ["a\"", "b"]] } } """), ("Name", "t")).Policies[0].PolicyDocument);

    [Fact]
    public void What_of_a_constant_policy_document_is_accepted_but_may_not_be_meant_is_warned_of()
    {
        var document = System.Text.Json.JsonSerializer.Serialize(Sample.Document.Replace("iot:*", "iot:Publsh", StringComparison.Ordinal));
        Assert.Equal("$.Resources.policy.Properties.PolicyDocument", Sample.Warning(Sample.WithPolicy($"\"PolicyDocument\": {document}")).Path);
    }

    [Fact]
    public void A_certificate_is_known_by_its_id_or_its_PEM_but_not_by_a_CSR()
    {
        var certificate = Certificates.Make.Device(Certificates.Make.Ca());
        var id = new string('a', 64);
        Assert.Equal(id, With($"\"CertificateId\": \"{id}\""));
        Assert.Equal(certificate.Id, With($"\"CertificatePem\": {System.Text.Json.JsonSerializer.Serialize(certificate.Pem)}"));
        Assert.Null(With("\"CertificateSigningRequest\": \"csr\""));

        static string? With(string source) => Sample.Resolve(Sample.WithCertificate(source)).Certificate!.GivenId;
    }
}
