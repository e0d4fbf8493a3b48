using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests;

public sealed class EmbeddedBackendTests
{
    private const string Template = """{ "Resources": { "thing": { "Type": "AWS::IoT::Thing" } } }""";

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

    /// <summary>Whoever moves the folder back has all that was answered with success, and nothing was said not to be there that is.</summary>
    [Fact]
    public async Task Nothing_is_put_into_or_missed_in_the_place_of_a_folder_that_was_moved_away()
    {
        using var folder = new TemporaryFolder();
        var home = folder.File("home");
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(home), Cancellation);
        await using var region = await EmbeddedBackend.OpenRegionAsync(connection, "eu-west-1", Cancellation);
        await connection.Templates.PutAsync("sensor", Template, Cancellation);
        var buckets = new BucketStore(new(home, EmbeddedBackend.BucketsFolder));
        var parameters = new ParameterStore(new(home, "us-east-1", "parameters"));
        var caKeys = new FolderCaKeyStore(new(home, "ca-keys"));
        Directory.Move(home, folder.File("elsewhere"));

        var failures = new Func<Task>[]
        {
            async () => await connection.Templates.GetAsync("sensor", Cancellation),
            async () => await connection.Templates.PutAsync("other", Template, Cancellation),
            async () => await connection.Templates.RemoveAsync("sensor", Cancellation),
            async () => await connection.Templates.ListIdsAsync(Cancellation).ToListAsync(Cancellation),
            async () => await connection.CertificateAuthorities.CreateAsync(new SubjectFields("CA"), TimeSpan.FromDays(1), Cancellation),
            async () => await caKeys.FindAsync(new string('a', 64), Cancellation),
            async () => await caKeys.PutAsync(new string('a', 64), "a key", Cancellation),
            async () => await caKeys.RemoveAsync(new string('a', 64), Cancellation),
            async () => await connection.Registry.InvokeAsync(new CreateThingRequest("thing"), Cancellation),
            async () => await region.Registry.InvokeAsync(new CreateThingRequest("thing"), Cancellation),
            async () => await region.Registry.InvokeAsync(new DescribeThingRequest("thing"), Cancellation),
            async () => await EmbeddedBackend.OpenRegionAsync(connection, "eu-central-1", Cancellation),
            async () => await parameters.FindAsync("name", Cancellation),
            async () => await parameters.ListAsync(Cancellation),
            async () => await parameters.ChangeAsync("name", _ => new("name", "String", "value", 1, default), Cancellation),
            () => Task.Run(buckets.List, Cancellation),
            () => Task.Run(() => buckets.Get("templates"), Cancellation),
            () => Task.Run(() => buckets.TryCreate("bucket"), Cancellation),
            () => Task.Run(() => buckets.Delete("templates"), Cancellation),
        };
        foreach (var failure in failures)
            Assert.Equal(CdfErrorCode.Unavailable, (await Assert.ThrowsAsync<CdfException>(failure)).Code);

        Assert.False(Directory.Exists(home));
        Directory.Move(folder.File("elsewhere"), home);
        Assert.Equal("sensor", (await connection.Templates.GetAsync("sensor", Cancellation)).TemplateId);
    }
}
