using CdfProvisioning.Iot;
using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdfProvisioning.Server.Rest;

/// <summary>What the server tells of itself: <c>/health</c> and <c>/openapi.json</c>.</summary>
internal sealed class ServiceRoutes(IDeviceRegistry registry)
{
    /// <summary>The OpenAPI 3.1 description of this API, as it is in the source.</summary>
    public static readonly ReadOnlyMemory<byte> OpenApi = ReadOpenApi();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/health", HealthAsync, new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));
        routes.Get("/openapi.json", OpenApiAsync, new(TakesBody: false, MediaTypes.Json));
        routes.Get("/metrics", MetricsAsync, new(TakesBody: false, MediaTypes.Text));
    }

    private static async Task MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(PrometheusText.Write(), context.RequestAborted);
    }

    public static async Task OpenApiAsync(HttpContext context)
    {
        context.Response.ContentLength = OpenApi.Length;
        await context.Response.Body.WriteAsync(OpenApi, context.RequestAborted);
    }

    private static byte[] ReadOpenApi()
    {
        using var resource = typeof(ServiceRoutes).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>A server is as healthy as its registry: one that cannot be read, or not be written to, answers 503, and says which.</summary>
    private async Task HealthAsync(HttpContext context)
    {
        await registry.InvokeAsync(new ListThingTypesRequest(MaxResults: 1), context.RequestAborted);
        if (registry is ITransactionalRegistry transactional)
            await CheckWritableAsync(transactional, context.RequestAborted);
        await context.AnswerAsync(StatusCodes.Status200OK, new Health("ok"), RestJson.Default.Health);
    }

    /// <summary>A transaction without changes needs no room on the disk; a thing that comes and goes in it needs what any thing does.</summary>
    private static async Task CheckWritableAsync(ITransactionalRegistry registry, CancellationToken cancellationToken)
    {
        var name = $"health-{Guid.NewGuid():N}";
        try
        {
            await registry.TransactAsync(
                async transaction =>
                {
                    await transaction.InvokeAsync(new CreateThingRequest(name), cancellationToken);
                    return await transaction.InvokeAsync(new DeleteThingRequest(name), cancellationToken);
                },
                cancellationToken);
        }
        catch (CdfException e)
        {
            throw CdfErrorCode.Unavailable.Error($"The registry can be read, but nothing can be registered: {e.Message}", e);
        }
    }
}
