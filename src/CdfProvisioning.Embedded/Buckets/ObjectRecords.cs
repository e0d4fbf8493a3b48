using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>
/// What is kept of a bucket's objects beside their content: a JSON file each, named by the hash of the key. A record is
/// of a file only while that has the size and the time of the record; so a file that is changed by hand loses its own,
/// and a file that never had one is an object all the same.
/// </summary>
internal sealed class ObjectRecords(string folder)
{
    /// <summary>The record of the file that has that size and time now.</summary>
    public StoredObject? Find(string key, long size, DateTime lastModified)
    {
        var path = PathOf(key);
        return Of(path) ?? Of(SideFile.NextOf(path));

        StoredObject? Of(string path) => Read(path) is { } record && record.Size == size && record.LastModified == lastModified ? record : null;
    }

    /// <summary>The record that was last in force, whatever file it is of.</summary>
    public StoredObject? Last(string key) => Read(PathOf(key));

    /// <summary>Writes a record that comes into force when its file takes its place; until then, the present one stays.</summary>
    public void Prepare(StoredObject record)
    {
        PrivateFiles.CreateFolder(folder);
        SideFile.Prepare(PathOf(record.Key), record, BucketsJson.Default.StoredObject);
    }

    public void Confirm(string key) => File.Move(SideFile.NextOf(PathOf(key)), PathOf(key), overwrite: true);

    public void Remove(string key)
    {
        if (!Directory.Exists(folder))
            return;
        File.Delete(PathOf(key));
        File.Delete(SideFile.NextOf(PathOf(key)));
    }

    private static StoredObject? Read(string path) => SideFile.Read(path, BucketsJson.Default.StoredObject);

    private string PathOf(string key) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + ".json");
}
