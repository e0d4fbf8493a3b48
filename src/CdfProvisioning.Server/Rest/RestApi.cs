using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Rest;

/// <summary>The CDF Provisioning REST API 1.0.0 over a connection, and a little more; <c>openapi.json</c> describes it.</summary>
internal static class RestApi
{
    /// <param name="connection">The registry.</param>
    /// <param name="options">Where the keys of lists go whose template makes keys.</param>
    public static Action<IApplicationBuilder> Over(Connection connection, ServerOptions options) => application => application
        .Use(AnswerFailuresAsync)
        .Use((context, next) => IsOfAnotherPage(context.Request, options.CorsOrigins)
            ? throw CdfErrorCode.AccessDenied.Error("A web page of another origin sent this: name its origin if it may (Start-CdfServer -CorsOrigin).")
            : next(context))
        .UseRouting()
        .Use(NegotiateAsync)
        .UseEndpoints(routes =>
        {
            new ThingRoutes(connection.Things, connection.UndeliveredKeys).Map(routes);
            new BulkRoutes(connection.BulkRegistrations, connection.Templates, options).Map(routes);
            new ServiceRoutes(connection.Registry).Map(routes);
        })
        .Run(context => RestAnswers.RefuseAsync(
            context, StatusCodes.Status404NotFound, $"There is no path '{context.Request.Path.ToUriComponent()}' here: /openapi.json describes those that there are."));

    /// <summary>
    /// What a browser sends without asking first, for any page there is: a POST without a body is among it (WHATWG Fetch, CORS-safelisted
    /// method), and CORS only keeps the answer from that page.
    /// </summary>
    private static bool IsOfAnotherPage(HttpRequest request, IReadOnlyList<string> origins) =>
        request.Headers.Origin.ToString() is { Length: > 0 } origin
        && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
        && !origins.Contains("*") && !origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private static async Task AnswerFailuresAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (CdfException e) when (!context.Response.HasStarted)
        {
            await RestAnswers.RefuseAsync(context, RestAnswers.Status(e.Code), PublicText.Of(e.Message));
        }
    }

    private static async Task NegotiateAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<MediaTypes>() is { } types)
        {
            if (types.Negotiate(context.Request) is not { } answer)
                throw new BadHttpRequestException($"Nothing that the header Accept accepts is answered here: accept {string.Join(" or ", types.Answers)}.", StatusCodes.Status415UnsupportedMediaType);
            if (!types.Takes(context.Request))
                throw new BadHttpRequestException($"The body has to be JSON in UTF-8: send Content-Type: {MediaTypes.Cdf} (or {MediaTypes.Json}).", StatusCodes.Status415UnsupportedMediaType);
            context.Response.ContentType = answer;
        }

        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            await RestAnswers.RefuseAsync(
                context, StatusCodes.Status405MethodNotAllowed, $"'{context.Request.Path.ToUriComponent()}' knows no {context.Request.Method}: use {context.Response.Headers.Allow}.");
    }
}
