namespace CdfProvisioning.PowerShell.Tests;

/// <summary>Templates as users write them.</summary>
internal static class TestTemplates
{
    /// <summary>A thing without a certificate.</summary>
    public const string Plain = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "Model": { "Type": "String", "Default": "m1" } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "model": { "Ref": "Model" } } }
            }
          }
        }
        """;

    /// <summary>A thing whose key and certificate "AWS" makes.</summary>
    public const string WithKey = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "certificate": {
              "Type": "AWS::IoT::Certificate",
              "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "ACTIVE" }
            },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
          },
          "CDF": { "createDeviceAWSCertificate": true }
        }
        """;

    /// <summary>A thing of a type, in a group.</summary>
    public const string Member = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "Type": { "Type": "String" }, "Group": { "Type": "String" } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" }, "ThingTypeName": { "Ref": "Type" }, "ThingGroups": [{ "Ref": "Group" }] }
            }
          }
        }
        """;

    public const string PolicyDocument = """
        { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" } ] }
        """;

    /// <summary>Stores the templates plain, withkey and sensor-csr, and the policy they refer to.</summary>
    public static Session Prepare(this Session session)
    {
        session.Get("Set-CdfTemplate plain -Body $args[0]; Set-CdfTemplate withkey -Body $args[1]", Plain, WithKey);
        session.Get("Set-CdfTemplate sensor-csr $args[0]", Repository.PathOf("module", "templates", "sensor-csr.json"));
        session.Get("New-CdfPolicy sensors $args[0]", PolicyDocument);
        return session;
    }

    public static void AddThings(this Session session, params string[] names)
    {
        foreach (var name in names)
            session.Get("New-CdfThing plain @{ ThingName = $args[0] }", name);
    }
}
