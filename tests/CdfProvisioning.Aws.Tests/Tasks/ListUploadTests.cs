using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Aws.Tests.Templates;

namespace CdfProvisioning.Aws.Tests.Tasks;

public sealed class ListUploadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_of_several_parts_arrives_as_JSON_lines()
    {
        Directory.CreateDirectory(_folder.File("bulk"));
        await using var s3 = await LoopbackS3.StartAsync(_folder.Path);
        await using var upload = new ListUpload(s3.Client, "bulk", "lists/one.jsonl");

        for (var piece = 0; piece < 500; piece++)
            await upload.AddAsync(Rows(piece), Cancellation);
        await upload.CompleteAsync();

        var lines = await File.ReadAllLinesAsync(_folder.File("bulk/lists/one.jsonl"), Cancellation);
        Assert.Equal(50_000, lines.Length);
        Assert.StartsWith("""{"ThingName":"device-0-0",""", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("""{"ThingName":"device-499-99",""", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_not_completed_leaves_nothing()
    {
        Directory.CreateDirectory(_folder.File("bulk"));
        await using var s3 = await LoopbackS3.StartAsync(_folder.Path);

        await using (var upload = new ListUpload(s3.Client, "bulk", "lists/one.jsonl"))
            for (var piece = 0; piece < 100; piece++)
                await upload.AddAsync(Rows(piece), Cancellation);

        Assert.False(File.Exists(_folder.File("bulk/lists/one.jsonl")));
        Assert.Empty((await s3.Client.ListMultipartUploadsAsync("bulk", Cancellation)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_an_error_that_names_its_parameter()
    {
        await using var s3 = await LoopbackS3.StartAsync(_folder.Path);
        await using var upload = new ListUpload(s3.Client, "nowhere", "one.jsonl");

        var failure = await Assert.ThrowsAsync<CdfException>(async () =>
        {
            for (var piece = 0; piece < 10_000; piece++)
                await upload.AddAsync(Rows(piece), Cancellation);
        });

        Assert.Contains("-BulkBucket", failure.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string>[] Rows(int piece) =>
        [.. Enumerable.Range(0, 100).Select(i => new Dictionary<string, string> { ["ThingName"] = $"device-{piece}-{i}", ["Note"] = new('x', 100) })];
}
