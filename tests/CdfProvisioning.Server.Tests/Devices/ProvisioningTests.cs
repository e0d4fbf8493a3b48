using System.Formats.Cbor;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Devices;
using MQTTnet.Exceptions;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

/// <summary>Devices that provision themselves: just in time, and with a claim.</summary>
public sealed class ProvisioningTests
{
    private const string JustInTime = """
        {
          "Parameters": { "AWS::IoT::Certificate::CommonName": { "Type": "String" }, "AWS::IoT::Certificate::Country": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "AWS::IoT::Certificate::CommonName" }, "AttributePayload": { "country": { "Ref": "AWS::IoT::Certificate::Country" } } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "ACTIVE" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"iot:*\",\"Resource\":\"*\"}}" } }
          }
        }
        """;

    private const string Fleet = """
        {
          "Parameters": { "SerialNumber": { "Type": "String" }, "Site": { "Type": "String", "Default": "none" }, "AWS::IoT::Certificate::Id": { "Type": "String" } },
          "Mappings": { "Sites": { "ulm": { "Url": "https://ulm.example" }, "none": { "Url": "https://example" } } },
          "DeviceConfiguration": { "Url": { "Fn::FindInMap": ["Sites", { "Ref": "Site" }, "Url"] } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Fn::Join": ["-", ["sensor", { "Ref": "SerialNumber" }]] }, "AttributePayload": { "site": { "Ref": "Site" } } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "Active" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "fleet" } }
          }
        }
        """;

    [Fact]
    public async Task The_first_connection_provisions_a_device_just_in_time_and_the_second_connects()
    {
        await using var host = await DeviceHost.StartAsync();
        var (ca, _) = await host.AddCaAsync(new RegistrationConfig(JustInTime, "arn:aws:iam::123456789012:role/jitp"));
        var device = host.Device(ca, "sensor-7");
        await RefusedAsync(host, device);
        await using var client = await host.ConnectAsync(device);
        var thing = await host.InvokeAsync(new DescribeThingRequest("sensor-7"));
        Assert.Equal("DE", thing.Attributes!["country"]);
        Assert.Equal("sensor-7", host.Server.Info.Devices.Single().ThingName);
    }

    [Fact]
    public async Task A_certificate_registers_itself_is_announced_and_connects_when_a_script_has_activated_it()
    {
        await using var host = await DeviceHost.StartAsync();
        var (ca, caId) = await host.AddCaAsync(config: null);
        await using var script = await host.ConnectAsync(await host.AddDeviceAsync("script"));
        await script.SubscribeAsync($"$aws/events/certificates/registered/{caId}");
        var device = host.Device(ca, "sensor-8");
        await RefusedAsync(host, device);
        var registered = JsonNode.Parse(await script.ReceiveTextAsync())!;
        Assert.Equal((device.CertificateId, caId, "PENDING_ACTIVATION"), ((string)registered["certificateId"]!, (string)registered["caCertificateId"]!, (string)registered["certificateStatus"]!));
        await RefusedAsync(host, device);

        await host.InvokeAsync(new CreatePolicyRequest("all", DeviceHost.Everything));
        await host.InvokeAsync(new AttachPolicyRequest("all", $"arn:aws:iot:us-east-1:123456789012:cert/{device.CertificateId}"));
        await host.InvokeAsync(new UpdateCertificateRequest(device.CertificateId, "ACTIVE"));
        await using var client = await host.ConnectAsync(device);
    }

    [Fact]
    public async Task A_device_whose_certificate_lacks_what_the_template_declares_is_not_provisioned()
    {
        await using var host = await DeviceHost.StartAsync();
        var (ca, _) = await host.AddCaAsync(new RegistrationConfig(JustInTime.Replace("::Country", "::SerialNumber", StringComparison.Ordinal), "arn:aws:iam::123456789012:role/jitp"));
        var device = host.Device(ca, "sensor-9");
        await RefusedAsync(host, device);
        Assert.Equal("PENDING_ACTIVATION", (await host.InvokeAsync(new DescribeCertificateRequest(device.CertificateId))).CertificateDescription!.Status);
        await Assert.ThrowsAsync<CdfException>(() => host.InvokeAsync(new DescribeThingRequest("sensor-9")));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("cbor")]
    public async Task A_device_with_a_claim_gets_keys_a_thing_and_its_configuration(string format)
    {
        await using var host = await FleetAsync();
        await using var client = await ClaimAsync(host, format);
        var made = await AskAsync(client, $"$aws/certificates/create/{format}", []);
        var given = await AskAsync(client, $"$aws/provisioning-templates/fleet/provision/{format}", Registration(made, "SN-1", ("Site", "ulm")));
        Assert.Equal(("sensor-SN-1", "https://ulm.example"), ((string)given["thingName"]!, (string)given["deviceConfiguration"]!["Url"]!));

        var device = host.Device("sensor-SN-1", (string)made["certificatePem"]!, (string)made["privateKey"]!);
        await using var provisioned = await host.ConnectAsync(device);
        Assert.Equal("sensor-SN-1", host.Server.Info.Devices.Single(d => d.CertificateId == device.CertificateId).ThingName);

        var again = await AskAsync(client, $"$aws/provisioning-templates/fleet/provision/{format}", Registration(made, "SN-2"), "rejected");
        Assert.Equal((400, "InvalidCertificateOwnershipToken"), ((int)again["statusCode"]!, (string)again["errorCode"]!));
    }

