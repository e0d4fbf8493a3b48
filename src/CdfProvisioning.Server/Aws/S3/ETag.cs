namespace CdfProvisioning.Server.Aws.S3;

/// <summary>ETags as they are in headers and documents: in quotes, which not all clients send.</summary>
internal static class ETag
{
    public static string Quoted(string tag) => $"\"{tag}\"";

    public static string Unquoted(string tag) => (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
}
