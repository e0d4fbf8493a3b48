using System.Text;
using System.Text.RegularExpressions;
using CdfProvisioning.Provisioning;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>A request in the one form in which it is signed (AWS General Reference, create a canonical request).</summary>
internal static partial class CanonicalRequest
{
    /// <param name="context">The request.</param>
    /// <param name="signature">What it says of its signature.</param>
    /// <param name="payloadHash">The SHA-256 of its body in hexadecimal digits, or what stands for it.</param>
    public static string Of(HttpContext context, RequestSignature signature, string payloadHash)
    {
        var target = RawTarget.Of(context);
        var text = new StringBuilder();
        text.Append(context.Request.Method).Append('\n');
        text.Append(PathOf(target.Path, signature.Scope.Service)).Append('\n');
        text.Append(QueryOf(target.Query)).Append('\n');
        foreach (var name in signature.SignedHeaders)
            text.Append(name).Append(':').Append(ValueOf(context.Request, name)).Append('\n');
        return text.Append('\n').AppendJoin(';', signature.SignedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    /// <summary>S3 signs the path as it was sent. The others sign it without empty and dot segments, and encoded once more.</summary>
    private static string PathOf(string path, string service)
    {
        if (service == "s3")
            return UriEscape.Encode(Uri.UnescapeDataString(path), keepsSlash: true);

        var segments = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (segment == "..")
                segments.RemoveRange(Math.Max(segments.Count - 1, 0), Math.Min(segments.Count, 1));
            else if (segment != ".")
                segments.Add(UriEscape.Encode(segment));
        return segments.Count == 0 ? "/" : $"/{string.Join('/', segments)}{(path.EndsWith('/') ? "/" : "")}";
    }

    private static string QueryOf(string query) => string.Join('&', query
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(parameter => parameter.Split('=', 2))
        .Select(parameter => (Name: Recode(parameter[0]), Value: parameter is [_, var value] ? Recode(value) : ""))
        .Where(parameter => parameter.Name != RequestSignature.SignatureParameter)
        .OrderBy(parameter => parameter.Name, StringComparer.Ordinal).ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
        .Select(parameter => $"{parameter.Name}={parameter.Value}"));

    private static string Recode(string sent) => UriEscape.Encode(Uri.UnescapeDataString(sent.Replace('+', ' ')));

    private static string ValueOf(HttpRequest request, string name) =>
        string.Join(',', request.Headers[name].Select(value => Spaces().Replace(value!.Trim(), " ")));

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
