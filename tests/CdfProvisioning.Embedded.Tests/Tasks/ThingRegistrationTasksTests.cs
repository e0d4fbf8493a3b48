using System.Text;
using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

public sealed class ThingRegistrationTasksTests : IAsyncLifetime
{
    private const string Template = """
        { "Parameters": { "Name": { "Type": "String" } }, "Resources": { "device": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } } } }
        """;

    private readonly TemporaryFolder _folder = new();
    private Workshop _workshop = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _workshop = await Workshop.OpenAsync(_folder.Path);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "buckets", "fleet", "2026"));
        File.WriteAllText(Path.Combine(_folder.Path, "buckets", "fleet", "2026", "list.json"), """
            {"Name": "x-1"}
            {"Name": "not good"}
            {"Name": "x-3"}
            """);
        File.WriteAllText(Path.Combine(_folder.Path, "secret"), """{"Name": "x-1"}""");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "buckets", "fleet", "link.json"), Path.Combine(_folder.Path, "secret"));
    }

    public async ValueTask DisposeAsync()
    {
        await _workshop.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_task_reads_its_list_from_a_bucket_and_reports_as_AWS_does()
    {
        var taskId = await StartAsync("fleet", "2026/list.json");
        await _workshop.Lists.WaitAsync(taskId, null, Cancellation);

        var described = await _workshop.AwsTasks.DescribeAsync(new(taskId), Cancellation);
        Assert.Equal(
            ("Completed", 2, 1, 100, "fleet", "2026/list.json", Template),
            (described.Status, described.SuccessCount, described.FailureCount, described.PercentageProgress, described.InputFileBucket, described.InputFileKey, described.TemplateBody));

        var results = await ReportAsync(taskId, "RESULTS");
        Assert.Equal(
            ["arn:aws:iot:us-east-1:123456789012:thing/x-1", "arn:aws:iot:us-east-1:123456789012:thing/x-3"],
            results.Select(line => line.GetProperty("response").GetProperty("ResourceArns").GetProperty("device").GetString()));
        var error = Assert.Single(await ReportAsync(taskId, "ERRORS"));
        Assert.Equal(2, error.GetProperty("lineNumber").GetInt64());
        Assert.Contains("not good", error.GetProperty("errorMessage").GetString());
    }

    [Fact]
    public async Task Results_list_policies_made_from_a_document_and_not_those_that_are_only_named()
    {
        await _workshop.Registry.InvokeAsync(new CreatePolicyRequest("named", Make.PolicyDocument("iot:Connect")), Cancellation);
        var template = $$"""
            {
              "Parameters": { "Name": { "Type": "String" } },
              "Resources": {
                "device": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": {{JsonSerializer.Serialize(Make.Csr())}} } },
                "named": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "named" } },
                "made": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyDocument": {{JsonSerializer.Serialize(Make.PolicyDocument("iot:Publish"))}} } }
              }
            }
            """;
        var taskId = await StartAsync("fleet", "2026/list.json", template);
        await _workshop.Lists.WaitAsync(taskId, null, Cancellation);

        var arns = (await ReportAsync(taskId, "RESULTS"))[0].GetProperty("response").GetProperty("ResourceArns");
        Assert.Equal(["certificate", "device", "made"], arns.EnumerateObject().Select(arn => arn.Name).Order());
        Assert.Matches("^arn:aws:iot:us-east-1:123456789012:policy/[0-9A-F]{40}$", arns.GetProperty("made").GetString());
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_or_used_is_an_error_of_its_own()
    {
        WriteList("{\"Name\": \"x-1\"}\n{\"Name\": \n[\"x-2\"]\n{\"Name\": \"x-3\", \"Unused\": {}}\n{\"Name\": {\"a\": 1}}\n");
        var taskId = await StartAsync("fleet", "bad.json");
        await _workshop.Lists.WaitAsync(taskId, null, Cancellation);

        var described = await _workshop.AwsTasks.DescribeAsync(new(taskId), Cancellation);
        Assert.Equal(("Completed", 2, 3), (described.Status, described.SuccessCount, described.FailureCount));
        var errors = await ReportAsync(taskId, "ERRORS");
        Assert.Equal([2, 3, 5], errors.Select(error => error.GetProperty("lineNumber").GetInt32()));
        Assert.All(errors, error => Assert.Equal("InvalidRequestException", error.GetProperty("errorCode").GetString()));
        Assert.Contains("line 3: it is an array, not an object", errors[1].GetProperty("errorMessage").GetString());
        Assert.Contains("The value of 'Name' is an object", errors[2].GetProperty("errorMessage").GetString());
    }

    [Theory]
    [InlineData("Name\nx-1\n", "not one JSON object a line")]
    [InlineData("[{\n\"Name\": \"x-1\"\n}]", "not one JSON object a line")]
    [InlineData("{\"Name\": \"\u00ff\"}", "UTF-8")]
    [InlineData("\n", "empty")]
    [InlineData("{\"Other\": \"x-1\"}\n", "'Name'")]
    public async Task A_file_that_is_no_list_of_devices_is_a_failed_task(string content, string why)
    {
        WriteList(content);
        var taskId = await StartAsync("fleet", "bad.json");

        var described = await _workshop.AwsTasks.DescribeAsync(new(taskId), Cancellation);
        Assert.Equal(("Failed", 0, 0), (described.Status, described.SuccessCount, described.FailureCount));
        Assert.Contains(why, described.Message);
        Assert.Empty((await _workshop.AwsTasks.ListReportsAsync(new(taskId, "ERRORS"), Cancellation)).ResourceLinks!);
    }

    [Fact]
    public async Task Tasks_are_listed_in_pages_and_by_status()
    {
        string[] ids = [await StartAsync("fleet", "2026/list.json"), await StartAsync("fleet", "2026/list.json"), await StartAsync("fleet", "2026/list.json")];
        foreach (var id in ids)
            await _workshop.Lists.WaitAsync(id, null, Cancellation);

        var first = await _workshop.AwsTasks.ListAsync(new(MaxResults: 2), Cancellation);
        var second = await _workshop.AwsTasks.ListAsync(new(first.NextToken, 2), Cancellation);
        Assert.Equal(ids, first.TaskIds!.Concat(second.TaskIds!));
        Assert.Null(second.NextToken);
        Assert.Empty((await _workshop.AwsTasks.ListAsync(new(Status: "InProgress"), Cancellation)).TaskIds!);
        Assert.Equal("InvalidRequestException", (await Assert.ThrowsAsync<CdfException>(async () => await _workshop.AwsTasks.ListAsync(new("none"), Cancellation))).ErrorTypeName);
        foreach (var size in (int[])[0, 251])
            Assert.Equal("InvalidRequestException", Assert.Throws<CdfException>(() => IotModel.Check(new ListThingRegistrationTasksRequest(MaxResults: size))).ErrorTypeName);
        var over = await Assert.ThrowsAsync<CdfException>(async () => await _workshop.AwsTasks.StopAsync(new(ids[0]), Cancellation));
        Assert.Equal("InvalidRequestException", over.ErrorTypeName);
    }

    [Theory]
    [InlineData("fleet", "none.json", "none.json")]
    [InlineData("fleet", "../../secret", "no '../../secret' in the bucket 'fleet'")]
    [InlineData("fleet", "link.json", "no 'link.json' in the bucket 'fleet'")]
    [InlineData("..", "secret", "bucket is not valid: '..'")]
    [InlineData("none", "list.json", "bucket does not exist: 'none'")]
    [InlineData("fleet", "2026", "2026")]
    [InlineData("fleet", "a\0b", "bucket 'fleet'")]
    public async Task A_list_that_is_not_in_the_bucket_is_refused(string bucket, string key, string what)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => StartAsync(bucket, key));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains(what, error.Message);
        Assert.Empty(await _workshop.Lists.ListAsync(Cancellation).ToListAsync(Cancellation));
    }

    private void WriteList(string content) => File.WriteAllText(Path.Combine(_folder.Path, "buckets", "fleet", "bad.json"), content, Encoding.Latin1);

    private async Task<string> StartAsync(string bucket, string key, string template = Template) =>
        (await _workshop.AwsTasks.StartAsync(new(template, bucket, key, "arn:aws:iam::123456789012:role/registration"), Cancellation)).TaskId!;

    private async Task<List<JsonElement>> ReportAsync(string taskId, string type)
    {
        var link = Assert.Single((await _workshop.AwsTasks.ListReportsAsync(new(taskId, type), Cancellation)).ResourceLinks!);
        return [.. (await File.ReadAllLinesAsync(new Uri(link).LocalPath, Cancellation)).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
