using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Hosting;
using CdfProvisioning.Server.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class ThingTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_provisioned_thing_comes_with_its_key_and_certificate()
    {
        var device = await _server.ProvisionAsync("device-1", "keyed");

        using var certificate = X509Certificate2.CreateFromPem((string)device["certificatePem"]!, (string)device["privateKey"]!);
        Assert.Equal("CN=device", certificate.Subject);
        Assert.StartsWith("-----BEGIN PUBLIC KEY-----", (string?)device["publicKey"]);
    }

    [Fact]
    public async Task The_answer_says_where_the_thing_is()
    {
        var response = await _server.SendAsync(HttpMethod.Post, "/things", _server.Request("plain", """{"ThingName":"a:1"}"""));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/things/a%3A1", response.Headers.Location?.OriginalString);
        Assert.Equal("a:1", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, response.Headers.Location!.OriginalString))["thingName"]);
    }

    [Fact]
    public async Task The_arns_have_the_templates_names_and_the_originals()
    {
        var arns = (await _server.ProvisionAsync("device-1", "keyed"))["resourceArns"]!.AsObject();

        Assert.Equal(["certificate", "device", "deviceCertificate", "thing"], arns.Select(arn => arn.Key).Order());
        Assert.Equal("arn:aws:iot:us-east-1:123456789012:thing/device-1", (string?)arns["thing"]);
        Assert.Equal((string?)arns["device"], (string?)arns["thing"]);
        Assert.Equal((string?)arns["deviceCertificate"], (string?)arns["certificate"]);
    }

    [Fact]
    public async Task A_thing_has_what_hangs_on_it()
    {
        var device = await _server.ProvisionAsync("device-1", "keyed");

        var thing = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/things/device-1");

        Assert.Equal("none", (string?)thing["attributes"]!["serial"]);
        Assert.Equal("sensors", (string?)Assert.Single(thing["groups"]!.AsArray())!["groupName"]);
        var policy = Assert.Single(thing["policies"]!.AsArray())!;
        Assert.Equal("2012-10-17", (string?)JsonNode.Parse((string)policy["policyDocument"]!)!["Version"]);
        var certificate = Assert.Single(thing["certificates"]!.AsArray())!;
        Assert.Equal("ACTIVE", (string?)certificate["certificateStatus"]);
        Assert.Equal((string?)device["certificatePem"], (string?)certificate["certificatePem"]);
    }

    [Fact]
    public async Task Numbers_and_booleans_become_the_text_of_a_parameter()
    {
        await _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/things", _server.Request("plain", """{"ThingName":"n","Serial":17.50}"""));

        Assert.Equal("17.50", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/things/n"))["attributes"]!["serial"]);
    }

    [Fact]
    public async Task The_subject_can_be_a_number_and_the_days_a_text_as_in_the_original()
    {
        var request = _server.Request("keyed", """{"ThingName":"n"}""").Replace("\"device\"", "4711", StringComparison.Ordinal).Replace("\"daysExpiry\":30", "\"daysExpiry\":\"30\"", StringComparison.Ordinal);

        var device = await _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/things", request);

        using var certificate = X509Certificate2.CreateFromPem((string)device["certificatePem"]!);
        Assert.Equal("CN=4711", certificate.Subject);
        Assert.InRange(certificate.NotAfter - DateTime.Now, TimeSpan.FromDays(29), TimeSpan.FromDays(31));
    }

    [Fact]
    public async Task A_key_that_was_answered_is_in_no_file()
    {
        await _server.ProvisionAsync("device-1", "keyed");
        await _server.StopAsync(Cancellation); // until then it may still wait for the client's system to say that it has the answer

        Assert.All(new DirectoryInfo(_server.UndeliveredKeys).EnumerateFiles(), file => Assert.Equal(0, file.Length));
        await _server.Connection.DisposeAsync();
        Assert.Empty(Directory.EnumerateFiles(_server.UndeliveredKeys));
    }

    [Fact]
    public async Task The_key_of_a_device_whose_client_is_gone_when_it_is_to_be_answered_is_in_a_file_that_the_log_names()
    {
        var answering = new TaskCompletionSource();
        var journal = new RequestJournal();
        var options = new ServerOptions { Port = 0 };
        var endpoint = await HttpEndpoint.StartAsync(
            options, RestAnswers.RefuseAsync, journal, RestApi.Over(_server.Connection, options), open: app => app.Use(AnswerWhenTheClientIsGoneAsync), Cancellation);
        var body = _server.Request("keyed", """{"ThingName":"device-1"}""");
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(endpoint.Address.Host, endpoint.Address.Port, Cancellation);
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Cancellation);
            await answering.Task.WaitAsync(Cancellation);
        }

        await endpoint.StopAsync(Cancellation);

        var file = Assert.Single(Directory.EnumerateFiles(_server.UndeliveredKeys));
        using var kept = X509Certificate2.CreateFromPemFile(file);
        var thing = await _server.Connection.Things.GetAsync("device-1", Cancellation);
        Assert.Equal(kept.GetCertHashString(HashAlgorithmName.SHA256), Assert.Single(thing.Certificates).CertificateId, ignoreCase: true);
        Assert.DoesNotContain("reserved", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.True(journal.TryRead(out var served));
        Assert.Contains(file, served.ToString(), StringComparison.Ordinal);

        async Task AnswerWhenTheClientIsGoneAsync(HttpContext context, RequestDelegate next)
        {
            context.Response.OnStarting(async () =>
            {
                answering.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            });
            await next(context);
        }
    }

    [Theory]
    [InlineData("INACTIVE")]
    [InlineData("REVOKED")]
    public async Task The_status_of_all_certificates_can_be_set(string status)
    {
        await _server.ProvisionAsync("device-1", "keyed");

        var response = await _server.SendAsync(HttpMethod.Patch, "/things/device-1/certificates", $$"""{"certificateStatus":"{{status}}"}""");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var thing = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/things/device-1");
        Assert.Equal(status, (string?)thing["certificates"]![0]!["certificateStatus"]);
    }

    [Fact]
    public async Task A_deleted_thing_is_gone_and_its_certificate_stays()
    {
        var device = await _server.ProvisionAsync("device-1", "keyed");

        Assert.Equal(HttpStatusCode.NoContent, (await _server.SendAsync(HttpMethod.Delete, "/things/device-1")).StatusCode);

        Assert.Contains("'device-1'", await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/things/device-1"));
        Assert.Contains("'device-1'", await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Delete, "/things/device-1"));
        var id = ((string)device["resourceArns"]!["certificate"]!)[^64..];
        await _server.Connection.Registry.InvokeAsync(new Iot.DescribeCertificateRequest(id), Cancellation);
    }

    [Theory]
    [InlineData("nope", """{"ThingName":"x"}""", HttpStatusCode.NotFound, "'nope'")]
    [InlineData("../secret", """{"ThingName":"x"}""", HttpStatusCode.BadRequest, "secret")]
    [InlineData("broken", """{"ThingName":"x"}""", HttpStatusCode.BadRequest, "line 1, column")]
    [InlineData("plain", """{"ThingName":"not good"}""", HttpStatusCode.BadRequest, "not good")]
    [InlineData("plain", "{}", HttpStatusCode.BadRequest, "ThingName")]
    public async Task What_cannot_be_provisioned_is_refused_with_the_reason(string template, string parameters, HttpStatusCode status, string reason) =>
        Assert.Contains(reason, await _server.MessageAsync(status, HttpMethod.Post, "/things", _server.Request(template, parameters)));

    [Theory]
    [InlineData("", "does not contain any JSON")]
    [InlineData("null", "null, not an object")]
    [InlineData("[]", "wrong type")]
    [InlineData("{", "line 1")]
    [InlineData("{}", "'provisioningTemplateId'")]
    [InlineData("""{"provisioningTemplateId":""}""", "'provisioningTemplateId'")]
    [InlineData("""{"provisioningTemplateId":null,"parameters":{}}""", "'provisioningTemplateId'")]
    [InlineData("""{"provisioningTemplateId":7}""", "$.provisioningTemplateId")]
    [InlineData("""{"provisioningTemplateId":"\ud800"}""", "$.provisioningTemplateId")]
    [InlineData("""{"provisioningTemplateId":"plain"} x""", "'x'")]
    [InlineData("""{"provisioningTemplateId":"plain","provisioningTemplateId":"plain"}""", "'provisioningTemplateId'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[]}""", "an array, not an object")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":{"ThingName":{"Ref":"x"}}}""", "'ThingName' is an object")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":{"A":"1","A":"2"}}""", "two members 'A'")]
    [InlineData("""{"provisioningTemplateId":"keyed","parameters":{"ThingName":"x"},"cdfProvisioningParameters":{"certInfo":{"daysExpiry":"soon"}}}""", "$.cdfProvisioningParameters.certInfo.daysExpiry")]
    public async Task A_body_that_is_not_a_ProvisionRequest_is_refused_and_what_is_wrong_is_named(string body, string reason)
    {
        var message = await _server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/things", body);

        Assert.Contains(reason, message);
        Assert.DoesNotContain("System.", message);
        Assert.DoesNotContain("CdfProvisioning.", message);
    }

    [Fact]
    public async Task Without_parameters_the_template_says_what_it_needs() =>
        Assert.Contains("ThingName", await _server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/things", """{"provisioningTemplateId":"plain"}"""));

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest, "'certificateStatus'")]
    [InlineData("""{"certificateStatus":7}""", HttpStatusCode.BadRequest, "$.certificateStatus")]
    [InlineData("""{"certificateStatus":"PENDING_TRANSFER"}""", HttpStatusCode.BadRequest, "ACTIVE, INACTIVE, REVOKED")]
    [InlineData("""{"certificateStatus":"ACTIVE"}""", HttpStatusCode.NotFound, "'nobody'")]
    public async Task A_status_that_cannot_be_set_is_refused_with_the_reason(string body, HttpStatusCode status, string reason) =>
        Assert.Contains(reason, await _server.MessageAsync(status, HttpMethod.Patch, "/things/nobody/certificates", body));

    [Theory]
    [InlineData("/things/a%2Fb")]
    [InlineData("/things/%2e%2e%2fetc")]
    [InlineData("/things/a%00b")]
    [InlineData("/things/%ff")]
    [InlineData("/things/a%20b")]
    public async Task A_name_that_no_thing_can_have_is_refused(string path)
    {
        var answer = await _server.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 4", answer);
    }

    [Fact]
    public async Task A_name_of_5000_characters_is_refused_with_a_message_of_one_line()
    {
        var message = await _server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/things/{new string('a', 5000)}");

        Assert.InRange(message.Length, 1, 200);
    }
}
