using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>A request's path and query as they were sent. Kestrel's own path is decoded but for slashes, and what was signed, or an ARN, cannot be told from it.</summary>
/// <param name="Path">Begins with a slash.</param>
/// <param name="Query">Without its question mark.</param>
internal readonly record struct RawTarget(string Path, string Query)
{
    public static RawTarget Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        if (!path.StartsWith('/'))
        {
            // A proxy's form: the whole URI.
            var host = path.IndexOf("://", StringComparison.Ordinal);
            var slash = host < 0 ? -1 : path.IndexOf('/', host + "://".Length);
            path = slash < 0 ? "/" : path[slash..];
        }

        return new(path, query < 0 ? "" : target[(query + 1)..]);
    }
}
