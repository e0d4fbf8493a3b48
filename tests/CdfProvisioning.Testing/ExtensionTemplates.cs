using System.Text.Json;

namespace CdfProvisioning.Testing;

/// <summary>A template for each CDF extension.</summary>
internal static class ExtensionTemplates
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["createDeviceCertificate"] = With(""" "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } """, "\"createDeviceCertificate\": true"),
        ["createDeviceAWSCertificate"] = With(ById, "\"createDeviceAWSCertificate\": true"),
        ["registerDeviceCertificateWithoutCA"] = With(ById, "\"registerDeviceCertificateWithoutCA\": true"),
        ["acmpca with CA"] = With(ById, "\"acmpca\": { \"mode\": \"REGISTER_WITH_CA\" }"),
        ["acmpca without CA"] = With(ById, "\"acmpca\": { \"mode\": \"REGISTER_WITHOUT_CA\" }"),
        ["CSR"] = With(""" "CertificateSigningRequest": { "Ref": "CSR" } """, extension: null),
    };

    /// <summary>One that is given the certificate itself.</summary>
    public static string GivenCertificate { get; } = With(""" "CertificatePem": { "Ref": "CertificatePem" } """, extension: null);

    private const string ById = """ "CertificateId": { "Ref": "CertificateId" } """;

    private static string Quoted(string action) => JsonSerializer.Serialize(Make.PolicyDocument(action));

    /// <summary>A template that has everything beside the certificate: type, groups, attributes, policies old and new, and further policies.</summary>
    private static string With(string certificate, string? extension) => $$"""
        {
          "Parameters": {
            "ThingName": { "Type": "String" }, "CSR": { "Type": "String" },
            "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" }, "CertificateId": { "Type": "String" }
          },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": {
                "ThingName": { "Ref": "ThingName" }, "ThingTypeName": "sensor", "ThingGroups": [ "sensors" ], "AttributePayload": { "site": "Ulm" }
              },
              "OverrideSettings": { "AttributePayload": "MERGE", "ThingTypeName": "REPLACE", "ThingGroups": "REPLACE" }
            },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{certificate}}, "Status": "INACTIVE" }, "OverrideSettings": { "Status": "REPLACE" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } },
            "own": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": {{Quoted("iot:Publish")}} } }
          },
          "CDF": {
            {{(extension is null ? "" : extension + ",")}}
            "clientIdMustMatchThingName": true,
            "attachAdditionalPolicies": [ { "name": "sensors" }, { "name": "further", "document": {{Quoted("iot:Subscribe")}} }, { "document": {{Quoted("iot:Receive")}} } ]
          }
        }
        """;
}
