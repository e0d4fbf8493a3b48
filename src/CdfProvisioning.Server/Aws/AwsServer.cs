using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace CdfProvisioning.Server.Aws;

/// <summary>AWS's own protocol at a port of its own.</summary>
internal sealed class AwsServer
{
    private readonly HttpEndpoint _http;
    private readonly AwsEndpoint _endpoint;

    private AwsServer(HttpEndpoint http, AwsEndpoint endpoint)
    {
        _http = http;
        _endpoint = endpoint;
    }

    /// <summary>What goes after <c>--endpoint-url</c>.</summary>
    public Uri Address => _http.Address;

    /// <exception cref="CdfException">InvalidRequest, Unavailable, AccessDenied: it cannot serve there.</exception>
    public static async Task<AwsServer> StartAsync(ServerOptions options, Connection connection, RequestJournal journal, CancellationToken cancellationToken)
    {
        var endpoint = new AwsEndpoint(connection, options.AwsCredentials, TimeProvider.System);
        // AWS's clients show who they are by their signature, and no web page is one of them.
        var own = options with { Port = options.AwsPort!.Value, ApiKey = null, CorsOrigins = [] };
        return new(await HttpEndpoint.StartAsync(own, endpoint.RefuseAsync, journal, app => app.Run(endpoint.HandleAsync), cancellationToken), endpoint);
    }

    /// <param name="cancellationToken">Aborts the requests that are being served.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _http.StopAsync(cancellationToken);
        await _endpoint.DisposeAsync();
    }
}
