using System.Runtime.CompilerServices;
using CdfProvisioning.Files;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Files;

/// <summary>Assignments as files of the template folder, in its folder <c>assignments</c>.</summary>
internal sealed class FolderAssignmentStore(RegistryFolder templateFolder, string prefix = "") : ITemplateAssignmentStore
{
    private const string What = "The file of a template assignment";

    public async IAsyncEnumerable<TemplateAssignment> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = PathOf(AssignmentKey.Prefix);
        if (!Directory.Exists(folder))
            yield break;

        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (AssignmentKey.Read(file.Replace('\\', '/'), await ReadAsync(file, cancellationToken)) is { } assignment)
                yield return assignment;
        }
    }

    public async ValueTask PutAsync(TemplateAssignment assignment, CancellationToken cancellationToken)
    {
        var path = PathOf(assignment);
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            await PrivateFiles.WriteAsync(path, AssignmentKey.Write(assignment), cancellationToken);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, path, e);
        }
    }

    public ValueTask<bool> RemoveAsync(TemplateAssignment assignment, CancellationToken cancellationToken) =>
        new(PrivateFiles.TryDelete(What, PathOf(assignment)));

    private static async ValueTask<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotRead(What, path, e);
        }
    }

    private string PathOf(TemplateAssignment assignment)
    {
        TemplateId.Check(assignment.TemplateId);
        return PathOf(AssignmentKey.Of(assignment));
    }

    private string PathOf(string key) => Path.Combine(templateFolder.Path, prefix + key);
}
