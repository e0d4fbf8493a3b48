using System.Collections.Concurrent;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Server.Aws;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Testing;

/// <summary>AWS's services at a port of their own, over a registry folder of their own, on a line that can be cut.</summary>
public sealed class AwsHost : IAsyncDisposable
{
    public const string AccountId = "123456789012";

    private readonly TemporaryFolder? _folder;
    private readonly ConcurrentDictionary<string, int> _called = new();
    private readonly Connection _connection;
    private readonly AwsEndpoint _endpoint;
    private int _requests;
    private Loopback _server = null!;

    private AwsHost(TemporaryFolder? folder, Connection connection, AwsEndpoint endpoint) =>
        (_folder, _connection, _endpoint) = (folder, connection, endpoint);

    public Uri Endpoint => _server.Url;

    /// <summary>The operations that were called, such as <c>iot:CreateThing</c>.</summary>
    public IReadOnlyCollection<string> Called => [.. _called.Keys];

    /// <summary>How many requests have come.</summary>
    public int Requests => _requests;

    internal Connection Connection => _connection;

    public string Folder => _connection.Info.Path!;

    /// <param name="credentials">What clients have to sign with.</param>
    /// <param name="clock">The server's time.</param>
    /// <param name="settings">The registry's.</param>
    /// <param name="folder">That of another host, to be used too, or of the caller.</param>
    /// <param name="region">The account's own region.</param>
    /// <param name="line">What becomes of a request on its way to the services; it gets there if not given.</param>
    internal static async Task<AwsHost> StartAsync(
        AwsCredentials? credentials = null, TimeProvider? clock = null, RegistrySettings? settings = null, string? folder = null,
        string region = "us-east-1", Func<HttpContext, RequestDelegate, Task>? line = null)
    {
        var own = folder is null ? new TemporaryFolder() : null;
        var options = new EmbeddedBackendOptions(folder ?? own!.Path, AccountId, region, Settings: settings ?? new() { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256 });
        var connection = await EmbeddedBackend.OpenAsync(options, CancellationToken.None);
        var host = new AwsHost(own, connection, new AwsEndpoint(connection, credentials, clock ?? TimeProvider.System));
        host._server = await Loopback.StartAsync(line is null ? host.HandleAsync : context => line(context, host.HandleAsync));
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _endpoint.DisposeAsync();
        await _connection.DisposeAsync();
        _folder?.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        await _endpoint.HandleAsync(context);
        _called.AddOrUpdate(context.GetEndpoint()?.DisplayName ?? "", 1, (_, count) => count + 1);
    }
}
