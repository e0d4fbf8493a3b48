using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>What becomes of a template that devices are to be like, and not only to be registered by.</summary>
public sealed class DesiredTemplateTests
{
    private const string EverythingOfAThing =
        """ "ThingName": { "Ref": "Name" }, "AttributePayload": { "site": "north" }, "ThingTypeName": "sensor", "ThingGroups": ["a"], "BillingGroup": "west" """;

    private static readonly string KeptId = new('a', 64);

    [Fact]
    public void What_the_template_says_of_a_thing_counts_for_one_that_exists()
    {
        var thing = Thing(EverythingOfAThing);
        Assert.Equal(
            (OverrideAction.Merge, OverrideAction.Replace, OverrideAction.Merge, true),
            (thing.AttributePayloadOverride, thing.ThingTypeNameOverride, thing.ThingGroupsOverride, thing.OverridesBillingGroup));
    }

    [Fact]
    public void What_the_template_says_nothing_of_stays_as_it_is()
    {
        var thing = Thing("\"ThingName\": \"t\"");
        Assert.Equal(
            (OverrideAction.DoNothing, OverrideAction.DoNothing, OverrideAction.DoNothing, false),
            (thing.AttributePayloadOverride, thing.ThingTypeNameOverride, thing.ThingGroupsOverride, thing.OverridesBillingGroup));
    }

    [Fact]
    public void A_template_that_only_names_a_thing_goes_to_AWS_without_settings_that_it_did_not_have() =>
        Assert.DoesNotContain("OverrideSettings", Desired("\"ThingName\": \"t\"").Registering.AwsBody, StringComparison.Ordinal);

    [Fact]
    public void Override_settings_that_the_template_has_stand()
    {
        var thing = Thing(EverythingOfAThing, """ "ATTRIBUTE_PAYLOAD": "REPLACE", "thingTypeName": "DO_NOTHING", "ThingGroups": "REPLACE" """);
        Assert.Equal(
            (OverrideAction.Replace, OverrideAction.DoNothing, OverrideAction.Replace),
            (thing.AttributePayloadOverride, thing.ThingTypeNameOverride, thing.ThingGroupsOverride));
    }

    [Theory]
    [InlineData("AttributePayload", "Attributes.site")]
    [InlineData("THING_TYPE_NAME", "ThingType")]
    [InlineData("ThingGroups", "ThingGroup")]
    public void What_the_template_refuses_to_change_is_told_apart_from_what_it_changes(string setting, string property)
    {
        var desired = Desired(EverythingOfAThing, $"\"{setting}\": \"FAIL\"");
        Assert.Equal([property], new[] { "Attributes.site", "ThingType", "ThingGroup", "BillingGroup" }.Where(desired.Refuses));
        var thing = desired.Registering.Resolve(new Dictionary<string, string> { ["Name"] = "t1" }).Thing!;
        Assert.DoesNotContain(OverrideAction.Fail, new[] { thing.AttributePayloadOverride, thing.ThingTypeNameOverride, thing.ThingGroupsOverride });
    }

    [Fact]
    public void A_template_that_refuses_nothing_refuses_no_change() =>
        Assert.DoesNotContain(new[] { "Attributes.site", "ThingType", "ThingGroup" }, Desired(EverythingOfAThing, "\"ThingGroups\": \"DO_NOTHING\"").Refuses);

