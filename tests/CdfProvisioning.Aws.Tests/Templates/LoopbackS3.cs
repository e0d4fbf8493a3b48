using Amazon.S3;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Server.Aws.S3;

namespace CdfProvisioning.Aws.Tests.Templates;

/// <summary>Our own S3, over the folders of a folder.</summary>
internal sealed class LoopbackS3 : IAsyncDisposable
{
    private readonly Loopback _server;

    private LoopbackS3(Loopback server)
    {
        _server = server;
        Client = ClientFor(server.Url);
    }

    public IAmazonS3 Client { get; }

    public static async Task<LoopbackS3> StartAsync(string folder)
    {
        var service = new S3Service(new BucketStore(new(folder)), "123456789012", secretOf: null);
        return new LoopbackS3(await Loopback.StartAsync(context => service.HandleAsync(context, "eu-west-1", chunkSigning: null)));
    }

    public static IAmazonS3 ClientFor(Uri url)
    {
        var settings = TestSettings.For(url);
        return new AmazonS3Client(settings.Credentials, settings.Apply(new AmazonS3Config { ForcePathStyle = true }));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
