using CdfProvisioning.Files;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Files;

/// <summary>Templates as files <c>&lt;prefix&gt;&lt;id&gt;&lt;suffix&gt;</c> of a folder, keyed as the original service keys its S3 bucket.</summary>
internal sealed class FolderTemplateStore(RegistryFolder folder, string prefix = "", string suffix = ".json") : ITemplateStore
{
    private const string What = "The template file";

    /// <summary>Anyone who may write to the bucket of the templates may put an object there that is none. UTF-8 has up to 4 bytes a character.</summary>
    private const long MaxFileLength = 4 * TemplateCompiler.MaxLength;

    /// <summary>Reads at once: every device asks for its template, and an asynchronous read costs several times as much, most of it for other threads.</summary>
    public ValueTask<StoredTemplate> GetAsync(string templateId, CancellationToken cancellationToken)
    {
        var path = PathOf(templateId);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxFileLength and var length })
                throw CdfErrorCode.InvalidTemplate.Error($"The template '{templateId}' has {length:N0} bytes, more than the {MaxFileLength:N0} that are read.");
            if (!UnixFiles.IsRegular(path))
                throw new FileNotFoundException(null, path);
            return new(new StoredTemplate(templateId, File.ReadAllText(path), File.GetLastWriteTimeUtc(path)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CdfErrorCode.NotFound.Error(
                $"There is no template '{templateId}' ({path}). Get-CdfTemplate lists those there are; Set-CdfTemplate -TemplateId {templateId} -Path <file> adds one.");
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotRead(What, path, e);
        }
    }

    public IAsyncEnumerable<string> ListIdsAsync(CancellationToken cancellationToken) => !Directory.Exists(folder.Path)
        ? AsyncEnumerable.Empty<string>()
        : Directory.EnumerateFiles(folder.Path, $"{prefix}*{suffix}")
            .Select(p => Path.GetFileName(p)[prefix.Length..^suffix.Length])
            .Where(TemplateId.IsValid)
            .Order(StringComparer.Ordinal)
            .ToAsyncEnumerable();

    public async ValueTask<StoredTemplate> PutAsync(string templateId, string body, CancellationToken cancellationToken)
    {
        var path = PathOf(templateId);
        try
        {
            PrivateFiles.CreateFolder(folder.Path);
            await PrivateFiles.WriteAsync(path, body, cancellationToken);
            return new StoredTemplate(templateId, body, File.GetLastWriteTimeUtc(path));
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, path, e);
        }
    }

    public ValueTask<bool> RemoveAsync(string templateId, CancellationToken cancellationToken) =>
        new(PrivateFiles.TryDelete(What, PathOf(templateId)));

    private string PathOf(string templateId)
    {
        TemplateId.Check(templateId);
        return Path.Combine(folder.Path, prefix + templateId + suffix);
    }
}
