using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class BucketStoreTests : BucketTestBase
{
    [Fact]
    public void Buckets_are_folders_and_folders_of_a_buckets_name_are_buckets()
    {
        Assert.True(Store.TryCreate("made-here"));
        Assert.False(Store.TryCreate("made-here"));
        Directory.CreateDirectory(Path.Combine(Root, "made.by.hand"));
        Directory.CreateDirectory(Path.Combine(Root, "No Bucket"));
        Assert.Equal([BucketOfTest, "made-here", "made.by.hand"], Store.List().Select(bucket => bucket.Name));
        Assert.Equal("made.by.hand", Store.Get("made.by.hand").Name);
        Assert.Equal("NoSuchBucket", Assert.Throws<CdfException>(() => Store.Get("none")).ErrorTypeName);
        Store.Delete("made.by.hand");
        Assert.False(Directory.Exists(Path.Combine(Root, "made.by.hand")));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    [InlineData("dash-")]
    [InlineData("two..dots")]
    [InlineData("..")]
    [InlineData(".s3")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("127.0.0.1")]
    [InlineData("xn--bucket")]
    [InlineData("bucket-s3alias")]
    [InlineData("bucket--x-s3")]
    [InlineData("aux")]
    [InlineData("com1.txt")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_that_is_no_buckets_is_refused(string name)
    {
        Assert.Equal("InvalidBucketName", Assert.Throws<CdfException>(() => Store.TryCreate(name)).ErrorTypeName);
        Assert.Equal("InvalidBucketName", Assert.Throws<CdfException>(() => Store.Get(name)).ErrorTypeName);
        Assert.Equal("InvalidBucketName", Assert.Throws<CdfException>(() => Store.Delete(name)).ErrorTypeName);
    }

    [Fact]
    public async Task A_bucket_goes_when_there_is_no_file_in_it()
    {
        await PutAsync("a/b", "1");
        Directory.CreateDirectory(FileOf("empty/folders"));
        Assert.Equal("BucketNotEmpty", Assert.Throws<CdfException>(() => Store.Delete(BucketOfTest)).ErrorTypeName);
        Assert.True(Directory.Exists(FileOf("empty/folders")));
        await Bucket.DeleteAsync("a/b", Embedded.Buckets.WriteCondition.None, Cancellation);
        Store.Delete(BucketOfTest);
        Assert.Empty(Store.List());
        Assert.Equal("NoSuchBucket", await CodeOfAsync(() => PutAsync("a", "1")));
        Assert.False(Directory.Exists(FileOf("")));
    }

    [Fact]
    public async Task A_bucket_that_is_made_anew_knows_nothing_of_the_old_one()
    {
        await PutAsync("a", "1", ("Content-Type", "text/plain"));
        Bucket.Uploads.Create("b", new Dictionary<string, string>(), null, null);
        Directory.Delete(FileOf(""), recursive: true);
        Assert.True(Store.TryCreate(BucketOfTest));
        Assert.Empty(Bucket.Uploads.List());
        WriteFile("a", "1");
        Assert.Empty((await FindAsync("a")).Headers);
    }
}
