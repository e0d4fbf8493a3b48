using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Rest;
using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>A server on a free port, over a registry of its own, with a client.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private bool _isStopped;

    private RunningServer()
    {
    }

    public Connection Connection { get; private set; } = null!;

    public CdfServer Server { get; private set; } = null!;

    public string CaId { get; private set; } = null!;

    /// <summary>Checks every answer against the description.</summary>
    public HttpClient Client { get; private set; } = null!;

    public Uri Address => Server.Info.Address;

    public string Keys => Path.Combine(_folder.Path, "keys");

    /// <summary>The folder of the keys that nobody has been answered.</summary>
    public string UndeliveredKeys => Connection.UndeliveredKeys.Folder;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RunningServer> StartAsync(Func<ServerOptions, ServerOptions>? configure = null)
    {
        var running = new RunningServer();
        running.Connection = await running.OpenAgainAsync();
        foreach (var (id, body) in Templates.All)
            await running.Connection.Templates.PutAsync(id, body, Cancellation);
        await running.Connection.Registry.InvokeAsync(new CreatePolicyRequest("sensors", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"} }"""), Cancellation);
        await running.Connection.Registry.InvokeAsync(new CreateThingGroupRequest("sensors"), Cancellation);
        running.CaId = (await running.Connection.CertificateAuthorities.CreateAsync(new SubjectFields("Test CA"), TimeSpan.FromDays(1000), Cancellation)).CaId;

        var serverOptions = new ServerOptions { Port = 0, KeyDirectory = running.Keys };
        running.Server = await CdfServer.StartAsync(configure?.Invoke(serverOptions) ?? serverOptions, running.Connection, Cancellation);
        running.Client = running.CreateClient(_ => { });
        return running;
    }

    /// <summary>The registry, as another process has it open.</summary>
    public async Task<Connection> OpenAgainAsync() => await EmbeddedBackend.OpenAsync(
        new EmbeddedBackendOptions(
            Path.Combine(_folder.Path, "registry"),
            Settings: new() { KeyAlgorithm = KeyAlgorithm.P256 },
            Provisioning: new() { KeyAlgorithm = KeyAlgorithm.P256 }),
        Cancellation);

    public HttpClient CreateClient(Action<SocketsHttpHandler> configure)
    {
        var handler = new SocketsHttpHandler();
        configure(handler);
        return new HttpClient(new ContractHandler(handler)) { BaseAddress = Address };
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null, string type = MediaTypes.Cdf) =>
        SendAsync(new HttpRequestMessage(method, path) { Content = json is null ? null : Body(json, type) });

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Client.SendAsync(request, Cancellation);

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>The JSON of an answer that is to have that status.</summary>
    public async Task<JsonNode> JsonAsync(HttpStatusCode status, HttpMethod method, string path, string? json = null)
    {
        var response = await SendAsync(method, path, json);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>The message of a refusal.</summary>
    public async Task<string> MessageAsync(HttpStatusCode status, HttpMethod method, string path, string? json = null) =>
        (string)(await JsonAsync(status, method, path, json))["message"]!;

    /// <summary>Provisions a thing, from the template <c>plain</c> unless another is named.</summary>
    public Task<JsonNode> ProvisionAsync(string thingName, string template = "plain") =>
        JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/things", Request(template, $$"""{"ThingName":"{{thingName}}"}"""));

    /// <summary>The body of a request with <see cref="CdfParameters"/>.</summary>
    public string Request(string template, string parameters) =>
        $$"""{"provisioningTemplateId":"{{template}}","parameters":{{parameters}},"cdfProvisioningParameters":{{CdfParameters}} }""";

    /// <summary>The CDF parameters with the CA of this registry.</summary>
    public string CdfParameters => $$"""{"caId":"{{CaId}}","certInfo":{"commonName":"device","daysExpiry":30} }""";

    public async Task<BulkRegistrationTask> WaitAsync(JsonNode task) =>
        await Connection.BulkRegistrations.WaitAsync((string)task["taskId"]!, progress: null, Cancellation);

    /// <summary>Sends bytes as they are, and returns what comes back until the server closes the connection.</summary>
    public async Task<string> SendRawAsync(string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port, Cancellation);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Cancellation);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Cancellation);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopped = true;
        await Server.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_isStopped)
            await Server.StopAsync(Cancellation);
        await Connection.DisposeAsync();
        _folder.Dispose();
    }

    private static StringContent Body(string json, string type) => new(json, Encoding.UTF8) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
}
