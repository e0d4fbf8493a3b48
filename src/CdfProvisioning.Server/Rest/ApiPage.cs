using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Rest;

/// <summary>
/// The API as a page to read and to try, which a browser gets at <c>/</c>: Swagger UI, whose files come with its package.
/// It needs no API key, since a browser cannot send one with an address; what it tries does, and it asks for it.
/// </summary>
internal static class ApiPage
{
    private const string Folder = "docs";

    /// <summary>Nothing is loaded from elsewhere, nothing is sent elsewhere, and no other page can frame it.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Use(IApplicationBuilder application) => application
        .Use((context, next) =>
        {
            if (!IsBrowserAtRoot(context.Request))
                return next(context);
            context.SetEndpoint(new Endpoint(null, null, "GET /"));
            context.Response.Redirect($"/{Folder}/index.html");
            return Task.CompletedTask;
        })
        .UseWhen(context => context.Request.Path.StartsWithSegments($"/{Folder}"), docs => docs
            .Use(ServeAsync)
            .UseSwaggerUI(page =>
            {
                page.RoutePrefix = Folder;
                page.DocumentTitle = "CDF Provisioning";
                page.SwaggerEndpoint($"/{Folder}/openapi.json", "CDF Provisioning 1.0.0");
                page.ConfigObject.AdditionalItems["validatorUrl"] = null!;
            }));

    private static async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        // Swagger UI takes "/docs\n" for its folder too, and would redirect there; no header can have a line's end.
        if (context.Request.Path.Value!.Any(char.IsControl))
        {
            await RestAnswers.RefuseAsync(context, StatusCodes.Status404NotFound, "There is no such file.");
            return;
        }

        context.SetEndpoint(new Endpoint(null, null, $"GET /{Folder}"));
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.Request.Path == $"/{Folder}/openapi.json" && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.ContentType = MediaTypes.Json;
            await ServiceRoutes.OpenApiAsync(context);
            return;
        }

        await next(context);
    }

    private static bool IsBrowserAtRoot(HttpRequest request) =>
        request.Path == "/" && HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
}