    [Fact]
    public async Task A_device_with_a_claim_brings_its_own_key_by_a_CSR()
    {
        await using var host = await FleetAsync();
        await using var client = await ClaimAsync(host, "json");
        var made = await AskAsync(client, "$aws/certificates/create-from-csr/json", new JsonObject { ["certificateSigningRequest"] = Make.Csr("sensor-SN-1") });
        Assert.Null(made["privateKey"]);
        Assert.Equal("PENDING_ACTIVATION", (await host.InvokeAsync(new DescribeCertificateRequest((string)made["certificateId"]!))).CertificateDescription!.Status);
        await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(made, "SN-1"));
        Assert.Equal("ACTIVE", (await host.InvokeAsync(new DescribeCertificateRequest((string)made["certificateId"]!))).CertificateDescription!.Status);
        var refused = await AskAsync(client, "$aws/certificates/create-from-csr/json", new JsonObject { ["certificateSigningRequest"] = "none" }, "rejected");
        Assert.Equal("InvalidCertificateSigningRequest", (string)refused["errorCode"]!);
    }

    [Theory]
    [InlineData("token", "InvalidCertificateOwnershipToken")]
    [InlineData("none", "InvalidCertificateOwnershipToken")]
    [InlineData("template", "ResourceNotFound")]
    [InlineData("parameters", "InvalidRequest")]
    [InlineData("number", "InvalidParameters")]
    [InlineData("garbage", "InvalidPayload")]
    public async Task What_is_wrong_is_rejected_in_AWSs_words_and_nothing_is_registered(string what, string errorCode)
    {
        await using var host = await FleetAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("claim"));
        foreach (var topic in new[] { "$aws/certificates/create/json", "$aws/provisioning-templates/fleet/provision/json", "$aws/provisioning-templates/none/provision/json" })
            await client.SubscribeAsync($"{topic}/+");
        var made = await AskAsync(client, "$aws/certificates/create/json", []);
        var request = Registration(made, "SN-1");
        if (what is "token" or "none")
            request["certificateOwnershipToken"] = what == "token" ? "another" : "";
        if (what == "parameters")
            request["parameters"] = new JsonObject();
        if (what == "number")
            request["parameters"] = new JsonObject { ["SerialNumber"] = 1 };
        var payload = what == "garbage" ? "{\"certificateOwnershipToken\":"u8.ToArray() : Encoding.UTF8.GetBytes(request.ToJsonString());
        await client.PublishAsync($"$aws/provisioning-templates/{(what == "template" ? "none" : "fleet")}/provision/json", payload);
        var (answerTopic, answer) = await client.ReceiveAsync();
        Assert.EndsWith("/rejected", answerTopic, StringComparison.Ordinal);
        Assert.Equal(errorCode, (string)JsonNode.Parse(answer)!["errorCode"]!);
        await Assert.ThrowsAsync<CdfException>(() => host.InvokeAsync(new DescribeThingRequest("sensor-SN-1")));

        // The token is still good.
        if (what is "number" or "garbage")
            await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(made, "SN-1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_hook_decides_and_overrides(bool allows)
    {
        PreProvisioningEvent? asked = null;
        await using var host = await FleetAsync((e, _) =>
        {
            asked = e;
            return Task.FromResult(new PreProvisioningAnswer(allows, new Dictionary<string, string> { ["Site"] = "ulm" }));
        });
        await using var client = await ClaimAsync(host, "json");
        var made = await AskAsync(client, "$aws/certificates/create/json", []);
        var answer = await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(made, "SN-1"), allows ? "accepted" : "rejected");
        if (allows)
            Assert.Equal("https://ulm.example", (string)answer["deviceConfiguration"]!["Url"]!);
        else
            Assert.Equal((403, "AccessDenied"), ((int)answer["statusCode"]!, (string)answer["errorCode"]!));
        Assert.Equal(("arn:aws:iot:us-east-1:123456789012:provisioningtemplate/fleet", "claim", "SN-1"), (asked!.TemplateArn, asked.ClientId, asked.Parameters["SerialNumber"]));
        Assert.Equal((string)made["certificateId"]!, asked.CertificateId);
    }

    [Fact]
    public async Task A_hook_that_takes_longer_than_five_seconds_denies()
    {
        var asked = new TaskCompletionSource();
        DeviceHost host = null!;
        await using (host = await FleetAsync(async (_, token) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new PreProvisioningAnswer(AllowProvisioning: true, new Dictionary<string, string>());
        }))
        {
            await using var client = await ClaimAsync(host, "json");
            var made = await AskAsync(client, "$aws/certificates/create/json", []);
            var answer = AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(made, "SN-1"), "rejected");
            await asked.Task;
            host.Clock.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(answer.IsCompleted);
            host.Clock.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Contains("within 5 seconds", (string)(await answer)["errorMessage"]!, StringComparison.Ordinal);
            await Assert.ThrowsAsync<CdfException>(() => host.InvokeAsync(new DescribeThingRequest("sensor-SN-1")));
        }
    }

    [Fact]
    public async Task A_token_ends_after_an_hour_and_its_certificate_with_it()
    {
        await using var host = await FleetAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("claim"));
        await client.SubscribeAsync("$aws/certificates/create/json/accepted");
        await client.SubscribeAsync("$aws/provisioning-templates/fleet/provision/json/+");
        var (early, late) = (await AskAsync(client, "$aws/certificates/create/json", []), await AskAsync(client, "$aws/certificates/create/json", []));
        host.Clock.Advance(TimeSpan.FromMinutes(59));
        await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(early, "SN-1"));
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        var answer = await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(late, "SN-2"), "rejected");
        Assert.Equal("InvalidCertificateOwnershipToken", (string)answer["errorCode"]!);
        await host.UntilAsync(async () => (await host.InvokeAsync(new ListCertificatesRequest())).Certificates!.All(c => c.CertificateId != (string)late["certificateId"]!));
        Assert.Equal("ACTIVE", (await host.InvokeAsync(new DescribeCertificateRequest((string)early["certificateId"]!))).CertificateDescription!.Status);
    }

    [Fact]
    public async Task A_claim_ends_after_five_minutes_and_its_connection_with_it()
    {
        await using var host = await FleetAsync();
        var claim = await host.InvokeAsync(new CreateProvisioningClaimRequest("fleet"));
        var device = host.Device("claim", claim.CertificatePem!, claim.KeyPair!.PrivateKey!);
        host.Clock.Advance(TimeSpan.FromMinutes(4));
        await using var client = await host.ConnectAsync(device);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(MQTTnet.MqttClientDisconnectReason.NotAuthorized, await client.Disconnected);
        await RefusedAsync(host, device);
    }

    /// <summary>A private key is for the device alone that asked for it.</summary>
    [Fact]
    public async Task Another_device_that_listens_on_the_topics_of_answers_hears_nothing()
    {
        await using var host = await FleetAsync();
        await using var eavesdropper = await host.ConnectAsync(await host.AddDeviceAsync("eavesdropper"));
        await eavesdropper.SubscribeAsync("$aws/certificates/#");
        await eavesdropper.SubscribeAsync("end");
        await using var client = await ClaimAsync(host, "json");
        await AskAsync(client, "$aws/certificates/create/json", []);
        await using var sender = await host.ConnectAsync(await host.AddDeviceAsync("sender"));
        await sender.PublishAsync("end");
        Assert.Equal("end", (await eavesdropper.ReceiveAsync()).Topic);
    }

    [Fact]
    public async Task Templates_have_versions_and_a_claim_may_do_nothing_else()
    {
        await using var host = await FleetAsync();
        Assert.Equal(2, (await host.InvokeAsync(new CreateProvisioningTemplateVersionRequest("fleet", Fleet, SetAsDefault: true))).VersionId);
        Assert.Equal(2, (await host.InvokeAsync(new DescribeProvisioningTemplateRequest("fleet"))).DefaultVersionId);
        Assert.Equal([1, 2], (await host.InvokeAsync(new ListProvisioningTemplateVersionsRequest("fleet"))).Versions!.Select(v => v.VersionId!.Value));
        await Assert.ThrowsAsync<CdfException>(() => host.InvokeAsync(new DeleteProvisioningTemplateVersionRequest("fleet", 2)));
        await host.InvokeAsync(new DeleteProvisioningTemplateVersionRequest("fleet", 1));
        await using var client = await ClaimAsync(host, "json");
        Assert.False((await client.PublishAsync("sensors/data")).IsSuccess);
        await host.InvokeAsync(new UpdateProvisioningTemplateRequest("fleet", Enabled: false));
        var made = await AskAsync(client, "$aws/certificates/create/json", []);
        Assert.Contains("not enabled", (string)(await AskAsync(client, "$aws/provisioning-templates/fleet/provision/json", Registration(made, "SN-1"), "rejected"))["errorMessage"]!, StringComparison.Ordinal);
        await host.InvokeAsync(new DeleteProvisioningTemplateRequest("fleet"));
    }

    private static async Task<DeviceHost> FleetAsync(PreProvisioningHook? hook = null)
    {
        var host = await DeviceHost.StartAsync(options => options with { PreProvisioningHook = hook });
        await host.InvokeAsync(new CreatePolicyRequest("fleet", DeviceHost.Everything));
        await host.InvokeAsync(new CreateProvisioningTemplateRequest("fleet", Fleet, "arn:aws:iam::123456789012:role/fleet", Enabled: true));
        return host;
    }

    private static async Task<TestClient> ClaimAsync(DeviceHost host, string format)
    {
        var claim = await host.InvokeAsync(new CreateProvisioningClaimRequest("fleet"));
        var client = await host.ConnectAsync(host.Device("claim", claim.CertificatePem!, claim.KeyPair!.PrivateKey!));
        foreach (var topic in new[] { "$aws/certificates/create", "$aws/certificates/create-from-csr", "$aws/provisioning-templates/fleet/provision" })
            foreach (var outcome in new[] { "accepted", "rejected" })
                await client.SubscribeAsync($"{topic}/{format}/{outcome}");
        return client;
    }

    private static JsonObject Registration(JsonNode made, string serialNumber, params (string Name, string Value)[] more)
    {
        var parameters = new JsonObject { ["SerialNumber"] = serialNumber };
        foreach (var (name, value) in more)
            parameters[name] = value;
        return new() { ["certificateOwnershipToken"] = (string)made["certificateOwnershipToken"]!, ["parameters"] = parameters };
    }

    private static async Task<JsonNode> AskAsync(TestClient client, string topic, JsonObject request, string outcome = "accepted")
    {
        var isCbor = topic.EndsWith("cbor", StringComparison.Ordinal);
        await client.PublishAsync(topic, isCbor ? Cbor(request) : Encoding.UTF8.GetBytes(request.ToJsonString()));
        var (answerTopic, payload) = await client.ReceiveAsync();
        Assert.True($"{topic}/{outcome}" == answerTopic, isCbor ? answerTopic : Encoding.UTF8.GetString(payload));
        return isCbor ? Json(new CborReader(payload)) : JsonNode.Parse(payload)!;
    }

    private static byte[] Cbor(JsonObject json)
    {
        var writer = new CborWriter();
        Write(json);
        return writer.Encode();

        void Write(JsonNode node)
        {
            if (node is not JsonObject members)
            {
                writer.WriteTextString((string)node!);
                return;
            }

            writer.WriteStartMap(members.Count);
            foreach (var (name, value) in members)
            {
                writer.WriteTextString(name);
                Write(value!);
            }

            writer.WriteEndMap();
        }
    }

    private static JsonNode Json(CborReader reader)
    {
        if (reader.PeekState() == CborReaderState.TextString)
            return reader.ReadTextString();
        if (reader.PeekState() == CborReaderState.UnsignedInteger)
            return reader.ReadInt32();
        var json = new JsonObject();
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
            json[reader.ReadTextString()] = Json(reader);
        reader.ReadEndMap();
        return json;
    }

    [Fact]
    public async Task A_device_is_told_of_no_folder_of_the_server()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"));
        await client.SubscribeAsync("$aws/certificates/create/json/rejected");
        Directory.Move(host.RegistryFolder, host.RegistryFolder + "-away");

        await client.PublishAsync("$aws/certificates/create/json");

        var told = await client.ReceiveTextAsync();
        Assert.Contains("The registry was deleted", told, StringComparison.Ordinal);
        Assert.DoesNotContain(host.RegistryFolder, told, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(DeviceHost host, TestDevice device)
    {
        await using var client = new TestClient(device);
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => client.ConnectAsync(host, device.Name));
    }
}
