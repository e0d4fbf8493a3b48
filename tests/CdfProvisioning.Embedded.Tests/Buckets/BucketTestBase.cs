using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

/// <summary>A bucket <c>fleet</c> in a folder of the test's own.</summary>
public abstract class BucketTestBase : IDisposable
{
    private protected const string BucketOfTest = "fleet";

    private readonly TemporaryFolder _folder = new();

    private protected BucketTestBase()
    {
        Store = new BucketStore(new(_folder.Path, "buckets"));
        Store.TryCreate(BucketOfTest);
        Bucket = Store.Get(BucketOfTest);
    }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The folder of the buckets.</summary>
    protected string Root => _folder.File("buckets");

    private protected BucketStore Store { get; }

    private protected Bucket Bucket { get; }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a key's file is.</summary>
    protected string FileOf(string key) => Path.Combine(Root, BucketOfTest, key);

    /// <summary>Puts a file into the bucket by hand.</summary>
    protected void WriteFile(string key, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(key))!);
        File.WriteAllText(FileOf(key), text);
    }

    private protected Task<StoredObject> PutAsync(string key, string text, params (string Name, string Value)[] headers) => PutAsync(Bucket, key, text, WriteCondition.None, headers);

    private protected static async Task<StoredObject> PutAsync(
        Bucket bucket, string key, string text, WriteCondition condition, params (string Name, string Value)[] headers)
    {
        using var content = await ReceiveAsync(bucket, text);
        var what = new NewObject(headers.ToDictionary(header => header.Name, header => header.Value), Checksum.OfWhole(ChecksumAlgorithm.CRC64NVME, content.Digests));
        return await bucket.PutAsync(key, content, what, condition, Cancellation);
    }

    private protected static ValueTask<ReceivedContent> ReceiveAsync(Bucket bucket, string text) =>
        bucket.ReceiveAsync([new(new MemoryStream(Encoding.UTF8.GetBytes(text)))], [ChecksumAlgorithm.CRC64NVME], Cancellation);

    private protected async Task<string> ReadAsync(string key)
    {
        await using var opened = await Bucket.OpenAsync(key, Cancellation);
        using var reader = new StreamReader(opened.Content);
        return await reader.ReadToEndAsync(Cancellation);
    }

    private protected async Task<StoredObject> FindAsync(string key) =>
        await Bucket.FindAsync(key, Cancellation) ?? throw new InvalidOperationException($"There is no object '{key}'.");

    private protected async Task<IReadOnlyList<string>> KeysAsync() =>
        [.. (await Bucket.ListAsync(new("", null, "", int.MaxValue), Cancellation)).Items.Select(item => item.Key)];

    private protected static async Task<string> CodeOfAsync(Func<Task> action) => (await Assert.ThrowsAsync<CdfException>(action)).ErrorTypeName;
}
