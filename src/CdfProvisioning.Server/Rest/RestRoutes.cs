using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdfProvisioning.Server.Rest;

/// <summary>Adds a route under the name that it is counted by.</summary>
internal static class RestRoutes
{
    public static void Get(this IEndpointRouteBuilder routes, string path, RequestDelegate serve, MediaTypes types) =>
        Map(routes, [HttpMethods.Get, HttpMethods.Head], path, serve, types);

    public static void Post(this IEndpointRouteBuilder routes, string path, RequestDelegate serve) =>
        Map(routes, [HttpMethods.Post], path, serve, new(TakesBody: true, MediaTypes.Cdf, MediaTypes.Json));

    /// <summary>A request to do something, which has nothing to say beyond its path.</summary>
    public static void PostWithoutBody(this IEndpointRouteBuilder routes, string path, RequestDelegate serve) =>
        Map(routes, [HttpMethods.Post], path, serve, new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));

    public static void Patch(this IEndpointRouteBuilder routes, string path, RequestDelegate serve) =>
        Map(routes, [HttpMethods.Patch], path, serve, new(TakesBody: true, MediaTypes.Cdf, MediaTypes.Json));

    public static void Delete(this IEndpointRouteBuilder routes, string path, RequestDelegate serve) =>
        Map(routes, [HttpMethods.Delete], path, serve, new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));

    public static string Value(this HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static void Map(IEndpointRouteBuilder routes, string[] methods, string path, RequestDelegate serve, MediaTypes types) =>
        routes.MapMethods(path, methods, serve).WithDisplayName($"{methods[0]} {path}").WithMetadata(types);
}
