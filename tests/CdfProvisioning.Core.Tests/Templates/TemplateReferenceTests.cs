using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class TemplateReferenceTests
{
    [Fact]
    public void What_a_template_takes_to_be_in_the_registry_is_told_with_its_place() => Assert.Equal(
        [
            (TemplateReferenceKind.ThingType, "sensor", "$.Resources.thing.Properties.ThingTypeName"),
            (TemplateReferenceKind.BillingGroup, "west", "$.Resources.thing.Properties.BillingGroup"),
            (TemplateReferenceKind.ThingGroup, "a", "$.Resources.thing.Properties.ThingGroups[0]"),
            (TemplateReferenceKind.ThingGroup, "b", "$.Resources.thing.Properties.ThingGroups[1]"),
        ],
        References(Sample.WithThing("\"ThingName\": \"t\", \"ThingTypeName\": \"sensor\", \"BillingGroup\": \"west\", \"ThingGroups\": [\"a\", \"b\"]")));

    [Fact]
    public void What_only_a_device_says_is_not_known_beforehand() => Assert.Equal(
        [(TemplateReferenceKind.ThingGroup, "a", "$.Resources.thing.Properties.ThingGroups[1]")],
        References(Sample.WithThing(
            """ "ThingName": "t", "ThingTypeName": { "Ref": "Name" }, "BillingGroup": { "Ref": "Name" }, "ThingGroups": [{ "Ref": "Name" }, "a"] """)));

    [Theory]
    [InlineData("\"PolicyName\": \"p\"", true)]
    [InlineData("\"PolicyName\": \"p\", \"PolicyDocument\": { \"Statement\": [] }", false)]
    public void A_policy_must_be_there_unless_the_template_has_its_document(string properties, bool mustBeThere) => Assert.Equal(
        mustBeThere ? [(TemplateReferenceKind.Policy, "p", "$.Resources.policy.Properties.PolicyName")] : [],
        References(Sample.WithPolicy(properties)));

    [Theory]
    [InlineData("[ { \"name\": \"p\" }, { \"name\": \"q\", \"document\": \"{\\\"Statement\\\":[]}\" } ]", "$.CDF.attachAdditionalPolicies[0].name")]
    [InlineData("{ \"policies\": [ { \"name\": \"p\" } ] }", "$.CDF.attachAdditionalPolicies.policies[0].name")]
    public void So_must_an_additional_policy(string policies, string path) => Assert.Equal(
        [(TemplateReferenceKind.Policy, "p", path)],
        References(Sample.WithCertificate("\"CertificatePem\": \"pem\"", $"\"CDF\": {{ \"attachAdditionalPolicies\": {policies} }},")));

    private static IEnumerable<(TemplateReferenceKind Kind, string Name, string Path)> References(string body) =>
        ProvisioningTemplate.Compile(body).References.Select(r => (r.Kind, r.Name, r.Place.Path));
}
