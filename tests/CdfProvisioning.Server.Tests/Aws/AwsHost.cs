using System.Collections.Concurrent;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Server.Aws;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Tests.Aws;

/// <summary>AWS's services at a port of their own, over a registry folder of their own.</summary>
public sealed class AwsHost : IAsyncDisposable
{
    public const string AccountId = "123456789012";

    private readonly TemporaryFolder? _folder;
    private readonly ConcurrentDictionary<string, int> _called = new();
    private readonly Connection _connection;
    private readonly AwsEndpoint _endpoint;
    private readonly WebApplication _app;
    private int _requests;

    private AwsHost(TemporaryFolder? folder, Connection connection, AwsCredentials? credentials, TimeProvider clock)
    {
        _folder = folder;
        _connection = connection;
        _endpoint = new AwsEndpoint(connection, credentials, clock);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            Interlocked.Increment(ref _requests);
            await _endpoint.HandleAsync(context);
            _called.AddOrUpdate(context.GetEndpoint()?.DisplayName ?? "", 1, (_, count) => count + 1);
        });
    }

    public Uri Endpoint => new(_app.Urls.First());

    /// <summary>The operations that were called, such as <c>iot:CreateThing</c>.</summary>
    public IReadOnlyCollection<string> Called => [.. _called.Keys];

    /// <summary>How many requests have come.</summary>
    public int Requests => _requests;

    internal Connection Connection => _connection;

    public string Folder => _connection.Info.Path!;

    /// <param name="credentials">What clients have to sign with.</param>
    /// <param name="clock">The server's time.</param>
    /// <param name="settings">The registry's.</param>
    /// <param name="folder">That of another host, to be used too.</param>
    internal static async Task<AwsHost> StartAsync(
        AwsCredentials? credentials = null, TimeProvider? clock = null, RegistrySettings? settings = null, string? folder = null)
    {
        var own = folder is null ? new TemporaryFolder() : null;
        var options = new EmbeddedBackendOptions(folder ?? own!.Path, AccountId, Settings: settings ?? new() { CreatesP256Keys = true });
        var host = new AwsHost(own, await EmbeddedBackend.OpenAsync(options, CancellationToken.None), credentials, clock ?? TimeProvider.System);
        await host._app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _endpoint.DisposeAsync();
        await _connection.DisposeAsync();
        _folder?.Dispose();
    }
}
