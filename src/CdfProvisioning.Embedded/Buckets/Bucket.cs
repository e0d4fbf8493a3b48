using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>
/// A folder whose files are objects: key <c>x/y.json</c> is the file <c>x/y.json</c>, whoever put it there; the key <c>x/</c>, with which
/// S3's consoles make folders, is a file in that folder. So no key without a slash at its end may
/// be the beginning of another one's path; where the file system ignores case, so do the keys. Links are not followed.
/// </summary>
internal sealed class Bucket
{
    private readonly string _folder;
    private readonly ObjectRecords _records;
    private readonly UnfinishedFiles _unfinished;
    private readonly Lock _changes;

    /// <param name="name">Its name.</param>
    /// <param name="folder">The folder of its objects.</param>
    /// <param name="sideFolder">The folder of what is kept beside them.</param>
    /// <param name="unfinished">Where content arrives.</param>
    /// <param name="changes">Held while files of buckets change places.</param>
    public Bucket(string name, string folder, string sideFolder, UnfinishedFiles unfinished, Lock changes)
    {
        Name = name;
        _folder = folder;
        _records = new ObjectRecords(Path.Combine(sideFolder, "objects"));
        _unfinished = unfinished;
        _changes = changes;
        Uploads = new MultipartUploads(this, Path.Combine(sideFolder, "uploads"), changes);
    }

    public string Name { get; }

    public DateTime CreationDate => Directory.GetCreationTimeUtc(_folder);

    public MultipartUploads Uploads { get; }

    /// <exception cref="CdfException">NoSuchKey.</exception>
    public async ValueTask<OpenObject> OpenAsync(string key, CancellationToken cancellationToken) =>
        await TryOpenAsync(key, cancellationToken) ?? throw NoSuchKey(key);

    /// <summary>Opens an object for who needs its content only.</summary>
    /// <exception cref="CdfException">NoSuchKey; AccessDenied; Unavailable.</exception>
    public FileStream OpenContent(string key) => TryOpenContent(key) ?? throw NoSuchKey(key);

