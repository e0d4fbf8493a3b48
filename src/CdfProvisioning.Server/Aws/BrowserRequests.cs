using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CdfProvisioning.Server.Aws;

/// <summary>
/// Tells what a web page has made a browser send. A port that nobody signs for must not answer it: any page can point a
/// form, an image or a script at this machine, and no page is a client of AWS's.
/// </summary>
internal static class BrowserRequests
{
    private static readonly string[] FormTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    /// <param name="request">The request.</param>
    /// <param name="service">The service that it is for, by its signing name.</param>
    public static bool IsOne(HttpRequest request, string service) =>
        request.Headers.Origin.Count > 0
        || (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site != "none") // none: the address was typed in (W3C Fetch Metadata).
        || IsForm(request, service);

    /// <summary>
    /// What a form can send without asking first (WHATWG Fetch, CORS-safelisted request-header): these types, and no header
    /// Authorization. STS's clients send the first, and S3's all of them as the type of an object, with that header.
    /// </summary>
    private static bool IsForm(HttpRequest request, string service) =>
        HttpMethods.IsPost(request.Method)
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && FormTypes.Any(form => type.MediaType.Equals(form, StringComparison.OrdinalIgnoreCase))
        && (request.Headers.Authorization.Count == 0 || service is not ("s3" or "sts"));
}
