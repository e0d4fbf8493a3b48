using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>
/// Buckets as the folders of a folder; a folder made by hand under a bucket's name is one. What S3 knows of an object
/// beyond its content is in a hidden folder beside them, and may be lost without harm: content types and the like then are.
/// </summary>
internal sealed class BucketStore
{
    private readonly RegistryFolder _folder;
    private readonly string _side;
    private readonly UnfinishedFiles _unfinished;
    private readonly Lock _changes = new();

    public BucketStore(RegistryFolder folder)
    {
        _folder = folder;
        // No bucket's name begins with a dot.
        _side = Path.Combine(folder.Path, ".s3");
        _unfinished = new UnfinishedFiles(Path.Combine(_side, "unfinished"));
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Bucket> List() => Directory.Exists(_folder.Path)
        ? [.. Directory.EnumerateDirectories(_folder.Path).Select(path => Path.GetFileName(path)).Where(BucketName.IsValid).Order(StringComparer.Ordinal).Select(Open)]
        : [];

    /// <exception cref="CdfException">NoSuchBucket, InvalidBucketName.</exception>
    public Bucket Get(string name)
    {
        BucketName.Check(name);
        return Directory.Exists(PathOf(name)) ? Open(name) : throw NoSuchBucket(name);
    }

    /// <returns>False if there is one of that name already.</returns>
    /// <exception cref="CdfException">InvalidBucketName; Unavailable.</exception>
    public bool TryCreate(string name)
    {
        BucketName.Check(name);
        return Change(name, () =>
        {
            if (Directory.Exists(PathOf(name)))
                return false;
            Forget(name);
            PrivateFiles.CreateFolder(PathOf(name));
            return true;
        });
    }

    /// <exception cref="CdfException">NoSuchBucket, InvalidBucketName, BucketNotEmpty; Unavailable.</exception>
    public void Delete(string name) => Change(Get(name).Name, () =>
    {
        if (!FolderTree.TryDelete(PathOf(name)))
            throw S3Errors.BucketNotEmpty.Error($"The bucket you tried to delete is not empty: there are files in its folder.");
        Forget(name);
        return true;
    });

    public static CdfException NoSuchBucket(string name) => S3Errors.NoSuchBucket.Error($"The specified bucket does not exist: '{IotNames.Shown(name)}'.");

    private Bucket Open(string name) => new(name, PathOf(name), SideOf(name), _unfinished, _changes);

    /// <summary>What was kept of a bucket of that name goes, its unfinished uploads with it.</summary>
    private void Forget(string name)
    {
        if (Directory.Exists(SideOf(name)))
            Directory.Delete(SideOf(name), recursive: true);
    }

    private T Change<T>(string name, Func<T> change)
    {
        try
        {
            lock (_changes)
                return change();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The bucket's folder", PathOf(name), e);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private string SideOf(string name) => Path.Combine(_side, "buckets", name);
}
