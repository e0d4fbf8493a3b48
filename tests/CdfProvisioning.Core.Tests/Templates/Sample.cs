using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>Templates to start from, and the questions that tests ask of them.</summary>
internal static class Sample
{
    public const string Document = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}""";

    /// <summary>A thing by name, a certificate by PEM and a policy, as in the original's documentation.</summary>
    public const string CreateDeviceCertificate =
        """
        {
          "Parameters": {
            "ThingName": { "Type": "String" },
            "CertificatePem": { "Type": "String" },
            "CaCertificatePem": { "Type": "String" }
          },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" } },
              "OverrideSettings": { "ThingTypeName": "REPLACE" }
            },
            "certificate": {
              "Type": "AWS::IoT::Certificate",
              "Properties": {
                "CACertificatePem": { "Ref": "CaCertificatePem" },
                "CertificatePem": { "Ref": "CertificatePem" },
                "Status": "ACTIVE"
              },
              "OverrideSettings": { "Status": "REPLACE" }
            },
            "policy": {
              "Type": "AWS::IoT::Policy",
              "Properties": { "PolicyName": "myPolicy" }
            }
          },
          "CDF": {
            "createDeviceCertificate": true,
            "attachAdditionalPolicies": [ { "name": "another" } ]
          }
        }
        """;

    public static string WithThing(string properties, string parameters = """ "Name": { "Type": "String" }, "Site": { "Type": "String", "Default": "north" } """, string sections = "") =>
        $$"""
        { "Parameters": { {{parameters}} }, {{sections}}
          "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { {{properties}} } } } }
        """;

    /// <summary>A template whose thing's only attribute has the value.</summary>
    public static string WithValue(string value, string sections = "") =>
        WithThing($$""" "ThingName": "t", "AttributePayload": { "a": {{value}} } """, sections: sections);

    public static string WithCertificate(string properties, string sections = "", string parameters = "") =>
        $$"""
        { "Parameters": { {{parameters}} }, {{sections}}
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t" } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{properties}} } } } }
        """;

    public static string WithPolicy(string properties, string parameters = """ "Name": { "Type": "String" } """) =>
        $$"""
        { "Parameters": { {{parameters}} },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "csr" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { {{properties}} } } } }
        """;

    public static ResolvedTemplate Resolve(string body, params (string Name, string Value)[] parameters) =>
        ProvisioningTemplate.Compile(body).Resolve(parameters.ToDictionary(p => p.Name, p => p.Value));

    public static string ResolveValue(string value, string sections = "", params (string Name, string Value)[] parameters) =>
        Resolve(WithValue(value, sections), parameters).Thing!.Attributes!["a"];

    /// <summary>The only error of a template.</summary>
    public static TemplateProblem Error(string body) =>
        Assert.Single(ProvisioningTemplate.Validate(body), p => p.Severity == TemplateProblemSeverity.Error);

    /// <summary>The problems of a template, but for parameters that nothing uses: the samples declare more than each needs.</summary>
    public static IEnumerable<TemplateProblem> Problems(string body) =>
        ProvisioningTemplate.Validate(body).Where(p => !p.Message.StartsWith("Nothing uses the parameter", StringComparison.Ordinal));

    /// <summary>The only problem of a template, which is a warning.</summary>
    public static TemplateProblem Warning(string body)
    {
        var problem = Assert.Single(Problems(body));
        Assert.Equal(TemplateProblemSeverity.Warning, problem.Severity);
        return problem;
    }

    /// <summary>What is said of a device whose parameters are no good.</summary>
    public static string Refusal(string body, params (string Name, string Value)[] parameters)
    {
        var error = Assert.Throws<CdfException>(() => Resolve(body, parameters));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        return error.Message;
    }
}
