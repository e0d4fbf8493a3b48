using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class MultipartUploadsTests : BucketTestBase
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    [Fact]
    public async Task An_upload_is_no_object_until_it_is_completed()
    {
        var upload = Bucket.Uploads.Create("x/a", new Dictionary<string, string> { ["Content-Type"] = "text/plain" }, null, null);
        var part = await PutPartAsync(upload, 1, "one");
        Assert.Empty(await KeysAsync());
        Assert.False(Directory.Exists(FileOf("x")));
        Assert.Equal([upload.UploadId], Bucket.Uploads.List().Select(listed => listed.UploadId));

        var stored = await CompleteAsync(upload, part);
        Assert.EndsWith("-1", stored.ETag);
        Assert.Equal("one", await ReadAsync("x/a"));
        Assert.Equal(("text/plain", stored.ETag), ((await FindAsync("x/a")).Headers["Content-Type"], (await FindAsync("x/a")).ETag));
        Assert.Empty(Bucket.Uploads.List());
        Assert.Equal("NoSuchUpload", await CodeOfAsync(() => PutPartAsync(upload, 2, "two")));
        Assert.Equal([FileOf("x/a")], Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(file => !file.Contains("objects")));
    }

    [Fact]
    public async Task A_part_that_comes_again_takes_the_place_of_the_first()
    {
        var upload = Bucket.Uploads.Create("a", NoHeaders, null, null);
        var first = await PutPartAsync(upload, 1, "first");
        var second = await PutPartAsync(upload, 1, "second");
        Assert.Equal(second, Assert.Single(Bucket.Uploads.PartsOf(upload)));
        Assert.Equal("InvalidPart", await CodeOfAsync(() => CompleteAsync(upload, first)));
        await CompleteAsync(upload, second);
        Assert.Equal("second", await ReadAsync("a"));
    }

    [Fact]
    public async Task An_upload_that_was_begun_before_a_restart_goes_on()
    {
        var upload = Bucket.Uploads.Create("a", NoHeaders, ChecksumAlgorithm.SHA256, ChecksumType.Composite);
        await PutPartAsync(upload, 1, "one");
        var again = new BucketStore(new(Root)).Get(BucketOfTest).Uploads;
        var found = again.Get("a", upload.UploadId);
        Assert.Equal((upload.Initiated, upload.ChecksumAlgorithm, upload.ChecksumType), (found.Initiated, found.ChecksumAlgorithm, found.ChecksumType));
        Assert.Equal(3, Assert.Single(again.PartsOf(found)).Size);
        Assert.Equal("NoSuchUpload", Assert.Throws<CdfException>(() => again.Get("b", upload.UploadId)).ErrorTypeName);
        Assert.Equal("NoSuchUpload", Assert.Throws<CdfException>(() => again.Get("a", $"../{upload.UploadId}")).ErrorTypeName);
    }

    [Fact]
    public async Task An_upload_whose_completion_is_refused_goes_on()
    {
        var upload = Bucket.Uploads.Create("a", NoHeaders, null, null);
        var part = await PutPartAsync(upload, 1, "one");
        await PutAsync("a", "there");
        Assert.Equal("PreconditionFailed", await CodeOfAsync(() => CompleteAsync(upload, new WriteCondition(IfNoneMatch: true), part)));
        Assert.Equal("there", await ReadAsync("a"));
        await CompleteAsync(upload, part);
        Assert.Equal("one", await ReadAsync("a"));
    }

    private async Task<UploadedPart> PutPartAsync(MultipartUpload upload, int number, string text)
    {
        using var content = await ReceiveAsync(Bucket, text);
        return Bucket.Uploads.PutPart(upload, number, content, Checksum.OfWhole(ChecksumAlgorithm.CRC64NVME, content.Digests));
    }

    private Task<StoredObject> CompleteAsync(MultipartUpload upload, params UploadedPart[] parts) => CompleteAsync(upload, WriteCondition.None, parts);

    private Task<StoredObject> CompleteAsync(MultipartUpload upload, WriteCondition condition, params UploadedPart[] parts)
    {
        CompletedPart[] completed = [.. parts.Select(part => new CompletedPart(part.PartNumber, part.ETag, new Dictionary<ChecksumAlgorithm, string>()))];
        return Bucket.Uploads.CompleteAsync(upload, new(completed, condition, null, null, null), Cancellation).AsTask();
    }
}
