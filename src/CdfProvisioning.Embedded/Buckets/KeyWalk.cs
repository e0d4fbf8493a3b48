using System.IO.Enumeration;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>The keys of a bucket's folder in the order of S3's listings, read from the disk as they are asked for.</summary>
/// <param name="folder">The bucket's folder.</param>
/// <param name="prefix">What the keys have to begin with.</param>
/// <param name="after">What they have to come after.</param>
internal sealed class KeyWalk(string folder, string prefix, string after)
{
    private static readonly EnumerationOptions AllOfOneFolder = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    private string _after = after;

    /// <summary>Goes on behind all keys that begin with <paramref name="commonPrefix"/>.</summary>
    public void SkipPast(string commonPrefix) => _after = commonPrefix + Utf8Order.Last;

    public IEnumerable<string> Keys() => KeysBelow("");

    /// <param name="parent">The key of the folder: empty, or ending in a slash.</param>
    private IEnumerable<string> KeysBelow(string parent)
    {
        if (parent.Length > 0 && IsWantedObject(parent) && new FileInfo(Path.Combine(folder, ObjectKey.PathOf(parent))) is { Exists: true, LinkTarget: null })
            yield return parent;
        foreach (var key in EntriesOf(parent))
            if (!IsWanted(key))
                continue;
            else if (key.EndsWith('/'))
                foreach (var below in KeysBelow(key))
                    yield return below;
            else
                yield return key;
    }

    /// <returns>The keys of the files and folders, of folders with a slash at the end: thus sorted, a folder stands where its keys belong.</returns>
    private List<string> EntriesOf(string parent)
    {
        try
        {
            List<string> entries = [.. new FileSystemEnumerable<string>(
                Path.Combine(folder, parent),
                (ref entry) => parent + entry.FileName.ToString() + (entry.IsDirectory ? "/" : ""),
                AllOfOneFolder)
            {
                ShouldIncludePredicate = (ref entry) => ObjectKey.IsValidSegment(entry.FileName.ToString()),
            }.Where(IsWanted)];
            entries.Sort(Utf8Order.Instance);
            return entries;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private bool IsWanted(string key) => key.EndsWith('/')
        ? Utf8Order.Instance.Compare(key + Utf8Order.Last, _after) > 0
            && (key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(key, StringComparison.Ordinal))
        : IsWantedObject(key);

    private bool IsWantedObject(string key) => Utf8Order.Instance.Compare(key, _after) > 0 && key.StartsWith(prefix, StringComparison.Ordinal);
}
