using System.Text.Json;
using CdfProvisioning.Templates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>What holds of every text, every JSON, and every template that was once a good one.</summary>
public sealed class TemplateProperties
{
    /// <summary>A template that uses everything.</summary>
    private const string Everything =
        """
        {
          "Parameters": {
            "Name": { "Type": "String" },
            "Site": { "Type": "String", "Default": "north" },
            "Groups": { "Type": "String", "Default": "a,b" },
            "CertificateId": { "Type": "String" }
          },
          "Mappings": { "Sites": { "north": { "Url": "n.example" } } },
          "DeviceConfiguration": { "url": { "Ref": "Site" } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": {
                "ThingName": { "Fn::Join": ["-", ["t", { "Ref": "Name" }]] },
                "ThingTypeName": { "Fn::Select": ["0", { "Fn::Split": ["-", { "Ref": "Name" }] }] },
                "ThingGroups": { "Fn::Split": [",", { "Ref": "Groups" }] },
                "BillingGroup": "west",
                "AttributePayload": { "url": { "Fn::FindInMap": ["Sites", { "Ref": "Site" }, "Url"] }, "site": { "Fn::Sub": ["${S}/x", { "S": { "Ref": "Site" } }] } }
              },
              "OverrideSettings": { "AttributePayload": "MERGE", "THING_GROUPS": "FAIL" }
            },
            "certificate": {
              "Type": "AWS::IoT::Certificate",
              "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "Active" },
              "OverrideSettings": { "Status": "REPLACE" }
            },
            "named": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Fn::Sub": "p-${thing}" } } },
            "hashed": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": { "Statement": [ { "Effect": "Deny", "Action": "iot:*", "Resource": { "Fn::Sub": "arn:aws:iot:r:1:topic/${Name}" }, "n": 1 } ] } } }
          },
          "CDF": { "createDeviceAWSCertificate": true, "attachAdditionalPolicies": [ { "document": "{\"Statement\":[]}" } ] }
        }
        """;

    private static readonly Config ManyTimes = Config.QuickThrowOnFailure.WithMaxTest(1_000);

    private static readonly string[] Words =
    [
        "Parameters", "Mappings", "Resources", "CDF", "DeviceConfiguration", "Type", "Default", "String", "Properties", "OverrideSettings",
        "AWS::IoT::Thing", "AWS::IoT::Certificate", "AWS::IoT::Policy", "ThingName", "ThingGroups", "AttributePayload", "attributes", "CertificateId",
        "CertificatePem", "PolicyName", "PolicyDocument", "Status", "Name", "thing", "policy", "Ref", "Fn::Join", "Fn::Select", "Fn::Split",
        "Fn::Sub", "Fn::FindInMap", "acmpca", "mode", "attachAdditionalPolicies", "createDeviceCertificate", "MERGE", "${Name}", "{}", "",
    ];

    private static Gen<string> Word => Gen.OneOf(Gen.Elements(Words), ArbMap.Default.GeneratorFor<string>().Where(s => s is not null));

    [Fact]
    public void Any_text_is_a_template_or_has_errors_within_the_text() =>
        Prop.ForAll(Word.ToArbitrary(), IsTemplateOrHasErrors).Check(ManyTimes);

    [Fact]
    public void Any_JSON_is_a_template_or_has_errors_within_the_text() =>
        Prop.ForAll(Gen.Sized(Json).ToArbitrary(), IsTemplateOrHasErrors).Check(ManyTimes);

    [Fact]
    public void A_template_with_a_part_cut_out_or_put_in_is_a_template_or_has_errors_within_the_text() =>
        Prop.ForAll(
            (from start in Gen.Choose(0, Everything.Length - 1)
             from length in Gen.Choose(0, Math.Min(40, Everything.Length - start))
             from inserted in Gen.OneOf(Gen.Constant(""), Word, Gen.Sized(size => Json(size / 4)))
             select Everything.Remove(start, length).Insert(start, inserted)).ToArbitrary(),
            IsTemplateOrHasErrors).Check(ManyTimes);

    [Fact]
    public void A_template_with_a_value_exchanged_is_a_template_or_has_errors_within_the_text()
    {
        var values = Values(JsonDocument.Parse(Everything).RootElement).Select(e => e.GetRawText()).Distinct().ToArray();
        Prop.ForAll(
            (from old in Gen.Elements(values)
             from replacement in Gen.OneOf(Gen.Elements(values), Gen.Sized(size => Json(size / 4)))
             select Everything.Replace(old, replacement, StringComparison.Ordinal)).ToArbitrary(),
            IsTemplateOrHasErrors).Check(ManyTimes);
    }

