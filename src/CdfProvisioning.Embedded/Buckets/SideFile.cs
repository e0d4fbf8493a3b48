using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>A JSON file beside the buckets.</summary>
internal static class SideFile
{
    /// <returns>Null if it is not there or cannot be read: nothing depends on it then.</returns>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, type);
        }
        catch (Exception e) when (FileFailures.IsExpected(e) || e is JsonException)
        {
            return null;
        }
    }

    public static void Write<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var next = Prepare(path, value, type);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Writes a file beside the one of that path, to be moved there.</summary>
    /// <returns>Its path.</returns>
    public static string Prepare<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var next = NextOf(path);
        File.Delete(next);
        using var file = PrivateFiles.OpenNew(next);
        JsonSerializer.Serialize(file, value, type);
        return next;
    }

    public static string NextOf(string path) => path + ".next";
}
