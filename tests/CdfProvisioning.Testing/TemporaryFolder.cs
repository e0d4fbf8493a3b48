namespace CdfProvisioning.Testing;

/// <summary>A folder of one test's own, gone when the test is.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdf-");

    public string Path => _folder.FullName;

    public string File(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
