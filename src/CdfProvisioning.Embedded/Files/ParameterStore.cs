using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Files;

/// <summary>Parameters as files that only their owner may read: what is in them may be secret, so the registry's file is no place for them.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing that has to be disposed of.
internal sealed class ParameterStore(RegistryFolder folder)
#pragma warning restore CA1001
{
    private const string What = "The parameter's file";

    /// <summary>Writes follow each other: a version is given once.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    public async ValueTask<StoredParameter?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return File.Exists(path) ? await ReadAsync(path, cancellationToken) : null;
    }

    /// <param name="name">The parameter's name.</param>
    /// <param name="change">Makes the new parameter of the present one, which is null where there is none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<StoredParameter> ChangeAsync(string name, Func<StoredParameter?, StoredParameter> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        var path = PathOf(name);
        try
        {
            var changed = change(await FindAsync(name, cancellationToken));
            PrivateFiles.CreateFolder(folder.Path);
            await PrivateFiles.WriteAsync(path, JsonSerializer.Serialize(changed, ParameterJson.Default.StoredParameter), cancellationToken);
            return changed;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, path, e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <returns>False if there was none.</returns>
    public bool Remove(string name) => PrivateFiles.TryDelete(What, PathOf(name));

    /// <summary>All, in the order of their names.</summary>
    public async ValueTask<IReadOnlyList<StoredParameter>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<StoredParameter>();
        foreach (var path in Directory.Exists(folder.Path) ? Directory.GetFiles(folder.Path, "*.json") : [])
            found.Add(await ReadAsync(path, cancellationToken));
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    private static async ValueTask<StoredParameter> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllTextAsync(path, cancellationToken), ParameterJson.Default.StoredParameter)!;
        }
        catch (Exception e) when (FileFailures.IsExpected(e) || e is JsonException)
        {
            throw FileFailures.CannotRead(What, path, e);
        }
    }

    /// <summary>A name may be longer than a file's, and have slashes.</summary>
    private string PathOf(string name) => Path.Combine(folder.Path, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}.json");
}

/// <summary>A parameter as it stands in its file.</summary>
internal sealed record StoredParameter(
    string Name, string Type, string Value, int Version, DateTimeOffset ModifiedAt, string? Description = null, string? KeyId = null, string? AllowedPattern = null,
    string Tier = "Standard", string DataType = "text", IReadOnlyDictionary<string, string>? Tags = null);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredParameter))]
internal sealed partial class ParameterJson : JsonSerializerContext;
