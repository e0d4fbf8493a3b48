using Amazon.Runtime;

namespace CdfProvisioning.Aws.Client;

/// <summary>
/// Makes HTTP clients that wait for an answer's body as well as for its head: so the timeout covers both, and an answer
/// that breaks off is a failed attempt like any other.
/// </summary>
internal sealed class WholeAnswers : HttpClientFactory
{
    /// <summary>One pool of connections for the process. DNS changes are seen within minutes.</summary>
    private static readonly SocketsHttpHandler Connections = new()
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(new BufferingHandler(Connections), disposeHandler: false) { Timeout = clientConfig.Timeout ?? Timeout.InfiniteTimeSpan };

    private sealed class BufferingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }
}
