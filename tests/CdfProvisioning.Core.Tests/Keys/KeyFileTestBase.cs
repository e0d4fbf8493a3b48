using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Files;
using CdfProvisioning.Keys;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

/// <summary>A key file in a folder of the test's own.</summary>
public abstract class KeyFileTestBase : IDisposable
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    /// <summary>How far tasks have come, by their ids; a task that is not among them is unknown.</summary>
    private protected Dictionary<string, long> Done { get; } = [];

    private protected string FilePath => Folder.File("keys.jsonl");

    /// <summary>What is noted of the batch that is being written.</summary>
    private protected string NotePath => Folder.File(".keys.jsonl.batch");

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task AppendAsync(int row)
    {
        await using var batch = await Open().BeginAsync("task", row, Cancellation);
        batch.Append([Line(row)]);
        batch.Keep();
    }

    /// <summary>Without .NET's own lock: a process that is being started beside holds that of the last batch a moment longer.</summary>
    private protected void LeaveNote(string note)
    {
        using var file = UnixFiles.OpenRegular(NotePath, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(note), 0);
    }

    private protected static byte[] Line(int row) => new KeyLine(row, $"thing-{row}", "id", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n").Encode();

    private protected KeyFile Open(string? recipient = null) =>
        KeyFile.Open(FilePath, recipient, "registry", task => new(Done.TryGetValue(task, out var done) ? done : (long?)null));

    private protected List<long> Rows(X509Certificate2? holder = null) => [.. KeyFile.Read(FilePath, holder).Select(line => line.Row)];
}
