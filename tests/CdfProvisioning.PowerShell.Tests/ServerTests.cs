using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class ServerTests
{
    private static readonly HttpClient Client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_serves_the_sessions_registry_until_it_is_stopped()
    {
        using var session = new Session().Prepare();
        var address = Start(session);

        var response = await PostAsync(address, "things", """{"provisioningTemplateId":"withkey","parameters":{"ThingName":"by-rest"}}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("by-rest", session.Get("(Get-CdfThing by-rest).ThingName").Single().BaseObject);
        session.Get("Stop-CdfServer");
        Assert.Empty(session.Get("Get-CdfServer"));
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(address, Cancellation));
    }

    [Fact]
    public async Task Get_CdfServer_tells_what_was_asked()
    {
        using var session = new Session().Prepare();
        var address = Start(session);
        await Client.GetAsync(new Uri(address, "things/nobody"), Cancellation);

        var run = session.Run("$s = Get-CdfServer -Verbose; $s.Requests; $s.Connection.Path; (Get-CdfServer -Verbose).Port");

        dynamic count = run.Output[0];
        Assert.Equal(("GET /things/{thingName}", 404, 1L), ((string)count.Route, (int)count.Status, (long)count.Count));
        Assert.Equal(session.PathOf("registry"), run.Output[1].BaseObject);
        Assert.Equal(address.Port, run.Output[2].BaseObject);
        Assert.StartsWith("GET /things/nobody 404", Assert.Single(run.Streams.Verbose).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWSs_own_protocol_is_served_at_a_port_of_its_own_and_signed_with_the_servers_key()
    {
        using var session = new Session().Prepare();
        dynamic open = session.Get("Start-CdfServer 0 -AwsPort 0").Single();
        dynamic keyed = session.Get("Start-CdfServer 0 -AwsPort 0 -AccessKey AKIDEXAMPLE -SecretKey secret").Single();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync((Uri)open.AwsAddress));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync((Uri)keyed.AwsAddress));
        Assert.Contains("InvalidRequest", session.Error("Start-CdfServer 0 -AwsPort 0 -AccessKey AKIDEXAMPLE").FullyQualifiedErrorId, StringComparison.Ordinal);

        static async Task<HttpStatusCode> StatusAsync(Uri address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "things"));
            request.Headers.TryAddWithoutValidation(
                "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
            request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
            using var response = await Client.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Each_session_has_its_own_servers_and_they_end_with_it()
    {
        using var one = new Session().Prepare();
        Uri ofOther;
        using (var other = new Session().Prepare())
        {
            other.AddThings("of-other");
            ofOther = Start(other);
            var ofOne = Start(one);

            Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync(new Uri(ofOne, "things/of-other"), Cancellation)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(ofOther, "things/of-other"), Cancellation)).StatusCode);
            one.Get("Remove-Module CdfProvisioning");
            await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(ofOne, Cancellation));
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(ofOther, "things/of-other"), Cancellation)).StatusCode);
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(ofOther, Cancellation));
    }

    [Theory]
    [InlineData("Disconnect-Cdf")]
    [InlineData("Connect-Cdf -Path $args[0]")]
    public async Task A_server_keeps_its_registry_when_the_session_turns_to_another(string leave)
    {
        using var session = new Session().Prepare();
        session.AddThings("here");
        var address = Start(session);

        var run = session.Run(leave, session.PathOf("elsewhere"));

        Assert.Empty(run.Errors);
        Assert.Equal(leave == "Disconnect-Cdf" ? 1 : 0, run.Streams.Warning.Count);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(address, "things/here"), Cancellation)).StatusCode);
        session.Get("Get-CdfServer | Stop-CdfServer");
        Directory.Delete(session.PathOf("registry"), recursive: true);
    }

    [Fact]
    public void Servers_are_found_by_their_port()
    {
        using var session = new Session();
        var one = Start(session);
        var two = Start(session);

        session.Get("Stop-CdfServer $args[0]", one.Port);

        Assert.Equal(two.Port, session.Get("(Get-CdfServer).Port").Single().BaseObject);
        Assert.StartsWith("NotFound", session.Error("Stop-CdfServer $args[0]", one.Port).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_starts_and_stops_nothing()
    {
        using var session = new Session();

        Assert.Empty(session.Get("Start-CdfServer -Port 0 -WhatIf"));
        Start(session);
        session.Get("Stop-CdfServer -WhatIf");

        Assert.Single(session.Get("Get-CdfServer"));
    }

    [Theory]
    [InlineData("Start-CdfServer -Address 0.0.0.0 -Port 0", "InvalidRequest")]
    [InlineData("Start-CdfServer -Address 0.0.0.0 -Port 0 -WhatIf", "InvalidRequest")]
    [InlineData("$p = (Start-CdfServer -Port 0).Port; Start-CdfServer -Port $p", "Unavailable")]
    public void A_server_that_cannot_or_must_not_be_started_is_an_error(string script, string id)
    {
        using var session = new Session();

        Assert.StartsWith(id, session.Error(script).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_waited_for_shows_its_requests_and_stops_with_the_pipeline()
    {
        using var session = new Session();
        using var waiting = session.Create("Start-CdfServer -Port 0 -Wait -Verbose");
        var output = new System.Management.Automation.PSDataCollection<System.Management.Automation.PSObject>();
        var started = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        output.DataAdded += (_, added) => started.SetResult((Uri)output[added.Index].Properties["Address"].Value);
        var shown = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Streams.Verbose.DataAdded += (_, added) =>
        {
            if (waiting.Streams.Verbose[added.Index].Message is var message && message.StartsWith("GET", StringComparison.Ordinal))
                shown.TrySetResult(message);
        };
        var running = waiting.BeginInvoke<System.Management.Automation.PSObject, System.Management.Automation.PSObject>(null, output);
        var address = await started.Task.WaitAsync(Cancellation);

        await Client.GetAsync(new Uri(address, "health"), Cancellation);

        Assert.StartsWith("GET /health 200", await shown.Task.WaitAsync(Cancellation), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
        waiting.Stop();
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(address, Cancellation));
        Assert.Empty(session.Get("Get-CdfServer"));
    }

    [Fact]
    public async Task Ctrl_C_stops_a_server_in_the_shell()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no signal to send.");
            return;
        }

        using var home = new TempFolder();
        using var shell = ShellProcess.Start(home.Path, "-c", "$s = Start-CdfServer -Port 0; [Console]::Out.WriteLine($s.Address); Start-CdfServer -Port 0 -Wait | ForEach-Object { [Console]::Out.WriteLine($_.Address) }");
        await shell.StandardOutput.ReadLineAsync(Cancellation);
        var address = new Uri((await shell.StandardOutput.ReadLineAsync(Cancellation))!);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(address, "health"), Cancellation)).StatusCode);

        using (var kill = Process.Start("kill", ["-INT", $"{shell.Id}"]))
            await kill.WaitForExitAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);

        Assert.Equal(130, shell.ExitCode);
    }

    private static Uri Start(Session session) => (Uri)session.Get("Start-CdfServer -Port 0").Single().Properties["Address"].Value;

    private static Task<HttpResponseMessage> PostAsync(Uri address, string path, string json) => Client.PostAsync(
        new Uri(address, path), new StringContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, Cancellation);
}
