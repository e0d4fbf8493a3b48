using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Transfer;
using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>AWS's SDK for .NET, which signs bodies chunk by chunk and sends their checksums in trailers.</summary>
public sealed class DotNetClientTests : IAsyncLifetime
{
    private const int PartSize = 5 * 1024 * 1024;

    private S3Host _host = null!;
    private AmazonS3Client _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await S3Host.StartAsync();
        _client = Client(S3Host.SecretKey);
        await _client.PutBucketAsync("fleet", Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(true, "CRC32")]
    [InlineData(true, "CRC32C")]
    [InlineData(true, "CRC64NVME")]
    [InlineData(true, "SHA1")]
    [InlineData(true, "SHA256")]
    [InlineData(false, null)]
    [InlineData(false, "SHA256")]
    public async Task An_object_is_put_in_signed_chunks_or_in_one_and_keeps_its_checksum(bool chunked, string? algorithm)
    {
        var content = Content(300_000);
        var put = await _client.PutObjectAsync(
            new()
            {
                BucketName = "fleet",
                Key = "x/y z.json",
                InputStream = new MemoryStream(content),
                ContentType = "application/json",
                UseChunkEncoding = chunked,
                ChecksumAlgorithm = algorithm,
                Metadata = { ["maker"] = "me" },
            },
            Cancellation);
        using var got = await _client.GetObjectAsync(new() { BucketName = "fleet", Key = "x/y z.json", ChecksumMode = ChecksumMode.ENABLED }, Cancellation);
        using var received = new MemoryStream();
        await got.ResponseStream.CopyToAsync(received, Cancellation);
        Assert.Equal(content, received.ToArray());
        Assert.Equal(("application/json", "me", put.ETag), (got.Headers.ContentType, got.Metadata["maker"], got.ETag));
        Assert.Equal(ChecksumType.FULL_OBJECT, got.ChecksumType);
        string?[] checksums = [got.ChecksumCRC32, got.ChecksumCRC32C, got.ChecksumCRC64NVME, got.ChecksumSHA1, got.ChecksumSHA256];
        Assert.Single(checksums, checksum => checksum is not null);
        if (algorithm == "SHA256")
            Assert.Equal(Convert.ToBase64String(SHA256.HashData(content)), got.ChecksumSHA256);
    }

    [Fact]
    public async Task A_chunk_that_is_not_signed_with_the_secret_is_refused_and_nothing_is_kept()
    {
        using var forger = Client("another secret");
        var error = await Assert.ThrowsAsync<AmazonS3Exception>(() => forger.PutObjectAsync(
            new() { BucketName = "fleet", Key = "forged", InputStream = new MemoryStream(Content(100_000)), UseChunkEncoding = true }, Cancellation));
        Assert.Equal((HttpStatusCode.Forbidden, "SignatureDoesNotMatch"), (error.StatusCode, error.ErrorCode));
        Assert.False(File.Exists(_host.FileOf("fleet", "forged")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_host.Folder, ".s3", "unfinished")));
    }

    [Fact]
    public async Task A_stream_of_unknown_length_goes_up_in_parts_and_the_object_comes_down_as_it_was()
    {
        using var transfer = new TransferUtility(_client, new TransferUtilityConfig { MinSizeBeforePartUpload = PartSize });
        var content = Content(2 * PartSize + 100);
        await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = "fleet", Key = "big", InputStream = new MemoryStream(content), PartSize = PartSize }, Cancellation);
        using var response = await _client.GetObjectAsync("fleet", "big", Cancellation);
        Assert.EndsWith("-3\"", response.ETag);
        using var received = new MemoryStream();
        await response.ResponseStream.CopyToAsync(received, Cancellation);
        Assert.Equal(content, received.ToArray());
        Assert.Equal(content, await File.ReadAllBytesAsync(_host.FileOf("fleet", "big"), Cancellation));
    }

    [Fact]
    public async Task Only_one_of_many_clients_creates_an_object_that_must_not_be_there_yet()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async number =>
        {
            try
            {
                await _client.PutObjectAsync(new() { BucketName = "fleet", Key = "leader", ContentBody = $"{number}", IfNoneMatch = "*" }, Cancellation);
                return number;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return (int?)null;
            }
        }));
        var leader = Assert.Single(answers, answer => answer is not null);
        Assert.Equal($"{leader}", await File.ReadAllTextAsync(_host.FileOf("fleet", "leader"), Cancellation));
    }

    [Fact]
    public async Task A_presigned_link_downloads_without_credentials()
    {
        await _client.PutObjectAsync(new() { BucketName = "fleet", Key = "report", ContentBody = "{}" }, Cancellation);
        var link = await _client.GetPreSignedURLAsync(new() { BucketName = "fleet", Key = "report", Expires = DateTime.UtcNow.AddHours(1), Protocol = Protocol.HTTP });
        using var http = new HttpClient();
        Assert.Equal("{}", await http.GetStringAsync(new Uri(link), Cancellation));
    }

    private AmazonS3Client Client(string secret) => new(
        new BasicAWSCredentials(S3Host.AccessKey, secret),
        new AmazonS3Config { ServiceURL = _host.Endpoint.AbsoluteUri, AuthenticationRegion = "us-east-1", ForcePathStyle = true, MaxErrorRetry = 0 });

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }
}
