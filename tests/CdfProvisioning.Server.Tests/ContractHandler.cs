namespace CdfProvisioning.Tests;

/// <summary>Holds every answer against the server's description.</summary>
internal sealed class ContractHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await OpenApi.CheckAsync(request, response);
        return response;
    }
}
