using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

/// <summary>Clients that are not ours, and many at once.</summary>
public sealed class ClientTests
{
    private const int Many = 1000;

    private const string Own = """
        {"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}"},
          {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],"Resource":"arn:aws:iot:us-east-1:123456789012:topic/own/${iot:ClientId}"},
          {"Effect":"Allow","Action":"iot:Subscribe","Resource":"arn:aws:iot:us-east-1:123456789012:topicfilter/own/${iot:ClientId}"}]}
        """;

    private const string Fleet = """
        {
          "Parameters": { "SerialNumber": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } },
          "DeviceConfiguration": { "Url": "https://example" },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Fn::Join": ["-", ["sensor", { "Ref": "SerialNumber" }]] } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" } } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "fleet" } }
          }
        }
        """;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Devices");

    [Fact]
    public async Task Paho_is_a_device_until_it_publishes_beyond_its_policy()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("/usr/bin/python3", "-c", "import paho.mqtt.client"), "python3-paho-mqtt is not installed.");
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1", Own);
        var seen = JsonNode.Parse(await ClientProcess.OutputOfAsync(
            "/usr/bin/python3", [Path.Combine(Folder, "paho_device.py"), $"{host.Port}", host.RootFile, device.CertificateFile, device.KeyFile, "sensor-1", "own/sensor-1", "own/sensor-2"]))!;
        Assert.Equal((0, "hello", true), ((int)seen["connected"]!, (string)seen["message"]!, (bool)seen["ended"]!));
    }

    [Fact]
    public async Task AWSs_device_SDK_for_JavaScript_provisions_a_fleet()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("node", "--version"), "Node.js is not installed.");
        Assert.SkipUnless(await IsInstalledAsync(), "AWS's device SDK for JavaScript could not be installed (npm ci).");
        await using var host = await DeviceHost.StartAsync();
        await host.InvokeAsync(new CreatePolicyRequest("fleet", DeviceHost.Everything));
        await host.InvokeAsync(new CreateProvisioningTemplateRequest("fleet", Fleet, "arn:aws:iam::123456789012:role/fleet", Enabled: true));
        var claim = await host.InvokeAsync(new CreateProvisioningClaimRequest("fleet"));
        var device = host.Device("claim", claim.CertificatePem!, claim.KeyPair!.PrivateKey!);
        var seen = JsonNode.Parse(await ClientProcess.OutputOfAsync(
            "node", [Path.Combine(Folder, "js", "fleet.mjs"), $"{host.Port}", host.RootFile, device.CertificateFile, device.KeyFile, """{"SerialNumber":"SN-1"}"""]))!;
        Assert.Equal(
            ("sensor-SN-1", "https://example", "InvalidCertificateOwnershipToken", "hello"),
            ((string)seen["thingName"]!, (string)seen["configuration"]!["Url"]!, (string)seen["code"]!, (string)seen["echo"]!));
    }

    [Fact]
    public async Task A_thousand_devices_with_certificates_of_their_own_connect_at_once_publish_and_get_one_message_each()
    {
        await using var host = await DeviceHost.StartAsync();
        var devices = new TestDevice[Many];
        for (var i = 0; i < Many; i++)
            devices[i] = await host.AddDeviceAsync($"device-{i}");
        var clients = new TestClient[Many];
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
        {
            clients[i] = await host.ConnectAsync(devices[i]);
            await clients[i].SubscribeAsync($"to/{i}");
        });
        Assert.Equal(Many, host.Server.Info.Devices.Count);
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => Assert.True((await clients[i].PublishAsync($"to/{(i + 1) % Many}", $"{i}")).IsSuccess));
        for (var i = 0; i < Many; i++)
            Assert.Equal($"{(i + Many - 1) % Many}", await clients[i].ReceiveTextAsync());
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    /// <summary>Installs what package-lock.json names, once.</summary>
    private static async Task<bool> IsInstalledAsync() =>
        File.Exists(Path.Combine(Folder, "js", "node_modules", ".package-lock.json"))
        || await ClientProcess.SucceedsAsync("npm", "ci", "--prefix", Path.Combine(Folder, "js"), "--no-audit", "--no-fund");
}