    [Fact]
    public void A_template_does_not_grow_towards_the_length_that_AWS_takes_by_letters_written_otherwise() =>
        Assert.Contains("<größe>", DesiredTemplate.Of(ProvisioningTemplate.Compile(Sample.WithThing(
            "\"ThingName\": \"t\"", sections: """ "Mappings": { "m": { "a": { "b": "<größe>" } } }, """))).Registering.Body, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"createDeviceCertificate\": true", "CertificatePem")]
    [InlineData("\"createDeviceAWSCertificate\": true", "CertificateId")]
    [InlineData("\"acmpca\": { \"mode\": \"REGISTER_WITH_CA\" }", "CertificateId")]
    public void A_device_keeps_its_certificate_where_the_template_would_have_another_made(string maker, string filled)
    {
        var desired = DesiredTemplate.Of(Compile(
            $$""" "{{filled}}": { "Ref": "{{filled}}" }, "Status": "INACTIVE" """, $$""" "CDF": { {{maker}}, "attachAdditionalPolicies": [ { "name": "p" } ] }, """, filled));
        Assert.True(desired.MakesCertificate);
        Assert.False(desired.HasRequest);

        var keeping = desired.For(new Dictionary<string, string> { [DesiredTemplate.KeptCertificate] = KeptId });
        Assert.Empty(keeping.FilledParameters);
        Assert.Equal(["p"], keeping.Cdf.AttachAdditionalPolicies.Select(p => p.Name));
        Assert.Equal([DesiredTemplate.KeptCertificate], keeping.RequiredParameters);
        Assert.Equal(
            new("certificate", null, KeptId, null, null, "INACTIVE", "NON_EXCLUSIVE_THING", OverrideAction.DoNothing),
            keeping.Resolve(new Dictionary<string, string> { [DesiredTemplate.KeptCertificate] = KeptId }).Certificate);
        Assert.NotEmpty(desired.For(new Dictionary<string, string>()).FilledParameters);
    }

    [Fact]
    public void A_device_whose_template_has_a_CSR_keeps_its_certificate_too()
    {
        var desired = DesiredTemplate.Of(Compile("\"CertificateSigningRequest\": { \"Ref\": \"Csr\" }", "", "Csr"));
        Assert.False(desired.MakesCertificate);
        Assert.True(desired.HasRequest);
        Assert.Equal(["Csr"], desired.For(new Dictionary<string, string> { ["Csr"] = "csr" }).RequiredParameters);
        Assert.Equal([DesiredTemplate.KeptCertificate], desired.Keeping!.RequiredParameters);
    }

    [Fact]
    public void A_template_without_parameters_has_one_for_the_certificate_that_is_kept() =>
        Assert.Equal([DesiredTemplate.KeptCertificate], DesiredTemplate.Of(ProvisioningTemplate.Compile(
            """
            { "Resources": {
                "t": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" } },
                "c": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "csr" } } } }
            """)).Keeping!.Parameters.Select(p => p.Name));

    [Theory]
    [InlineData("\"CertificatePem\": { \"Ref\": \"Given\" }", "", "Given")]
    [InlineData("\"CertificateId\": { \"Ref\": \"Given\" }", "", "Given")]
    [InlineData("\"CertificateId\": { \"Ref\": \"CertificateId\" }", "\"CDF\": { \"registerDeviceCertificateWithoutCA\": true },", "CertificateId")]
    public void A_certificate_that_the_device_brings_is_the_one_that_it_is_to_have(string source, string section, string parameter)
    {
        var desired = DesiredTemplate.Of(Compile(source, section, parameter));
        Assert.Null(desired.Keeping);
        Assert.Empty(desired.FilledWithKept);
        Assert.Same(desired.Registering, desired.For(new Dictionary<string, string> { [DesiredTemplate.KeptCertificate] = KeptId }));
    }

    [Fact]
    public void A_template_without_a_certificate_has_none_to_keep() => Assert.Null(Desired(EverythingOfAThing).Keeping);

    [Fact]
    public void What_else_the_template_writes_of_a_certificate_is_filled_in_from_the_one_that_is_kept()
    {
        const string resources =
            """
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t", "AttributePayload": { "id": { "Ref": "CertificateId" } } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }
            """;
        var template = ProvisioningTemplate.Compile(
            $$"""{ "Parameters": { "CertificateId": { "Type": "String" } }, "Resources": { {{resources}} }, "CDF": { "createDeviceAWSCertificate": true } }""");
        Assert.Equal(["CertificateId"], DesiredTemplate.Of(template).FilledWithKept);
    }

    private static DesiredTemplate Desired(string properties, string settings = "") => DesiredTemplate.Of(ProvisioningTemplate.Compile(
        Sample.WithThing(properties).Replace("\"Type\": \"AWS::IoT::Thing\",", $"\"Type\": \"AWS::IoT::Thing\",{(settings.Length == 0 ? "" : $" \"OverrideSettings\": {{ {settings} }},")}", StringComparison.Ordinal)));

    private static ThingResource Thing(string properties, string settings = "") =>
        Desired(properties, settings).Registering.Resolve(new Dictionary<string, string> { ["Name"] = "t1" }).Thing!;

    private static ProvisioningTemplate Compile(string certificate, string sections, string parameter) =>
        ProvisioningTemplate.Compile(Sample.WithCertificate(certificate, sections, $$""" "{{parameter}}": { "Type": "String" } """));
}
