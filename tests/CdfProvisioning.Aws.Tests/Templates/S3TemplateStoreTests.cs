using CdfProvisioning.Aws.Templates;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.Aws.Tests.Templates;

public sealed class S3TemplateStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_template_that_is_put_is_got_listed_and_removed()
    {
        await using var s3 = await StartAsync();
        var store = new S3TemplateStore(new S3Bucket(s3.Client, "templates"), "prod/", ".template.json");

        await store.PutAsync("sensor", """{"Resources":{}}""", Cancellation);
        await store.PutAsync("gateway", "{}", Cancellation);

        Assert.True(File.Exists(_folder.File("templates/prod/sensor.template.json")));
        Assert.Equal("""{"Resources":{}}""", (await store.GetAsync("sensor", Cancellation)).Body);
        Assert.Equal(["gateway", "sensor"], await store.ListIdsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.True(await store.RemoveAsync("sensor", Cancellation));
        Assert.False(await store.RemoveAsync("sensor", Cancellation));
    }

    [Fact]
    public async Task A_template_that_is_changed_elsewhere_is_read_anew()
    {
        await using var s3 = await StartAsync();
        var store = new S3TemplateStore(new S3Bucket(s3.Client, "templates"));
        var elsewhere = new S3TemplateStore(new S3Bucket(s3.Client, "templates"));
        await elsewhere.PutAsync("sensor", "1", Cancellation);

        var first = await store.GetAsync("sensor", Cancellation);
        var again = await store.GetAsync("sensor", Cancellation);
        await elsewhere.PutAsync("sensor", "2", Cancellation);

        Assert.Same(first.Body, again.Body);
        Assert.Equal("2", (await store.GetAsync("sensor", Cancellation)).Body);
    }

    [Fact]
    public async Task A_missing_template_is_an_error_that_says_where_it_was_looked_for()
    {
        await using var s3 = await StartAsync();
        var store = new S3TemplateStore(new S3Bucket(s3.Client, "templates"), "prod/");

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await store.GetAsync("sensor", Cancellation));

        Assert.Equal(CdfErrorCode.NotFound, failure.Code);
        Assert.Contains("s3://templates/prod/sensor.json", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assignments_are_kept_beside_the_templates()
    {
        await using var s3 = await StartAsync();
        var bucket = new S3Bucket(s3.Client, "templates");
        var assignments = new S3AssignmentStore(bucket, "prod/");
        var assignment = new TemplateAssignment("sensor", ["/europe/factory-7"]);

        await assignments.PutAsync(assignment, Cancellation);

        Assert.Equal([assignment], await assignments.ListAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Empty(await new S3TemplateStore(bucket, "prod/").ListIdsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.True(await assignments.RemoveAsync(assignment, Cancellation));
    }

    [Theory]
    [InlineData(404, "NoSuchBucket", CdfErrorCode.InvalidRequest, "There is no bucket 'templates'")]
    [InlineData(403, "AccessDenied", CdfErrorCode.AccessDenied, "s3:GetObject")]
    [InlineData(301, "PermanentRedirect", CdfErrorCode.InvalidRequest, "in another region")]
    [InlineData(403, "ExpiredToken", CdfErrorCode.AccessDenied, "have expired")]
    [InlineData(403, "InvalidAccessKeyId", CdfErrorCode.AccessDenied, "does not know these credentials")]
    [InlineData(503, "ServiceUnavailable", CdfErrorCode.Unavailable, "GetObject")]
    public async Task What_is_wrong_with_a_bucket_is_said(int status, string code, CdfErrorCode expected, string words)
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Xml(status, $"<Error><Code>{code}</Code><Message>as scripted</Message></Error>"));
        using var s3 = LoopbackS3.ClientFor(server.Url);
        var store = new S3TemplateStore(new S3Bucket(s3, "templates"));

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await store.GetAsync("sensor", Cancellation));

        Assert.Equal(expected, failure.Code);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "<!doctype html><html lang=en><title>404</title><h1>Not Found</h1>")]
    [InlineData(404, "404 page not found")]
    [InlineData(405, "")]
    [InlineData(502, "<html><body>Bad Gateway</body></html>")]
    [InlineData(502, "")]
    public async Task An_answer_that_is_none_of_S3_says_its_status_and_its_place(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(new Reply(status, body) { ContentType = "text/html" });
        using var s3 = LoopbackS3.ClientFor(server.Url);
        var store = new S3TemplateStore(new S3Bucket(s3, "templates"));

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await store.GetAsync("sensor", Cancellation));

        Assert.Equal(CdfErrorCode.Unavailable, failure.Code);
        Assert.Contains($"Amazon S3 at {server.Url} answered GetObject with HTTP status {status}", failure.Message, StringComparison.Ordinal);
    }

    private Task<LoopbackS3> StartAsync()
    {
        Directory.CreateDirectory(_folder.File("templates"));
        return LoopbackS3.StartAsync(_folder.Path);
    }
}
