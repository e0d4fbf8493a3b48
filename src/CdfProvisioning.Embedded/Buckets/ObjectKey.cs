using System.Buffers;
using System.Text;
using System.Xml;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>
/// Which keys can be objects here: those that are the path of a file or, with a slash at the end, of a folder below the
/// bucket's folder and nothing else. The other keys of S3 (empty, <c>.</c> or <c>..</c> segments, a slash at the beginning, ...)
/// name nothing and cannot be put.
/// </summary>
internal static class ObjectKey
{
    /// <summary>S3's limit, in bytes of UTF-8.</summary>
    private const int MaxBytes = 1024;

    /// <summary>That of the usual file systems, in bytes of UTF-8.</summary>
    private const int MaxSegmentBytes = 255;

    /// <summary>The name of the file that is the object of a folder's own key, such as <c>2026/</c>; no other object has it.</summary>
    private const string OfFolder = ".folder-object";

    private static readonly SearchValues<char> NotInFileNames = SearchValues.Create([.. Path.GetInvalidFileNameChars().Where(c => c != '/')]);

    /// <exception cref="CdfException">KeyTooLongError or InvalidArgument.</exception>
    public static void Check(string key)
    {
        if (IsTooLong(key))
            throw S3Errors.KeyTooLong.Error(
                $"Your key is too long: '{IotNames.Shown(key)}' has more than {MaxBytes} bytes, or one of its segments more than {MaxSegmentBytes}.");
        if (!IsValid(key))
            throw S3Errors.InvalidArgument.Error(
                $"The key '{IotNames.Shown(key)}' cannot be used: here an object is a file of its key's name. Each segment between slashes has to be a file name, " +
                "so not empty, not '.' or '..', without control characters, without a dot or space at its end, and no Windows device name such as CON or COM1.");
    }

    public static bool IsValid(string key) => !IsTooLong(key) && Array.TrueForAll((key.EndsWith('/') ? key[..^1] : key).Split('/'), IsValidSegment);

    /// <summary>The path of the object's file below the bucket's folder.</summary>
    public static string PathOf(string key) => (key.EndsWith('/') ? key + OfFolder : key).Replace('/', Path.DirectorySeparatorChar);

    public static bool IsValidSegment(string segment) =>
        segment.Length > 0
        && segment != OfFolder
        && segment[^1] is not ('.' or ' ')
        && !segment.AsSpan().ContainsAny(NotInFileNames)
        && IsXml(segment)
        && !FileNames.IsWindowsDevice(segment)
        && !PrivateFiles.IsUnfinished(segment);

    /// <summary>Listings are XML 1.0, which cannot carry control characters and broken surrogates.</summary>
    private static bool IsXml(string segment)
    {
        foreach (var rune in segment.EnumerateRunes())
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune) || (rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value)))
                return false;
        return true;
    }

    private static bool IsTooLong(string key) =>
        Encoding.UTF8.GetByteCount(key) > MaxBytes || Array.Exists(key.Split('/'), segment => Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes);
}
