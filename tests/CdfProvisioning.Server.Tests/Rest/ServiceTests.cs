using System.Net;
using Microsoft.OpenApi;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class ServiceTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_server_whose_registry_can_be_read_is_healthy() =>
        Assert.Equal("ok", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/health"))["status"]);

    [Fact]
    public async Task The_description_is_OpenApi_3_1_without_a_mistake()
    {
        var text = await (await _server.GetAsync("/openapi.json")).Content.ReadAsStringAsync(Cancellation);

        var read = OpenApiDocument.Parse(text, OpenApiConstants.Json);

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal("1.0.0", read.Document!.Info.Version);
    }

    /// <summary>The models of CDF Provisioning's API document 1.0.0; the original takes cdfProvisioningParameters for lists too (its bulkthings.models.ts).</summary>
    [Theory]
    [InlineData("Thing", "thingName arn thingType attributes taskId certificates policies groups")]
    [InlineData("Certificate", "certificateId arn certificateStatus certificatePem")]
    [InlineData("IotPolicy", "policyName arn policyDocument")]
    [InlineData("IotGroup", "groupName arn attributes")]
    [InlineData("ProvisionRequest", "provisioningTemplateId parameters cdfProvisioningParameters")]
    [InlineData("ProvisionResponse", "certificatePem publicKey privateKey resourceArns")]
    [InlineData("BulkRegistrationTask", "taskId status percentageProgress successCount failureCount creationDate lastModifiedDate")]
    [InlineData("BulkRegistrationTaskList", "tasks")]
    [InlineData("BulkRegistrationRequest", "provisioningTemplateId parameters cdfProvisioningParameters")]
    [InlineData("PatchCertificateRequest", "certificateStatus")]
    [InlineData("Error", "message")]
    public void A_member_that_is_not_of_the_original_API_is_described_as_such(string model, string members) => Assert.Equal(
        members.Split(' ').Order(), OpenApi.MembersOf(model).Where(member => !member.Description.EndsWith("Not of the original API.", StringComparison.Ordinal)).Select(member => member.Name).Order());

    [Fact]
    public void An_operation_that_is_not_of_the_original_API_is_described_as_such() => Assert.Equal(
        ["DELETE /things/{thingName}", "GET /bulkthings/{taskId}", "GET /things/{thingName}", "PATCH /things/{thingName}/certificates", "POST /bulkthings", "POST /things"],
        OpenApi.Operations
            .Where(operation => !OpenApi.DescriptionOf(operation).EndsWith("Not of the original API.", StringComparison.Ordinal))
            .Select(operation => $"{operation.Method} {operation.Path}")
            .Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_operation_that_is_described_is_there_and_no_other()
    {
        string[] methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        foreach (var path in OpenApi.Operations.Select(operation => operation.Path).Distinct())
        {
            var described = OpenApi.Operations.Where(operation => operation.Path == path).Select(operation => operation.Method);
            var there = new List<string>();
            foreach (var method in methods)
            {
                var response = await _server.SendAsync(new HttpMethod(method), path.Replace("{thingName}", "x").Replace("{taskId}", "x"));
                if (response.StatusCode != HttpStatusCode.MethodNotAllowed)
                    there.Add(method);
            }

            Assert.Equal(described.Order(), there.Order());
        }
    }

    [Theory]
    [InlineData("PUT", "/things", "POST")]
    [InlineData("POST", "/things/x", "DELETE, GET, HEAD")]
    [InlineData("GET", "/things/x/certificates", "PATCH")]
    [InlineData("DELETE", "/bulkthings", "GET, HEAD, POST")]
    [InlineData("OPTIONS", "/things", "POST")]
    public async Task A_path_answers_other_methods_with_those_that_it_knows(string method, string path, string allowed)
    {
        var response = await _server.SendAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order()));
        Assert.Contains(allowed, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/thing")]
    [InlineData("/things/a/b")]
    [InlineData("/things/a/certificates/x")]
    [InlineData("/bulkthings/a/results/b")]
    public async Task A_path_that_there_is_not_is_named(string path) =>
        Assert.Contains($"'{path}'", await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, path));

    [Theory]
    [InlineData("/health")]
    [InlineData("/openapi.json")]
    [InlineData("/bulkthings")]
    public async Task HEAD_is_answered_like_GET_without_the_body(string path)
    {
        var get = await _server.GetAsync(path);

        var head = await _server.SendAsync(HttpMethod.Head, path);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }
}