    /// <returns>Null if there is none.</returns>
    public async ValueTask<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        await using var opened = await TryOpenAsync(key, cancellationToken);
        return opened?.Object;
    }

    public async ValueTask<Listing<StoredObject>> ListAsync(ListQuery query, CancellationToken cancellationToken)
    {
        var walk = new KeyWalk(_folder, query.Prefix, query.After);
        var keys = Listing.Of(query, walk.Keys(), key => key, walk.SkipPast);
        List<StoredObject> objects = [];
        foreach (var key in keys.Items)
            if (await FindAsync(key, cancellationToken) is { } found)
                objects.Add(found);
        return new(objects, keys.CommonPrefixes, keys.Next);
    }

    /// <summary>Takes content in, to be put under a key once it has been checked.</summary>
    /// <exception cref="CdfException">Unavailable: it cannot be written.</exception>
    public ValueTask<ReceivedContent> ReceiveAsync(
        IEnumerable<ContentSource> sources, IEnumerable<ChecksumAlgorithm> algorithms, CancellationToken cancellationToken) =>
        ReceivedContent.ReceiveAsync(_unfinished.NewPath(), sources, algorithms, cancellationToken);

    /// <exception cref="CdfException">
    /// PreconditionFailed, ConditionalRequestConflict, NoSuchKey (of If-Match), InvalidBucketState (the key would be a file
    /// and a folder), KeyTooLongError, InvalidArgument, NoSuchBucket.
    /// </exception>
    public async ValueTask<StoredObject> PutAsync(
        string key, ReceivedContent content, NewObject what, WriteCondition condition, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        var (size, md5) = (content.Digests.Size, content.Digests.Md5Hex);
        var stored = new StoredObject(key, size, content.LastModified, md5, what.ETag ?? md5, what.Headers, what.Checksum, what.PartSizes);
        var seen = await CheckAsync(condition, key, cancellationToken);
        Change(key, path =>
        {
            CheckUnchanged(seen, path);
            if (condition.IfNoneMatch && File.Exists(path))
                throw PreconditionFailed(key);
            MakeRoom(key, path);
            _records.Prepare(stored);
            try
            {
                content.MoveTo(path, overwrite: !condition.IfNoneMatch);
            }
            catch (IOException) when (condition.IfNoneMatch && File.Exists(path))
            {
                throw PreconditionFailed(key);
            }
            _records.Confirm(key);
        });
        return stored;
    }

    /// <summary>Deletes an object if there is one, and the folders that are empty then.</summary>
    /// <exception cref="CdfException">PreconditionFailed, ConditionalRequestConflict, NoSuchKey (of If-Match).</exception>
    public async ValueTask DeleteAsync(string key, WriteCondition condition, CancellationToken cancellationToken)
    {
        var seen = await CheckAsync(condition, key, cancellationToken);
        if (!ObjectKey.IsValid(key))
            return;
        Change(key, path =>
        {
            CheckUnchanged(seen, path);
            if (!IsObject(key))
                return;
            File.Delete(path);
            _records.Remove(key);
            FolderTree.DeleteEmpty(Path.GetDirectoryName(path)!, upTo: _folder);
        });
    }

    private async ValueTask<OpenObject?> TryOpenAsync(string key, CancellationToken cancellationToken)
    {
        var (file, stored) = OpenWithRecord(key);
        if (file is not null && stored is null)
        {
            // It may have been replaced between the look at the file and that at its record.
            await file.DisposeAsync();
            lock (_changes)
                (file, stored) = OpenWithRecord(key);
        }
        if (file is null)
            return null;
        try
        {
            return new(stored ?? await DescribeAsync(key, file, cancellationToken), file);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private (FileStream? File, StoredObject? Stored) OpenWithRecord(string key) =>
        TryOpenContent(key) is { } file ? (file, _records.Find(key, file.Length, File.GetLastWriteTimeUtc(file.SafeFileHandle))) : default;

    private FileStream? TryOpenContent(string key)
    {
        if (!ObjectKey.IsValid(key))
            return null;
        var path = PathOf(key);
        try
        {
            return IsObject(key)
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw S3Errors.AccessDenied.Error($"Access Denied: the file '{path}' cannot be read. Make it readable to the user that runs this.", e);
        }
        catch (IOException e)
        {
            throw FileFailures.CannotRead("The object's file", path, e);
        }
    }

    /// <summary>
    /// Describes a file that was put here, or changed, by hand. If its content is that of the last record after all
    /// (touched, or copied with the whole folder), that is still right.
    /// </summary>
    private async ValueTask<StoredObject> DescribeAsync(string key, FileStream file, CancellationToken cancellationToken)
    {
        var (size, lastModified) = (file.Length, File.GetLastWriteTimeUtc(file.SafeFileHandle));
        var digests = await ReceivedContent.DigestAsync(file, [ChecksumAlgorithm.CRC64NVME], cancellationToken);
        file.Position = 0;
        var last = _records.Last(key);
        var stored = last?.Size == size && last.Md5 == digests.Md5Hex
            ? last with { LastModified = lastModified }
            : new StoredObject(
                key, size, lastModified, digests.Md5Hex, digests.Md5Hex, new Dictionary<string, string>(), Checksum.OfWhole(ChecksumAlgorithm.CRC64NVME, digests));
        try
        {
            lock (_changes)
                if (IsStill(stored, PathOf(key)))
                {
                    _records.Prepare(stored);
                    _records.Confirm(key);
                }
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            // It will be computed again.
        }
        return stored;
    }

    /// <returns>The object that met the condition; null if it asks for none.</returns>
    private async ValueTask<StoredObject?> CheckAsync(WriteCondition condition, string key, CancellationToken cancellationToken)
    {
        if (condition.IfMatch is null)
            return null;
        await using var opened = await OpenAsync(key, cancellationToken);
        return opened.Object.ETag == condition.IfMatch ? opened.Object : throw PreconditionFailed(key);
    }

    private static void CheckUnchanged(StoredObject? seen, string path)
    {
        if (seen is not null && !IsStill(seen, path))
            throw S3Errors.ConditionalRequestConflict.Error($"The object '{IotNames.Shown(seen.Key)}' was changed while this request was under way. Try again.");
    }

    private static bool IsStill(StoredObject stored, string path) =>
        new FileInfo(path) is { Exists: true } file && file.Length == stored.Size && file.LastWriteTimeUtc == stored.LastModified;

    private CdfException NoSuchKey(string key) =>
        S3Errors.NoSuchKey.Error($"The specified key does not exist: there is no '{IotNames.Shown(key)}' in the bucket '{Name}'.");

    private static CdfException PreconditionFailed(string key) =>
        S3Errors.PreconditionFailed.Error($"At least one of the pre-conditions you specified did not hold for '{IotNames.Shown(key)}'.");

    /// <summary>Runs a change of this bucket's files while nobody else makes one.</summary>
    private void Change(string key, Action<string> change)
    {
        var path = PathOf(key);
        try
        {
            lock (_changes)
            {
                if (!Directory.Exists(_folder))
                    throw BucketStore.NoSuchBucket(Name);
                change(path);
            }
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The object's file", path, e);
        }
    }

    /// <summary>Makes the folders that a key needs.</summary>
    private void MakeRoom(string key, string path)
    {
        foreach (var ancestor in AncestorsOf(key))
            if (File.Exists(PathOf(ancestor)) || IsLink(PathOf(ancestor)))
                throw KeyInTheWay(key, $"'{IotNames.Shown(ancestor)}' is an object");
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        if (Directory.Exists(path) && !IsLink(path) && !FolderTree.TryDelete(path))
            throw KeyInTheWay(key, $"there are objects below '{IotNames.Shown(key)}/'");
    }

    private static CdfException KeyInTheWay(string key, string why) => S3Errors.InvalidBucketState.Error(
        $"The request is not valid for the current state of the bucket: the key '{IotNames.Shown(key)}' cannot be used because {why}, and here an object is a file, which cannot be a folder too. Delete what is in the way, or choose another key.");

    private bool IsObject(string key) => UnixFiles.IsRegular(PathOf(key)) && !IsLink(PathOf(key)) && !AncestorsOf(key).Any(ancestor => IsLink(PathOf(ancestor)));

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static IEnumerable<string> AncestorsOf(string key)
    {
        for (var slash = key.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = key.IndexOf('/', slash + 1))
            yield return key[..slash];
    }

    private string PathOf(string key) => Path.Combine(_folder, ObjectKey.PathOf(key));
}
