using CdfProvisioning.Provisioning;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CdfProvisioning.Server.Rest;

/// <summary>The media types that a route answers with, the preferred one first, and whether it takes a JSON body.</summary>
internal sealed record MediaTypes(bool TakesBody, params IReadOnlyList<StringSegment> Answers)
{
    /// <summary>The media type of version 1.0 of the API.</summary>
    public const string Cdf = "application/vnd.aws-cdf-v1.0+json";
    public const string Json = "application/json";
    public const string Text = "text/plain";
    public const string JsonLines = "application/jsonl";

    /// <summary>The one of <see cref="Answers"/> that the client likes best; null if it accepts none of them.</summary>
    public string? Negotiate(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        if (StringValues.IsNullOrEmpty(accept))
            return Answers[0].Value;
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return null;

        return (from answer in Answers
                let quality = Quality(ranges, new MediaTypeHeaderValue(answer))
                where quality > 0
                orderby quality descending
                select answer.Value).FirstOrDefault();
    }

    /// <summary>Whether the body, if the route takes one, says that it is JSON.</summary>
    public bool Takes(HttpRequest request) =>
        !TakesBody
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (Are(type.MediaType, Cdf) || Are(type.MediaType, Json))
            && (type.Charset.Length == 0 || Are(HeaderUtilities.RemoveQuotes(type.Charset), "utf-8")));

    /// <summary>The quality of the most specific range that the type is in (RFC 9110, 12.5.1).</summary>
    private static double Quality(IList<MediaTypeHeaderValue> ranges, MediaTypeHeaderValue type) => ranges
        .Where(range => range.MatchesAllTypes
            || (range.MatchesAllSubTypes ? Are(range.Type, type.Type) : Are(range.MediaType, type.MediaType)))
        .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
        .Select(range => range.Quality ?? 1)
        .FirstOrDefault();

    private static bool Are(StringSegment name, StringSegment same) => name.Equals(same, StringComparison.OrdinalIgnoreCase);
}