    [Fact]
    public void Resolving_answers_with_names_that_AWS_takes_or_refuses_the_request()
    {
        var template = ProvisioningTemplate.Compile(Everything);
        var value = Gen.OneOf(
            Gen.Elements("", "north", "a-b", "x", "-", ",", new string('a', 64), new string('x', 130), new string('y', 5_000), "{\"a\": 1}", "\ud800"),
            ArbMap.Default.GeneratorFor<string>());
        Prop.ForAll(
            (from name in value
             from site in value
             from groups in value
             from id in value
             select new Dictionary<string, string> { ["Name"] = name, ["Site"] = site, ["Groups"] = groups, ["CertificateId"] = id }).ToArbitrary(),
            parameters => IsResolvedOrRefused(template, parameters)).Check(ManyTimes);
    }

    [Fact]
    public void The_template_that_uses_everything_is_a_good_one()
    {
        Assert.DoesNotContain(ProvisioningTemplate.Validate(Everything), p => p.Severity == TemplateProblemSeverity.Error);
        var id = new string('a', 64);
        var resolved = Sample.Resolve(Everything, ("Name", "x-1"), ("CertificateId", id));
        Assert.Equal("t-x-1", resolved.Thing!.ThingName);
        Assert.Equal("x", resolved.Thing.ThingTypeName);
        Assert.Equal(id, resolved.Certificate!.CertificateId);
        Assert.Equal("p-t-x-1", resolved.Policies[0].PolicyName);
        Assert.Equal("""{"Statement":[{"Effect":"Deny","Action":"iot:*","Resource":"arn:aws:iot:r:1:topic/x-1","n":1}]}""", resolved.Policies[1].PolicyDocument);
    }

    private static bool IsTemplateOrHasErrors(string body)
    {
        var problems = ProvisioningTemplate.Validate(body);
        var lines = body.Split('\n');
        Assert.All(problems, p =>
        {
            Assert.InRange(p.Line, 1, lines.Length);
            Assert.InRange(p.Column, 1, lines[p.Line - 1].Length + 1);
        });

        ProvisioningTemplate? template = null;
        try
        {
            template = ProvisioningTemplate.Compile(body);
        }
        catch (CdfException e)
        {
            Assert.Equal(CdfErrorCode.InvalidTemplate, e.Code);
        }

        Assert.Equal(template is null, problems.Any(p => p.Severity == TemplateProblemSeverity.Error));
        return template is null
            || (IsResolvedOrRefused(template, []) && IsResolvedOrRefused(template, template.Parameters.ToDictionary(p => p.Name, _ => "x")));
    }

    private static bool IsResolvedOrRefused(ProvisioningTemplate template, Dictionary<string, string> parameters)
    {
        try
        {
            var resolved = template.Resolve(parameters);
            if (resolved.Thing is { } thing)
                Assert.Matches(@"^[a-zA-Z0-9:_-]{1,128}\z", thing.ThingName);
            Assert.All(resolved.Policies, p => Assert.Matches(@"^[\w+=,.@-]{1,128}\z", p.PolicyName));
        }
        catch (CdfException e)
        {
            Assert.Equal(CdfErrorCode.InvalidRequest, e.Code);
        }

        return true;
    }

    private static IEnumerable<JsonElement> Values(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Values(p.Value)).Append(element),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Values).Append(element),
        _ => [element],
    };

    private static Gen<string> Json(int size)
    {
        var scalar = Gen.OneOf(Word.Select(w => JsonSerializer.Serialize(w)), Gen.Elements("true", "null", "0", "-1", "1e999", "12345678901234567890"));
        if (size < 2)
            return scalar;
        var inner = Json(size / 2);
        return Gen.Frequency(
            (1, scalar),
            (2, inner.ArrayOf().Resize(4).Select(items => $"[{string.Join(", ", items)}]")),
            (4, (from name in Word from value in inner select $"{JsonSerializer.Serialize(name)}: {value}").ArrayOf().Resize(4)
                .Select(members => $"{{\n{string.Join(",\n", members)} }}")));
    }
}
