using System.Text;
using CdfProvisioning.Lists;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Fuzz;

/// <summary>Templates and lists: whatever is in them is read, or refused in words.</summary>
public sealed class TextFuzz
{
    private const string Template = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "Site": { "Type": "String", "Default": "ulm" }, "CSR": { "Type": "String" } },
          "Mappings": { "Sites": { "ulm": { "country": "DE" } } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing", "OverrideSettings": { "AttributePayload": "MERGE", "ThingGroups": "DO_NOTHING" },
              "Properties": {
                "ThingName": { "Fn::Join": ["-", ["a", { "Ref": "ThingName" }]] }, "ThingGroups": { "Fn::Split": [",", { "Ref": "Site" }] },
                "AttributePayload": { "site": { "Fn::Sub": ["${Site}-${x}", { "x": { "Fn::Select": ["0", ["a", "b"]] } }] }, "country": { "Fn::FindInMap": ["Sites", { "Ref": "Site" }, "country"] } }
              }
            },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": { "Ref": "CSR" }, "Status": "ACTIVE" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" }] } } }
          },
          "DeviceConfiguration": { "a": "b" },
          "CDF": { "clientIdMustMatchThingName": true, "attachAdditionalPolicies": [{ "name": "p", "document": "{}" }] }
        }
        """;

    private static readonly string[] Members =
    [
        "Parameters", "Mappings", "Resources", "DeviceConfiguration", "CDF", "Type", "Properties", "OverrideSettings", "ThingName", "AttributePayload", "ThingTypeName", "ThingGroups", "BillingGroup",
        "CertificateSigningRequest", "CertificateId", "CertificatePem", "CACertificatePem", "Status", "PolicyName", "PolicyDocument", "Default", "Ref", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub",
        "Fn::FindInMap", "createDeviceCertificate", "createDeviceAWSCertificate", "registerDeviceCertificateWithoutCA", "acmpca", "mode", "attachAdditionalPolicies", "policies", "name", "document",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Templates()
    {
        var chance = new Chance(nameof(Templates));
        for (var i = 0; i < 10 * Chance.Count; i++)
        {
            var body = chance.Is(0.6) ? chance.Spoiled(Template) : chance.Is(0.5) ? chance.Object(Members, 6) : chance.Json(Members, 6);
            Survives(chance, body, () =>
            {
                foreach (var problem in ProvisioningTemplate.Validate(body))
                    Assert.True(problem is { Line: > 0, Column: > 0 } && problem.Message.Length > 0);
                var template = ProvisioningTemplate.Compile(body);
                template.Resolve(new Dictionary<string, string> { ["ThingName"] = chance.Text(), ["Site"] = chance.Text(), ["CSR"] = chance.Text() });
            });
        }
    }

    [Theory]
    [InlineData("devices.csv", "ThingName,Serial,cdf.certInfo.commonName\na,1,x\n\"b\",\"2\n3\",\n")]
    [InlineData("devices.tsv", "ThingName\tSerial\na\t1\n")]
    [InlineData("devices.json", """[{"ThingName":"a","Serial":1},{"ThingName":"b","Serial":null}]""")]
    [InlineData("devices.jsonl", "{\"ThingName\":\"a\"}\n{\"ThingName\":\"b\",\"Serial\":true}\n")]
    public async Task Lists(string name, string good)
    {
        var chance = new Chance($"{nameof(Lists)}, {name}");
        var format = Path.GetExtension(name) switch { ".csv" => DeviceListFormat.Csv, ".tsv" => DeviceListFormat.Tsv, ".json" => DeviceListFormat.Json, _ => DeviceListFormat.JsonLines };
        for (var i = 0; i < 3 * Chance.Count; i++)
        {
            var text = chance.Is(0.7) ? chance.Spoiled(good) : string.Concat(Enumerable.Range(0, chance.Next(10)).Select(_ => chance.Text() + chance.Of(",", "\t", "\n", "\"")));
            var bytes = chance.Bytes(text);
            if (chance.Is(0.1))
                bytes = chance.Of<Encoding>(Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32).GetBytes('\ufeff' + text);
            try
            {
                using var stream = new MemoryStream(bytes);
                await foreach (var row in new DeviceListReader().ReadAsync(stream, name, format, Cancellation))
                    Assert.NotNull(row);
            }
            catch (CdfException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Assert.Fail($"CDF_FUZZ_SEED={chance.Seed}, {name}: {Chance.Shown(text)}\n{e}");
            }
        }
    }

    private static void Survives(Chance chance, string input, Action read)
    {
        try
        {
            read();
        }
        catch (CdfException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
        }
        catch (Exception e)
        {
            Assert.Fail($"CDF_FUZZ_SEED={chance.Seed}: {Chance.Shown(input)}\n{e}");
        }
    }
}
