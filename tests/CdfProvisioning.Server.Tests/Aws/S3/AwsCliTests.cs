using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>The AWS CLI's own <c>s3</c> commands. Each call takes about a second, so a test does a session.</summary>
public sealed class AwsCliTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private S3Host _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("aws", "--version"), "The AWS CLI is not installed.");
        _host = await S3Host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_folder_is_copied_listed_synchronized_and_removed()
    {
        Write("fleet/a.json", """{"Name": "a"}""");
        Write("fleet/deep/b c.json", """{"Name": "b"}""");

        await AwsAsync("mb", "s3://lists");
        await AwsAsync("cp", _folder.Path, "s3://lists/in", "--recursive");
        Assert.Equal("""{"Name": "b"}""", await File.ReadAllTextAsync(_host.FileOf("lists", "in/fleet/deep/b c.json"), Cancellation));
        var listed = await AwsAsync("ls", "s3://lists", "--recursive");
        Assert.Matches(@"(?s)^\S+ \S+ +13 in/fleet/a\.json\n\S+ \S+ +13 in/fleet/deep/b c\.json\n$", listed);
        Assert.Contains("PRE in/", await AwsAsync("ls", "s3://lists"));

        Assert.Equal("", await AwsAsync("sync", _folder.Path, "s3://lists/in"));
        Write("fleet/a.json", """{"Name": "changed"}""");
        File.Delete(Path.Combine(_folder.Path, "fleet/deep/b c.json"));
        var synchronized = await AwsAsync("sync", _folder.Path, "s3://lists/in", "--delete");
        Assert.Contains("upload:", synchronized);
        Assert.Contains("delete: s3://lists/in/fleet/deep/b c.json", synchronized);

        await AwsAsync("rm", "s3://lists/in", "--recursive");
        Assert.False(Directory.Exists(_host.FileOf("lists", "in")));
        await AwsAsync("rb", "s3://lists");
        Assert.Equal("", await AwsAsync("ls"));
    }

    [Fact]
    public async Task A_big_file_goes_up_across_and_down_in_parts_and_a_bucket_goes_with_what_is_in_it()
    {
        var content = new byte[20_000_000];
        new Random(1).NextBytes(content);
        var path = Path.Combine(_folder.Path, "big");
        await File.WriteAllBytesAsync(path, content, Cancellation);

        await AwsAsync("mb", "s3://big");
        await AwsAsync("cp", path, "s3://big/up", "--no-progress");
        await AwsAsync("cp", "s3://big/up", "s3://big/x/across", "--no-progress");
        await AwsAsync("mv", "s3://big/x/across", path + "-back", "--no-progress");
        Assert.Equal(content, await File.ReadAllBytesAsync(path + "-back", Cancellation));
        Assert.Equal(["up"], Directory.EnumerateFileSystemEntries(_host.FileOf("big", "")).Select(Path.GetFileName));

        var link = (await AwsAsync("presign", "s3://big/up")).Trim();
        using var http = new HttpClient();
        Assert.Equal(content, await http.GetByteArrayAsync(new Uri(link), Cancellation));
        await AwsAsync("rb", "s3://big", "--force");
        Assert.False(Directory.Exists(_host.FileOf("big", "")));
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private Task<string> AwsAsync(params string[] command) => ClientProcess.OutputOfAsync("aws", ["--endpoint-url", _host.Endpoint.AbsoluteUri, "s3", .. command]);
}
