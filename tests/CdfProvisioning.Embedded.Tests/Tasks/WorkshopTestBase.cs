using Xunit;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>A workshop in a folder of the test's own.</summary>
public abstract class WorkshopTestBase : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected TemporaryFolder Folder { get; } = new();

    private protected Workshop Workshop { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Workshop = await Workshop.OpenAsync(Folder.Path);

    public async ValueTask DisposeAsync()
    {
        await Workshop.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
