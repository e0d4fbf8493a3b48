using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using Xunit;

namespace CdfProvisioning.Tests;

public sealed class EmbeddedBackendTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task The_registry_waits_for_the_disk_where_that_is_asked_for(bool fullSync, long synchronous)
    {
        using var folder = new TemporaryFolder();
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder.Path, FullSync: fullSync), Cancellation);

        var registry = Assert.IsType<EmbeddedRegistry>(connection.Registry);

        Assert.Equal(synchronous, await registry.WriteAsync(scope => scope.Session.Scalar<long>("PRAGMA synchronous"), Cancellation));
    }
}
