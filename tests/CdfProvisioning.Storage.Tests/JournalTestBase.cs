using Xunit;

namespace CdfProvisioning.Storage.Tests;

/// <summary>A journal in a folder of the test's own.</summary>
public abstract class JournalTestBase : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    private protected Journal Journal { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Journal = await Journal.OpenAsync(Folder.File("lists.db"), Cancellation);

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
