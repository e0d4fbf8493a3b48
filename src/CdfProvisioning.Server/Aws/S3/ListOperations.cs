using System.Text;
using System.Xml;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>ListObjectsV2, and ListObjects as older clients use it.</summary>
internal sealed class ListOperations(BucketStore buckets, string accountId)
{
    /// <summary>On one page, of whatever is listed.</summary>
    public const int MaxListed = 1000;

    public async Task ListAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        var encode = EncoderOf(request);
        var isSecond = request.Query("list-type") == "2";
        var token = isSecond ? request.Query("continuation-token") : null;
        var marker = request.Query(isSecond ? "start-after" : "marker") ?? "";
        var query = QueryOf(request, "max-keys", token is null ? marker : Decode(token));
        var found = await bucket.ListAsync(query, request.Cancellation);
        await S3Xml.WriteAsync(request.Context.Response, "ListBucketResult", xml =>
        {
            xml.Text("Name", bucket.Name);
            xml.Text("Prefix", encode(query.Prefix));
            xml.Text("Delimiter", EncodedOrNull(query.Delimiter, encode));
            xml.Text("MaxKeys", query.Max);
            xml.Text("EncodingType", request.Query("encoding-type"));
            xml.Text("IsTruncated", found.Next is not null);
            if (isSecond)
            {
                xml.Text("KeyCount", found.Items.Count + found.CommonPrefixes.Count);
                xml.Text("ContinuationToken", token);
                xml.Text("NextContinuationToken", found.Next is null ? null : Encode(found.Next));
                xml.Text("StartAfter", token is null && marker.Length > 0 ? encode(marker) : null);
            }
            else
            {
                xml.Text("Marker", encode(marker));
                xml.Text("NextMarker", query.Delimiter is null ? null : EncodedOrNull(found.Next, encode));
            }
            foreach (var item in found.Items)
                xml.Element("Contents", () => WriteObject(xml, item, encode(item.Key), !isSecond || request.Query("fetch-owner") == "true"));
            WriteCommonPrefixes(xml, found.CommonPrefixes, encode);
        });
    }

    /// <summary>What a request for a listing asks for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxParameter">The parameter that says how much to list at most.</param>
    /// <param name="after">Behind which to go on.</param>
    /// <exception cref="CdfException">InvalidArgument.</exception>
    public static ListQuery QueryOf(S3Request request, string maxParameter, string after) => new(
        request.Query("prefix") ?? "",
        request.Query("delimiter") is { Length: > 0 } delimiter ? delimiter : null,
        after,
        Math.Min(request.Number(maxParameter) ?? MaxListed, MaxListed));

    /// <summary>How keys and what is made of them are to be written, so that also those come through that XML cannot carry.</summary>
    /// <exception cref="CdfException">InvalidArgument.</exception>
    public static Func<string, string> EncoderOf(S3Request request) => request.Query("encoding-type") switch
    {
        null => text => text,
        "url" => text => Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal),
        _ => throw S3Request.InvalidArgument("encoding-type", "Invalid Encoding Method specified in Request"),
    };

    public static string? EncodedOrNull(string? text, Func<string, string> encode) => text is null ? null : encode(text);

    public static void WriteCommonPrefixes(XmlWriter xml, IEnumerable<string> commonPrefixes, Func<string, string> encode)
    {
        foreach (var commonPrefix in commonPrefixes)
            xml.Element("CommonPrefixes", () => xml.Text("Prefix", encode(commonPrefix)));
    }

    private void WriteObject(XmlWriter xml, StoredObject item, string key, bool withOwner)
    {
        xml.Text("Key", key);
        xml.Text("LastModified", item.LastModified);
        xml.ETag(item.ETag);
        xml.Text("ChecksumAlgorithm", item.Checksum.Algorithm.ToString());
        xml.Text("ChecksumType", item.Checksum.Type);
        xml.Text("Size", item.Size);
        if (withOwner)
            xml.Owner("Owner", accountId);
        xml.Text("StorageClass", "STANDARD");
    }

    private static string Encode(string next) => Convert.ToBase64String(Encoding.UTF8.GetBytes(next));

    private static string Decode(string token)
    {
        try
        {
            return token.Length > 0 ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : throw Wrong();
        }
        catch (FormatException)
        {
            throw Wrong();
        }

        static CdfException Wrong() => S3Request.InvalidArgument("continuation-token", "The continuation token provided is incorrect");
    }
}
