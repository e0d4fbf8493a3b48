namespace CdfProvisioning.Tests;

/// <summary>The templates of the servers under test.</summary>
internal static class Templates
{
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["plain"] = Template("", "", ""),
        ["broken"] = """{ "Resources": { "thing": { "Type": "AWS::IoT::Toaster" } } }""",
        ["keyed"] = Template(
            """, "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" }""",
            """
            , "deviceCertificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } },
            "devicePolicy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
            """,
            """, "CDF": { "createDeviceCertificate": true }"""),
        ["awskeyed"] = Template(
            """, "CertificateId": { "Type": "String" }""",
            """, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }""",
            """, "CDF": { "createDeviceAWSCertificate": true }"""),
    };

    private static string Template(string parameters, string resources, string cdf) => $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }, "Serial": { "Type": "String", "Default": "none" }{{parameters}} },
          "Resources": {
            "device": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" }, "ThingGroups": [ "sensors" ], "AttributePayload": { "serial": { "Ref": "Serial" } } }
            }{{resources}}
          }{{cdf}}
        }
        """;
}
