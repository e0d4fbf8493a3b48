using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class ParameterTests
{
    private static readonly string Body = Sample.WithThing(
        """

        "ThingName": { "Ref": "Name" },
        "AttributePayload": { "site": { "Ref": "Site" } }
        """);

    [Fact]
    public void A_parameters_value_is_used_and_its_default_where_there_is_none()
    {
        Assert.Equal("south", Sample.Resolve(Body, ("Name", "t1"), ("Site", "south")).Thing!.Attributes!["site"]);
        Assert.Equal("north", Sample.Resolve(Body, ("Name", "t1")).Thing!.Attributes!["site"]);
    }

    [Fact]
    public void Values_that_the_template_does_not_declare_are_tolerated() =>
        Assert.Equal("t1", Sample.Resolve(Body, ("Name", "t1"), ("CertificateArn", "arn")).Thing!.ThingName);

    [Fact]
    public void A_missing_value_is_named_with_its_resource_line_and_column()
    {
        var message = Sample.Refusal(Body);
        Assert.Contains("'Name' has no value and no default", message, StringComparison.Ordinal);
        Assert.Contains("(resource 'thing' at line 3, column 14 of the template)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_longer_than_AWS_takes_is_refused() =>
        Assert.Contains("4096", Sample.Refusal(Body, ("Name", new string('x', 4_097))), StringComparison.Ordinal);

    [Fact]
    public void Reference_to_a_parameter_that_is_not_declared_is_an_error() =>
        Assert.Equal("$.Resources.thing.Properties.ThingName.Ref", Sample.Error(Sample.WithThing("""  "ThingName": { "Ref": "Nmae" } """)).Path);

    [Theory]
    [InlineData(""" "Name": { "Type": "Number" } """, "$.Parameters.Name.Type")]
    [InlineData(""" "Name": { "Default": "x" } """, "$.Parameters.Name")]
    [InlineData(""" "Name": "String" """, "$.Parameters.Name")]
    [InlineData(""" "Name": { "Type": "String", "Default": { "Ref": "Other" } } """, "$.Parameters.Name.Default")]
    public void Parameters_are_of_type_String_with_a_text_as_default(string parameters, string path) =>
        Assert.Equal(path, Sample.Error(Sample.WithThing("\"ThingName\": \"t\"", parameters)).Path);

    [Fact]
    public void The_parameters_of_just_in_time_provisioning_can_be_declared_and_given_like_any_other()
    {
        var body = Sample.WithThing(
            """ "ThingName": { "Ref": "AWS::IoT::Certificate::CommonName" } """, """ "AWS::IoT::Certificate::CommonName": { "Type": "String" } """);
        Assert.Equal("device1", Sample.Resolve(body, ("AWS::IoT::Certificate::CommonName", "device1")).Thing!.ThingName);
    }

    [Fact]
    public void The_parameters_of_just_in_time_provisioning_need_no_declaration()
    {
        var body = Sample.WithThing(""" "ThingName": { "Ref": "AWS::IoT::Certificate::CommonName" } """);
        Assert.Equal("device1", Sample.Resolve(body, ("AWS::IoT::Certificate::CommonName", "device1")).Thing!.ThingName);
        Assert.Contains("'AWS::IoT::Certificate::CommonName' has no value", Sample.Refusal(body), StringComparison.Ordinal);
    }

    [Fact]
    public void Required_are_the_parameters_that_are_used_have_no_default_and_are_not_filled_in_by_a_step()
    {
        Assert.Equal(["Name"], ProvisioningTemplate.Compile(Body).RequiredParameters);
        Assert.Equal(["ThingName"], ProvisioningTemplate.Compile(Sample.CreateDeviceCertificate).RequiredParameters);
        Assert.Empty(ProvisioningTemplate.Compile(Sample.WithThing("\"ThingName\": \"t\"")).RequiredParameters);
    }

    [Fact]
    public void A_template_tells_its_parameters_with_default_and_line() =>
        Assert.Equal(
            [new TemplateParameter("ThingName", null, 3), new("CertificatePem", null, 4), new("CaCertificatePem", null, 5)],
            ProvisioningTemplate.Compile(Sample.CreateDeviceCertificate).Parameters);

    [Fact]
    public void The_thing_can_be_known_before_a_step_has_filled_in_the_certificate() =>
        Assert.Equal("t1", ProvisioningTemplate.Compile(Sample.CreateDeviceCertificate).ResolveThingName(new Dictionary<string, string> { ["ThingName"] = "t1" }));
}
