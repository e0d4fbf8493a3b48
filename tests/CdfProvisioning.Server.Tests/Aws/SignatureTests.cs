using System.Net;
using System.Text;
using System.Text.Json;
using CdfProvisioning.Server.Aws;
using CdfProvisioning.Server.Aws.Signing;
using CdfProvisioning.Tests.Aws.S3;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>Requests that botocore has signed, sent as they are, changed, too late and again.</summary>
public sealed class SignatureTests(SignatureTests.Botocore botocore) : IClassFixture<SignatureTests.Botocore>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("list")]
    [InlineData("create")]
    [InlineData("spaces")]
    [InlineData("s3 list")]
    [InlineData("s3 key")]
    public async Task A_request_signed_with_the_servers_key_is_answered(string name) =>
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(name)).Status);

    [Fact]
    public async Task An_ARN_in_a_path_is_signed_encoded_twice_and_read_decoded() =>
        Assert.Equal((HttpStatusCode.NotFound, "ResourceNotFoundException"), await ErrorAsync("arn"));

    [Theory]
    [InlineData("wrong secret", HttpStatusCode.Forbidden, "InvalidSignatureException")]
    [InlineData("unknown key", HttpStatusCode.Forbidden, "UnrecognizedClientException")]
    [InlineData("wrong token", HttpStatusCode.Forbidden, "UnrecognizedClientException")]
    [InlineData("other service", HttpStatusCode.Forbidden, "InvalidSignatureException")]
    [InlineData("ssm wrong secret", HttpStatusCode.BadRequest, "InvalidSignatureException")]
    [InlineData("sts wrong secret", HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    [InlineData("s3 wrong secret", HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    public async Task A_bad_signature_is_refused_in_the_words_of_its_service(string name, HttpStatusCode status, string error) =>
        Assert.Equal((status, error), await ErrorAsync(name));

    [Theory]
    [InlineData("create", "body")]
    [InlineData("create", "path")]
    [InlineData("list", "query")]
    [InlineData("list", "method")]
    [InlineData("list", "region")]
    public async Task A_request_that_was_changed_on_its_way_is_refused(string name, string what) =>
        Assert.Equal((HttpStatusCode.Forbidden, "InvalidSignatureException"), await ErrorAsync(name, request => what switch
        {
            "body" => request with { Body = request.Body!.Replace('1', '2') },
            "path" => request with { Url = request.Url.Replace("%3A", "-", StringComparison.Ordinal) },
            "query" => request with { Url = request.Url.Replace("=5", "=6", StringComparison.Ordinal) },
            "method" => request with { Method = "DELETE" },
            _ => request with { Headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.Replace("us-east-1", "us-west-2", StringComparison.Ordinal)) },
        }));

    [Theory]
    [InlineData("without host")]
    [InlineData("of another day")]
    public async Task A_signature_that_is_right_but_says_too_little_is_incomplete(string name) =>
        Assert.Equal((HttpStatusCode.Forbidden, "IncompleteSignatureException"), await ErrorAsync(name));

    [Theory]
    [InlineData("list", "X-Amz-Anything", HttpStatusCode.Forbidden, "InvalidSignatureException")]
    [InlineData("ssm", "X-Amz-Target", HttpStatusCode.BadRequest, "InvalidSignatureException")]
    [InlineData("s3 key", "x-amz-copy-source", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("s3 link", "x-amz-meta-a", HttpStatusCode.Forbidden, "AccessDenied")]
    public async Task A_header_of_AWSs_that_was_added_to_what_was_signed_is_refused_by_name(string name, string header, HttpStatusCode status, string error)
    {
        var answer = await SendAsync(name, request => request with { Headers = new(request.Headers) { [header] = "templates/a" } });
        Assert.Equal((status, error), (answer.Status, answer.Error));
        Assert.Contains($"not signed: {header.ToLowerInvariant()}", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_can_be_sent_again_for_five_minutes_and_then_has_expired()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("list", at: TimeSpan.FromMinutes(4))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("list", at: TimeSpan.FromMinutes(4))).Status);
        var late = await SendAsync("list", at: TimeSpan.FromMinutes(6));
        Assert.Equal((HttpStatusCode.Forbidden, "InvalidSignatureException"), (late.Status, late.Error));
        Assert.Contains("Signature expired: ", late.Body, StringComparison.Ordinal);
        var early = await SendAsync("list", at: TimeSpan.FromMinutes(-6));
        Assert.Contains("Signature not yet current: ", early.Body, StringComparison.Ordinal);
        Assert.Equal("RequestTimeTooSkewed", (await SendAsync("s3 list", at: TimeSpan.FromMinutes(6))).Error);
    }

    [Fact]
    public async Task A_link_is_good_until_it_expires_and_for_nothing_else()
    {
        await SendAsync("s3 key");
        Assert.Equal("{}", (await SendAsync("s3 link", at: TimeSpan.FromMinutes(9))).Body);
        Assert.Equal((HttpStatusCode.Forbidden, "AccessDenied"), await ErrorAsync("s3 link", at: TimeSpan.FromMinutes(11)));
        Assert.Equal("SignatureDoesNotMatch", (await SendAsync("s3 link", r => r with { Url = r.Url.Replace("/c", "/d", StringComparison.Ordinal) })).Error);
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iot/aws4_request, SignedHeaders=host")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=000000000000000000000000000000000000000000000000000000000000000G")]
    [InlineData("AWS4-HMAC-SHA256 nonsense")]
    [InlineData("AWS4-HMAC-SHA256")]
    public async Task Half_a_signature_is_incomplete(string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(botocore.Host!.Endpoint, "/things"));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Cancellation);
        Assert.Equal((HttpStatusCode.Forbidden, "IncompleteSignatureException"), (response.StatusCode, response.Headers.GetValues("x-amzn-ErrorType").Single()));
    }

    [Fact]
    public async Task Without_a_signature_S3_denies_access()
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(botocore.Host!.Endpoint, "/templates"), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("<Code>AccessDenied</Code>", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public void Temporary_credentials_work_until_they_expire_and_no_longer()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var temporary = new TemporaryCredentials(new byte[32]);
        var (mine, other) = (temporary.Create(now.AddMinutes(15)), temporary.Create(now.AddMinutes(15)));
        Assert.Equal(mine.SecretAccessKey, temporary.SecretOf(mine.AccessKeyId, mine.SessionToken, now.AddMinutes(15).AddSeconds(-1)));
        Assert.Equal(SignatureProblem.WrongToken, ProblemOf(mine.AccessKeyId, other.SessionToken, 0));
        Assert.Equal(SignatureProblem.WrongToken, ProblemOf(mine.AccessKeyId, null, 0));
        Assert.Equal(SignatureProblem.WrongToken, ProblemOf(mine.AccessKeyId, mine.SessionToken![..^4], 0));
        Assert.Equal(SignatureProblem.WrongToken, ProblemOf(mine.AccessKeyId, mine.SessionToken + "!", 0));
        Assert.Equal(SignatureProblem.UnknownKey, ProblemOf("AKIDOTHER", null, 0));
        Assert.Equal(SignatureProblem.ExpiredToken, ProblemOf(mine.AccessKeyId, mine.SessionToken, 15));

        SignatureProblem ProblemOf(string accessKeyId, string? token, int minutes) =>
            Assert.Throws<SignatureException>(() => temporary.SecretOf(accessKeyId, token, now.AddMinutes(minutes))).Problem;
    }

    [Fact]
    public async Task Without_a_key_of_its_own_the_server_answers_this_machine_only()
    {
        await using var host = await AwsHost.StartAsync();
        await using var endpoint = new AwsEndpoint(host.Connection, credentials: null, TimeProvider.System);
        foreach (var (address, status) in new[] { ("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403), ("::ffff:192.0.2.1", 403) })
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            context.Request.Method = "GET";
            context.Request.Headers.Authorization =
                $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}";
            context.Request.Headers["x-amz-date"] = "20260101T000000Z";
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/things";
            await endpoint.HandleAsync(context);
            Assert.Equal(status, context.Response.StatusCode);
        }
    }

    private async Task<(HttpStatusCode Status, string? Error)> ErrorAsync(string name, Func<SignedRequest, SignedRequest>? change = null, TimeSpan at = default)
    {
        var answer = await SendAsync(name, change, at);
        return (answer.Status, answer.Error);
    }

    private async Task<(HttpStatusCode Status, string? Error, string Body)> SendAsync(string name, Func<SignedRequest, SignedRequest>? change = null, TimeSpan at = default)
    {
        Assert.SkipWhen(botocore.Requests is null, "botocore is not installed.");
        var sent = change?.Invoke(botocore.Requests[name]) ?? botocore.Requests[name];
        var host = at == default ? botocore.Host! : await botocore.HostAtAsync(at);
        using var request = new HttpRequestMessage(new HttpMethod(sent.Method), AsItIs(sent.Url.Replace(botocore.Host!.Endpoint.Authority, host.Endpoint.Authority, StringComparison.Ordinal)));
        request.Headers.Host = botocore.Host.Endpoint.Authority;
        if (sent.Body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(sent.Body));
        foreach (var (header, value) in sent.Headers)
            if (!request.Headers.TryAddWithoutValidation(header, value))
                request.Content!.Headers.TryAddWithoutValidation(header, value);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        var error = response.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.Single()
            : body.Split("<Code>") is [_, var rest] ? rest.Split('<')[0]
            : null;
        return (response.StatusCode, error, body);
    }

    /// <summary>A Uri decodes what a client need not have encoded, unless it is told not to.</summary>
    private static Uri AsItIs(string url) => new(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public sealed record SignedRequest(string Method, string Url, string? Body, Dictionary<string, string> Headers);

    internal sealed class Clock(TimeSpan offset = default) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + offset;
    }

    /// <summary>A server with a key, and what botocore has signed for it.</summary>
    public sealed class Botocore : IAsyncLifetime
    {
        private readonly AwsCredentials _credentials = new(S3Host.AccessKey, S3Host.SecretKey);
        private readonly List<AwsHost> _others = [];

        public AwsHost? Host { get; private set; }

        /// <summary>By name; null if there is no botocore.</summary>
        public IReadOnlyDictionary<string, SignedRequest>? Requests { get; private set; }

        /// <summary>A server with another time.</summary>
        public async Task<AwsHost> HostAtAsync(TimeSpan offset)
        {
            var host = await AwsHost.StartAsync(_credentials, new Clock(offset), folder: Host!.Folder);
            _others.Add(host);
            return host;
        }

        public async ValueTask InitializeAsync()
        {
            Host = await AwsHost.StartAsync(_credentials);
            if (!await ClientProcess.SucceedsAsync("python3", "-c", "import botocore"))
                return;
            var signed = await ClientProcess.OutputOfAsync(
                "python3", ["-", Host.Endpoint.AbsoluteUri, _credentials.AccessKeyId, _credentials.SecretAccessKey], Resource.Read("sign_requests.py"));
            Requests = JsonSerializer.Deserialize<Dictionary<string, SignedRequest>>(signed, JsonSerializerOptions.Web);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var host in _others.Append(Host!))
                await host.DisposeAsync();
        }
    }
}
