using System.Buffers;
using System.Net;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>S3's rules for the names of general purpose buckets. Such a name is also a folder's: so it is no Windows device's.</summary>
internal static class BucketName
{
    private const int MinLength = 3;
    private const int MaxLength = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <exception cref="CdfException">InvalidBucketName.</exception>
    public static void Check(string name)
    {
        if (!IsValid(name))
            throw S3Errors.InvalidBucketName.Error(
                $"The specified bucket is not valid: '{Iot.IotNames.Shown(name)}'. Use {MinLength} to {MaxLength} lower-case letters, digits, '.' and '-', a letter or digit at " +
                "either end, no two dots together, and neither an IP address, nor a Windows device name, nor a prefix or suffix that AWS reserves.");
    }

    public static bool IsValid(string name) =>
        name.Length is >= MinLength and <= MaxLength
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal)
        && !(name.Count('.') == 3 && IPAddress.TryParse(name, out _))
        && !Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && !Array.Exists(ReservedSuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal))
        && !FileNames.IsWindowsDevice(name);
}
