using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>AWS IoT's protocol as no client of AWS's would speak it.</summary>
public sealed class IotServiceTests(IotServiceTests.Server server) : IClassFixture<IotServiceTests.Server>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/things/a", "{", "The body is not JSON")]
    [InlineData("POST", "/things/a", "[]", "The body is not a JSON object.")]
    [InlineData("POST", "/things/a", "\"x\"", "The body is not a JSON object.")]
    [InlineData("POST", "/things/a", """{"thingTypeName":5}""", "thingTypeName")]
    [InlineData("POST", "/things/a", """{"attributePayload":{"attributes":{"a":{}}}}""", "attributePayload.attributes")]
    [InlineData("POST", "/things/a", """{"thingTypeName":"\ud800"}""", "body")]
    [InlineData("POST", "/things", "{}", "1 validation error detected: Value null at 'templateBody' failed to satisfy constraint: Member must not be null")]
    [InlineData("POST", "/things", """{"templateBody":null}""", "'templateBody'")]
    [InlineData("GET", "/things?maxResults=many", null, "The value 'many' of 'maxResults' is not a number.")]
    [InlineData("GET", "/things?usePrefixAttributeValue=1", null, "The value '1' of 'usePrefixAttributeValue' is not a boolean.")]
    [InlineData("GET", "/things?maxResults=99999999999999999999", null, "not a number")]
    [InlineData("GET", "/things?maxResults=3000000000", null, "maxResults")]
    [InlineData("PUT", "/certificates/0", null, "'newStatus'")]
    [InlineData("PUT", "/things/a/principals", null, "'principal'")]
    [InlineData("GET", "/things/a%20b", null, "Value 'a b' at 'thingName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+")]
    [InlineData("GET", "/things/%ff", null, "Value '%ff' at 'thingName'")]
    public async Task What_is_malformed_is_an_invalid_request_that_says_where(string method, string path, string? body, string message)
    {
        var answer = await server.SendAsync(method, path, body);
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidRequestException"), (answer.Status, answer.Error));
        Assert.Contains(message, (string)JsonNode.Parse(answer.Body)!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/nothing")]
    [InlineData("PUT", "/things/a")]
    [InlineData("GET", "/things/")]
    [InlineData("GET", "/things/a/b/c")]
    [InlineData("HEAD", "/things")]
    public async Task What_is_no_operation_is_an_unknown_one(string method, string path) =>
        Assert.Equal("UnknownOperationException", (await server.SendAsync(method, path)).Error);

    [Fact]
    public async Task A_null_is_none()
    {
        var answer = await server.SendAsync("POST", "/things/null-1", """{"thingTypeName":null,"attributePayload":{"attributes":{"a":"1","b":null}},"unknown":{"x":[null]}}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"a":"1"}""", JsonNode.Parse((await server.SendAsync("GET", "/things/null-1")).Body)!["attributes"]!.ToJsonString());
    }

    [Fact]
    public async Task A_member_of_the_path_is_not_taken_from_the_body()
    {
        await server.SendAsync("POST", "/things/path-1", """{"thingName":"body-1"}""");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/things/path-1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", "/things/body-1")).Status);
    }

    [Fact]
    public async Task An_answer_without_members_is_empty_and_every_answer_has_an_id_of_its_own()
    {
        await server.SendAsync("POST", "/things/empty-1");
        var (one, two) = (await server.SendAsync("PATCH", "/things/empty-1", "{}"), await server.SendAsync("DELETE", "/things/empty-1"));
        Assert.Equal((HttpStatusCode.OK, ""), (one.Status, one.Body));
        Assert.NotEqual(one.RequestId, two.RequestId);
    }

    [Fact]
    public async Task A_resource_in_the_way_is_named_and_absent_members_are_left_out()
    {
        var created = JsonNode.Parse((await server.SendAsync("POST", "/things/way-1")).Body)!;
        var refused = JsonNode.Parse((await server.SendAsync("POST", "/things/way-1", """{"attributePayload":{"attributes":{"a":"1"}}}""")).Body)!;
        Assert.Equal(((string)created["thingId"]!, (string)created["thingArn"]!), ((string)refused["resourceId"]!, (string)refused["resourceArn"]!));
        Assert.Equal(
            ["attributes", "defaultClientId", "thingArn", "thingId", "thingName", "version"],
            JsonNode.Parse((await server.SendAsync("GET", "/things/way-1")).Body)!.AsObject().Select(m => m.Key).Order());
    }

    [Fact]
    public async Task A_time_is_in_seconds_with_a_fraction()
    {
        await server.SendAsync("POST", "/thing-types/time-1");
        var time = JsonNode.Parse((await server.SendAsync("GET", "/thing-types/time-1")).Body)!["thingTypeMetadata"]!["creationDate"]!;
        Assert.Equal(JsonValueKind.Number, time.GetValueKind());
        Assert.InRange((double)time, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
    }

    [Fact]
    public void Every_operations_path_leads_to_it() => Assert.All(IotOperations.All, operation =>
    {
        var path = System.Text.RegularExpressions.Regex.Replace(operation.Path, @"\{\w+\}", "x%2Fy");
        var found = CdfProvisioning.Server.Aws.Iot.IotRoutes.Find(operation.Method, path)!;
        Assert.Equal(operation.Name, found.Operation.Name);
        Assert.All(found.PathMembers, member => Assert.Equal("x/y", member.Value));
    });

    [Fact]
    public void Whatever_is_sent_is_answered_and_never_with_a_failure_of_the_server() =>
        Prop.ForAll(Requests, async request =>
        {
            var answer = await server.SendAsync(request.Method, request.Path, request.Body);
            Assert.True((int)answer.Status < 500, $"{request}: {answer.Body}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    private static readonly Arbitrary<(string Method, string Path, string? Body)> Requests = (
        from operation in Gen.Elements(IotOperations.All.Where(o => !o.Name.EndsWith("Task", StringComparison.Ordinal) && o.Name != "CreateKeysAndCertificate"))
        from parameter in Gen.Elements("a", "%00", "%2F..%2F", "0000000000000000000000000000000000000000000000000000000000000000", "arn%3Aaws%3Aiot%3Aus-east-1%3A123456789012%3Acert%2F0", "%F0%9F%98%80", "%C3%28", "..", "'; DROP TABLE thing; --")
        from query in Gen.Elements("", "?maxResults=-1", "?pageSize=2&marker=%00", "?nextToken=AAAA", "?attributeName=a'b&attributeValue=%22", "?newStatus=&isAscendingOrder=true", "?expectedVersion=9223372036854775807", "?%ff=%fe&&=&a")
        from body in Gen.OneOf(Gen.Constant<string?>(null), from members in Members(operation) select (string?)members)
        select (operation.Method, System.Text.RegularExpressions.Regex.Replace(operation.Path, @"\{\w+\}", Uri.EscapeDataString(Uri.UnescapeDataString(parameter))) + query, body)).ToArbitrary();

    private static Gen<string> Members(IotOperation operation) =>
        from members in operation.Request.Properties.Count == 0
            ? Gen.Constant(Array.Empty<string>())
            : (from name in Gen.Elements(operation.Request.Properties.Select(p => p.Name))
               from value in Gen.Elements("null", "1", "true", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "[null,1]", "{}", "{\"attributes\":{\"a\":\"\"}}", "{\"attributePayload\":[]}", "1e400", "\"-----BEGIN CERTIFICATE-----\"")
               select $"\"{name}\":{value}").ArrayOf()
        select $"{{{string.Join(',', members)}}}";

    public sealed class Server : IAsyncLifetime
    {
        private readonly HttpClient _http = new();
        private AwsHost _host = null!;

        public async ValueTask InitializeAsync() => _host = await AwsHost.StartAsync();

        public async Task<(HttpStatusCode Status, string? Error, string? RequestId, string Body)> SendAsync(string method, string path, string? body = null)
        {
            var uri = new Uri(_host.Endpoint.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            using var request = new HttpRequestMessage(new HttpMethod(method), uri) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation(
                "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
            request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
            using var response = await _http.SendAsync(request, Cancellation);
            return (
                response.StatusCode, Header("x-amzn-ErrorType"), Header("x-amzn-RequestId"), await response.Content.ReadAsStringAsync(Cancellation));

            string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _host.DisposeAsync();
        }
    }
}
