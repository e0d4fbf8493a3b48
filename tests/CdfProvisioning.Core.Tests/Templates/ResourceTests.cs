using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class ResourceTests
{
    [Fact]
    public void A_thing_has_its_attributes_type_groups_billing_group_and_override_settings()
    {
        var thing = Sample.Resolve(
            """
            {
              "Parameters": { "Name": { "Type": "String" }, "Groups": { "Type": "String" } },
              "Resources": {
                "thing": {
                  "Type": "AWS::IoT::Thing",
                  "Properties": {
                    "ThingName": { "Ref": "Name" },
                    "AttributePayload": { "version": "v1", "serial": { "Ref": "Name" } },
                    "ThingTypeName": "sensor",
                    "ThingGroups": ["widgets", { "Fn::Sub": "of-${Name}" }],
                    "BillingGroup": "west"
                  },
                  "OverrideSettings": { "AttributePayload": "MERGE", "THING_TYPE_NAME": "REPLACE", "ThingGroups": "FAIL" }
                }
              }
            }
            """,
            ("Name", "t1")).Thing!;

        Assert.Equal("thing", thing.LogicalId);
        Assert.Equal("t1", thing.ThingName);
        Assert.Equal(new Dictionary<string, string> { ["version"] = "v1", ["serial"] = "t1" }, thing.Attributes);
        Assert.Equal("sensor", thing.ThingTypeName);
        Assert.Equal(["widgets", "of-t1"], thing.ThingGroups);
        Assert.Equal("west", thing.BillingGroup);
        Assert.Equal(OverrideAction.Merge, thing.AttributePayloadOverride);
        Assert.Equal(OverrideAction.Replace, thing.ThingTypeNameOverride);
        Assert.Equal(OverrideAction.Fail, thing.ThingGroupsOverride);
    }

    [Fact]
    public void A_thing_says_nothing_about_what_its_template_leaves_out_and_overrides_nothing()
    {
        var thing = Sample.Resolve(Sample.WithThing("\"ThingName\": \"t\"")).Thing!;
        Assert.Null(thing.Attributes);
        Assert.Null(thing.ThingTypeName);
        Assert.Null(thing.ThingGroups);
        Assert.Null(thing.BillingGroup);
        Assert.Equal(OverrideAction.DoNothing, thing.AttributePayloadOverride);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("[]", false)]
    [InlineData("""{ "a": "b" }""", false)]
    [InlineData("""{ "attributes": { "a": "b" } }""", true)]
    [InlineData("""{ "a": 1 }""", true)]
    public void Attributes_are_a_flat_object_and_other_forms_seen_in_the_wild_work_with_a_warning(string payload, bool warns) =>
        Assert.Equal(
            warns ? [TemplateProblemSeverity.Warning] : [],
            Sample.Problems(Sample.WithThing($"\"ThingName\": \"t\", \"AttributePayload\": {payload}")).Select(p => p.Severity));

    [Theory]
    [InlineData("\"ThingName\": \"a b\"", "ThingName")]
    [InlineData("\"ThingName\": \"\"", "ThingName")]
    [InlineData("\"ThingName\": \"t\", \"ThingTypeName\": \"a/b\"", "ThingTypeName")]
    [InlineData("\"ThingName\": \"t\", \"ThingGroups\": [\"a\", \"b/c\"]", "ThingGroups")]
    [InlineData("\"ThingName\": \"t\", \"ThingGroups\": \"a\"", "ThingGroups")]
    [InlineData("\"ThingName\": \"t\", \"BillingGroup\": \"ä\"", "BillingGroup")]
    [InlineData("\"ThingName\": \"t\", \"AttributePayload\": { \"a\": \"b c\" }", "AttributePayload.a")]
    [InlineData("\"ThingName\": \"t\", \"AttributePayload\": { \"a!\": \"b\" }", "AttributePayload['a!']")]
    [InlineData("\"ThingName\": \"t\", \"AttributePayload\": { \"a\": \"1\", \"b\": \"2\", \"c\": \"3\", \"d\": \"4\" }", "AttributePayload")]
    [InlineData("\"ThingName\": \"t\", \"AttributePayload\": { \"Ref\": \"Site\" }", "AttributePayload")]
    [InlineData("\"ThingName\": \"t\", \"AttributePayload\": [\"a\"]", "AttributePayload")]
    public void What_AWS_would_refuse_in_a_thing_is_found_when_the_template_is_checked(string properties, string path) =>
        Assert.Equal("$.Resources.thing.Properties." + path, Sample.Error(Sample.WithThing(properties)).Path);

    [Fact]
    public void A_thing_needs_a_name() => Assert.Contains("no ThingName", Sample.Error(Sample.WithThing("")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_from_a_parameter_is_checked_for_each_device()
    {
        var message = Sample.Refusal(Sample.WithThing(""" "ThingName": { "Ref": "Name" } """), ("Name", "my thing"));
        Assert.Contains("'my thing' does not match [a-zA-Z0-9:_-]{1,128}", message, StringComparison.Ordinal);
        Assert.Contains("resource 'thing'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_may_come_from_a_list_in_one_parameter()
    {
        var body = Sample.WithThing(""" "ThingName": "t", "ThingGroups": { "Fn::Split": [",", { "Ref": "Name" }] } """);
        Assert.Equal(["a", "b"], Sample.Resolve(body, ("Name", "a,b")).Thing!.ThingGroups);
        Assert.Contains("'b c'", Sample.Refusal(body, ("Name", "a,b c")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_active_and_not_exclusive_unless_the_template_says_otherwise()
    {
        var certificate = Sample.Resolve(Sample.WithCertificate("\"CertificateSigningRequest\": \"csr\"")).Certificate!;
        Assert.Equal(new("certificate", "csr", null, null, null, "ACTIVE", "NON_EXCLUSIVE_THING", OverrideAction.DoNothing), certificate);
    }

    [Theory]
    [InlineData("Active", "ACTIVE")]
    [InlineData("inactive", "INACTIVE")]
    public void A_status_may_be_written_in_any_case(string written, string status) =>
        Assert.Equal(status, Sample.Resolve(Sample.WithCertificate($"\"CertificatePem\": \"pem\", \"Status\": \"{written}\"")).Certificate!.Status);

    [Fact]
    public void A_status_from_a_parameter_is_checked_for_each_device()
    {
        var body = Sample.WithCertificate(""" "CertificatePem": "pem", "Status": { "Ref": "S" } """, parameters: """ "S": { "Type": "String" } """);
        Assert.Equal("INACTIVE", Sample.Resolve(body, ("S", "Inactive")).Certificate!.Status);
        Assert.Contains("'REVOKED'", Sample.Refusal(body, ("S", "REVOKED")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"Status\": \"ACTIVE\"")]
    [InlineData("\"CertificatePem\": \"pem\", \"CertificateSigningRequest\": \"csr\"")]
    [InlineData("\"CertificateSigningRequest\": \"csr\", \"CACertificatePem\": \"pem\"")]
    [InlineData("\"CertificatePem\": \"\"")]
    [InlineData("\"CertificateId\": \"abc\"")]
    [InlineData("\"CertificatePem\": \"pem\", \"Status\": \"PENDING_ACTIVATION\"")]
    [InlineData("\"CertificatePem\": \"pem\", \"ThingPrincipalType\": \"SHARED\"")]
    public void A_certificate_is_given_in_exactly_one_way(string properties) =>
        Assert.StartsWith("$.Resources.certificate.Properties", Sample.Error(Sample.WithCertificate(properties)).Path, StringComparison.Ordinal);

    [Theory]
    [InlineData("thing", "\"ThingTypeName\": \"MERGE\"")]
    [InlineData("thing", "\"ThingGroups\": \"merge\"")]
    [InlineData("thing", "\"ThingGroups\": [\"MERGE\"]")]
    [InlineData("thing", "\"ThingGroups\": \"MERGE\", \"THING_GROUPS\": \"FAIL\"")]
    [InlineData("certificate", "\"Status\": \"MERGE\"")]
    public void An_override_that_AWS_does_not_document_is_an_error(string resource, string settings)
    {
        var body = Sample.WithCertificate("\"CertificatePem\": \"pem\"")
            .Replace($"\"{resource}\": {{", $"\"{resource}\": {{ \"OverrideSettings\": {{ {settings} }},", StringComparison.Ordinal);
        Assert.StartsWith($"$.Resources.{resource}.OverrideSettings", Sample.Error(body).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_setting_that_is_not_known_is_ignored_with_a_warning() =>
        Assert.Equal(
            "$.Resources.t.OverrideSettings.BillingGroup",
            Sample.Warning(
                """
                { "Resources": { "t": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" }, "OverrideSettings": { "BillingGroup": "REPLACE" } } } }
                """).Path);

    [Fact]
    public void Package_versions_are_for_AWS_only() =>
        Assert.Contains("AWS IoT only", Sample.Warning(Sample.WithThing("\"ThingName\": \"t\", \"PackageVersions\": { \"p\": \"1\" }")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_policy_with_only_a_name_must_exist() =>
        Assert.Equal([new("policy", "p", null)], Sample.Resolve(Sample.WithPolicy("\"PolicyName\": \"p\""), ("Name", "t")).Policies);

    [Fact]
    public void A_policy_with_only_a_document_is_named_by_the_documents_hash_as_in_AWS_sample()
    {
        var policy = Sample.Resolve(Sample.WithPolicy($"\"PolicyDocument\": {System.Text.Json.JsonSerializer.Serialize(Sample.Document)}"), ("Name", "t")).Policies[0];
        Assert.Equal(Sample.Document, policy.PolicyDocument);
        Assert.Matches("^[0-9A-F]{40}$", policy.PolicyName);
    }

    [Fact]
    public void A_policy_document_may_be_an_object_with_functions_in_it_and_becomes_compact_JSON()
    {
        var policy = Sample.Resolve(
            Sample.WithPolicy(
                """
                "PolicyDocument": {
                  "Version": "2012-10-17",
                  "Statement": [ { "Effect": "Allow", "Action": "iot:*", "Resource": [ { "Fn::Sub": "arn:aws:iot:r:1:topic/${Name}\"<ü>" }, "arn:aws:iot:r:1:client/${iot:ClientId}" ], "n": 1.50 } ]
                }
                """),
            ("Name", "t1")).Policies[0];
        Assert.Equal("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":["arn:aws:iot:r:1:topic/t1\"<ü>","arn:aws:iot:r:1:client/${iot:ClientId}"],"n":1.50}]}""", policy.PolicyDocument);
    }

    [Theory]
    [InlineData("\"PolicyDocument\": \"not JSON\"")]
    [InlineData("\"PolicyDocument\": \"[]\"")]
    [InlineData("\"PolicyDocument\": []")]
    [InlineData("\"PolicyDocument\": \"{}\"")]
    [InlineData("\"PolicyDocument\": { \"Statement\": [ { \"Effect\": \"Allow\", \"Action\": \"iot:*\" } ] }")]
    [InlineData("\"PolicyName\": \"a/b\"")]
    [InlineData("\"PolicyName\": \"\"")]
    [InlineData("")]
    public void A_policy_that_AWS_would_refuse_is_an_error(string properties) =>
        Assert.StartsWith("$.Resources.policy.Properties", Sample.Error(Sample.WithPolicy(properties)).Path, StringComparison.Ordinal);

    [Fact]
    public void A_policy_with_name_and_document_is_usable_with_a_warning()
    {
        var body = Sample.WithPolicy("\"PolicyName\": \"p\", \"PolicyDocument\": { \"Statement\": [] }");
        Assert.Contains("not both", Sample.Warning(body).Message, StringComparison.Ordinal);
        Assert.Equal([new("policy", "p", """{"Statement":[]}""")], Sample.Resolve(body, ("Name", "t")).Policies);
    }

    [Theory]
    [InlineData("thing", "AWS::IoT::Thing", "\"ThingName\": \"u\"")]
    [InlineData("certificate", "AWS::IoT::Certificate", "\"CertificatePem\": \"pem\"")]
    public void A_template_has_at_most_one_thing_and_one_certificate(string first, string type, string properties)
    {
        var body = Sample.WithCertificate("\"CertificatePem\": \"pem\"")
            .Replace("\"Resources\": {", $"\"Resources\": {{ \"another\": {{ \"Type\": \"{type}\", \"Properties\": {{ {properties} }} }},", StringComparison.Ordinal);
        Assert.Equal($"$.Resources.{first}", Sample.Error(body).Path);
    }

    [Fact]
    public void A_name_that_is_a_parameters_and_a_resources_is_an_error() =>
        Assert.Contains("rename", Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", """ "thing": { "Type": "String" } """)).Message, StringComparison.Ordinal);

    [Fact]
    public void Policies_without_a_certificate_are_warned_of() =>
        Assert.Contains("attached to nothing", Sample.Warning(
            """{ "Resources": { "p": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "p" } } } }""").Message, StringComparison.Ordinal);
}
