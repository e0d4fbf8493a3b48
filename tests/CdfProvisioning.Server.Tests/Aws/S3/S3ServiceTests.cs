using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>What no client of AWS's would send, or looks at.</summary>
[Collection(nameof(Alone))]
public sealed class S3ServiceTests : IAsyncLifetime
{
    private const string Unsigned = "UNSIGNED-PAYLOAD";
    private const string Trailing = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    private S3Host _host = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await S3Host.StartAsync();
        _client = new HttpClient { BaseAddress = _host.Endpoint };
        Directory.CreateDirectory(_host.FileOf("fleet", ""));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task An_error_is_a_document_with_the_id_of_the_request()
    {
        using var answer = await SendAsync(HttpMethod.Get, "/fleet/x/none?partNumber=1");
        var error = await ReadErrorAsync(answer);
        Assert.Equal((HttpStatusCode.NotFound, "NoSuchKey", "application/xml"), (answer.StatusCode, error.Element("Code")!.Value, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains("'x/none' in the bucket 'fleet'", error.Element("Message")!.Value);
        Assert.Equal(("/fleet/x/none", answer.Headers.GetValues("x-amz-request-id").Single()), (error.Element("Resource")!.Value, error.Element("RequestId")!.Value));
    }

    [Theory]
    [InlineData("PUT", "/fleet/a", "AccessDenied", null)]
    [InlineData("GET", "/", "AccessDenied", null)]
    [InlineData("GET", "/fleet/a?AWSAccessKeyId=x&Signature=y", "AccessDenied", null)]
    [InlineData("GET", "/fleet/a", "InvalidRequest", "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=")]
    [InlineData("GET", "/fleet/a?AWSAccessKeyId=other&Signature=y&Expires=9999999999", "InvalidAccessKeyId", null)]
    [InlineData("GET", "/fleet/a?AWSAccessKeyId=AKIDEXAMPLE&Signature=y&Expires=9999999999", "SignatureDoesNotMatch", null)]
    public async Task Who_does_not_sign_is_refused(string method, string path, string code, string? authorization)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await _client.SendAsync(request, Cancellation);
        Assert.Equal(code, await CodeOfAsync(answer));
    }

    [Theory]
    [InlineData("/fleet/../x", "InvalidArgument")]
    [InlineData("/fleet/a/../../x", "InvalidArgument")]
    [InlineData("/fleet/%2e%2e/x", "InvalidArgument")]
    [InlineData("/fleet/%2e%2e%2fx", "InvalidArgument")]
    [InlineData("/fleet//x", "InvalidArgument")]
    [InlineData("/fleet/a%01b", "InvalidArgument")]
    [InlineData("/fleet/a%EF%BF%BEb", "InvalidArgument")]
    [InlineData("/fleet/%FF", "InvalidURI")]
    [InlineData("/../x", "InvalidBucketName")]
    [InlineData("/.s3/buckets/fleet", "InvalidBucketName")]
    [InlineData("//x", "InvalidBucketName")]
    public async Task A_path_is_taken_as_it_was_sent_and_leads_nowhere_else(string path, string code)
    {
        using var answer = await SendAsync(HttpMethod.Put, path, Content("x"));
        Assert.Equal(code, await CodeOfAsync(answer));
        Assert.Empty(Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Plus_signs_and_escapes_in_a_path_are_those_of_a_URI()
    {
        await PutAsync("/fleet/a+b%20c%2Fd");
        Assert.True(File.Exists(_host.FileOf("fleet", "a+b c/d")));
        using var answer = await SendAsync(HttpMethod.Get, "/fleet/a+b%20c/d");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("PATCH", "/fleet", "MethodNotAllowed", 405)]
    [InlineData("PATCH", "/fleet/a", "MethodNotAllowed", 405)]
    [InlineData("POST", "/", "MethodNotAllowed", 405)]
    [InlineData("GET", "/fleet?website", "NotImplemented", 501)]
    [InlineData("PUT", "/fleet?versioning", "NotImplemented", 501)]
    [InlineData("GET", "/fleet/a?torrent", "NotImplemented", 501)]
    [InlineData("GET", "/fleet?max-keys=-1", "InvalidArgument", 400)]
    [InlineData("GET", "/fleet?max-keys=many", "InvalidArgument", 400)]
    [InlineData("GET", "/fleet?encoding-type=hex", "InvalidArgument", 400)]
    [InlineData("GET", "/fleet?list-type=2&continuation-token=", "InvalidArgument", 400)]
    public async Task What_is_not_served_is_refused(string method, string path, string code, int status)
    {
        using var answer = await SendAsync(new(method), path);
        Assert.Equal((status, code), ((int)answer.StatusCode, await CodeOfAsync(answer)));
    }

    [Fact]
    public async Task Metadata_that_is_not_ASCII_comes_back_encoded()
    {
        using var socket = await ConnectAsync("PUT /fleet/a HTTP/1.1\r\n{signed}x-amz-meta-who: J\u00f6rg\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await ReadAsync(socket, "\r\n\r\n"));
        using var answer = await SendAsync(HttpMethod.Head, "/fleet/a");
        Assert.Equal("=?UTF-8?B?SsO2cmc=?=", answer.Headers.GetValues("x-amz-meta-who").Single());
    }

    [Fact]
    public async Task The_encoding_that_content_travels_in_is_not_the_objects()
    {
        using var content = Content("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n");
        content.Headers.TryAddWithoutValidation("Content-Encoding", "aws-chunked,gzip");
        using (var answer = await SendAsync(HttpMethod.Put, "/fleet/a", content, Trailing, ("x-amz-decoded-content-length", "3"), ("x-amz-trailer", "x-amz-checksum-crc32")))
            Assert.Equal("NSRBwg==", answer.Headers.GetValues("x-amz-checksum-crc32").Single());
        using var got = await SendAsync(HttpMethod.Get, "/fleet/a");
        Assert.Equal(("gzip", "abc"), (got.Content.Headers.ContentEncoding.Single(), await got.Content.ReadAsStringAsync(Cancellation)));
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "MalformedTrailerError")]
    [InlineData("3\r\nabc\r\n0\r\nnonsense\r\n\r\n", "MalformedTrailerError")]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest")]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n", "InvalidRequest")]
    [InlineData("3\r\nabc", "IncompleteBody")]
    [InlineData("2\r\nab\r\n0\r\nx-amz-checksum-crc32:nonsense\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nabcd\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("2\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("7fffffffffffffff\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("-3\r\nabc\r\n0\r\n\r\n", "InvalidRequest")]
    [InlineData("abc", "IncompleteBody")]
    [InlineData("xyz\r\n", "InvalidRequest")]
    public async Task A_chunked_body_that_is_not_as_announced_is_refused_and_nothing_is_kept(string body, string code)
    {
        using var answer = await SendAsync(
            HttpMethod.Put, "/fleet/a", Content(body), Trailing, ("x-amz-decoded-content-length", "3"), ("x-amz-trailer", "x-amz-checksum-crc32"));
        Assert.Equal(code, await CodeOfAsync(answer));
        Assert.Empty(Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_that_was_signed_is_refused()
    {
        using (var answer = await SendAsync(HttpMethod.Put, "/fleet/a", Content("abc"), Convert.ToHexStringLower(SHA256.HashData("abd"u8))))
            Assert.Equal("XAmzContentSHA256Mismatch", await CodeOfAsync(answer));
        using (var answer = await SendAsync(HttpMethod.Put, "/fleet/a", Content("abc"), "nonsense"))
            Assert.Equal("InvalidArgument", await CodeOfAsync(answer));
        using (var answer = await SendAsync(HttpMethod.Put, "/fleet/a", Content("abc"), "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"))
            Assert.Equal("NotImplemented", await CodeOfAsync(answer));
        Assert.False(File.Exists(_host.FileOf("fleet", "a")));
        using (var answer = await SendAsync(HttpMethod.Put, "/fleet/a", Content("abc"), Convert.ToHexStringLower(SHA256.HashData("abc"u8))))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("""<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>""")]
    [InlineData("""<!DOCTYPE x SYSTEM "file:///etc/passwd"><Delete><Object><Key>a</Key></Object></Delete>""")]
    [InlineData("<Delete><Object><Key>a</Key></Object>")]
    [InlineData("<Delete><Object><Name>a</Name></Object></Delete>")]
    [InlineData("<Delete/>")]
    [InlineData("")]
    public async Task A_document_that_is_not_as_it_should_be_is_refused(string document)
    {
        using var content = Content(document);
#pragma warning disable CA5351 // Content-MD5 is one.
        content.Headers.ContentMD5 = MD5.HashData(Encoding.UTF8.GetBytes(document));
#pragma warning restore CA5351
        using var answer = await SendAsync(HttpMethod.Post, "/fleet?delete", content);
        Assert.Equal("MalformedXML", await CodeOfAsync(answer));
    }

    [Fact]
    public async Task Objects_are_only_deleted_together_if_the_list_of_them_is_protected()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/fleet?delete", Content("<Delete><Object><Key>a</Key></Object></Delete>"));
        Assert.Equal("InvalidRequest", await CodeOfAsync(answer));
    }

    [Fact]
    public async Task What_is_too_big_for_one_request_is_refused_before_it_is_sent()
    {
        using var socket = await ConnectAsync("PUT /fleet/a HTTP/1.1\r\n{signed}Expect: 100-continue\r\nContent-Length: 5368709121\r\n\r\n");
        var answer = await ReadAsync(socket, "</Error>");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("<Code>EntityTooLarge</Code>", answer);
    }

    [Fact]
    public async Task Content_of_unknown_length_is_refused()
    {
        using var request = Request(HttpMethod.Put, "/fleet/a", Content("abc"), Unsigned);
        request.Headers.TransferEncodingChunked = true;
        using var answer = await _client.SendAsync(request, Cancellation);
        Assert.Equal((HttpStatusCode.LengthRequired, "MissingContentLength"), (answer.StatusCode, await CodeOfAsync(answer)));
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_no_object_and_no_file()
    {
        await PutAsync("/fleet/a");
        using (var socket = await ConnectAsync("PUT /fleet/a HTTP/1.1\r\n{signed}Content-Length: 1000000\r\n\r\nbeginning"))
        {
            await Until(() => Directory.Exists(UnfinishedFolder) && Directory.EnumerateFiles(UnfinishedFolder).Any());
            socket.LingerState = new(true, 0);
        }
        await Until(() => !Directory.EnumerateFiles(UnfinishedFolder).Any());
        Assert.Equal("content", await File.ReadAllTextAsync(_host.FileOf("fleet", "a"), Cancellation));
    }

    [Theory]
    [InlineData("bytes=99999999999999999999-", HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange")]
    [InlineData("bytes=9223372036854775807-9223372036854775808", HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange")]
    [InlineData("bytes=2-99999999999999999999", HttpStatusCode.PartialContent, "ntent")]
    [InlineData("bytes=-99999999999999999999", HttpStatusCode.PartialContent, "content")]
    public async Task A_range_may_have_any_number_of_digits(string range, HttpStatusCode status, string content)
    {
        await PutAsync("/fleet/a");
        using var answer = await SendAsync(HttpMethod.Get, "/fleet/a", headers: ("Range", range));
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal((status, content), (answer.StatusCode, answer.IsSuccessStatusCode ? text : XElement.Parse(text).Element("Code")!.Value));
    }

    [Fact]
    public async Task A_big_object_is_never_in_memory()
    {
        const long size = 200_000_000;
        var before = GC.GetTotalAllocatedBytes();
        using (var content = new StreamContent(new Zeros(size)))
        {
            content.Headers.ContentLength = size;
            using var answer = await SendAsync(HttpMethod.Put, "/fleet/big", content);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        using var request = Request(HttpMethod.Get, "/fleet/big", null, Unsigned);
        using var got = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var stream = await got.Content.ReadAsStreamAsync(Cancellation);
        await stream.CopyToAsync(Stream.Null, Cancellation);
        Assert.Equal(size, got.Content.Headers.ContentLength);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, size / 4);
    }

    private string UnfinishedFolder => Path.Combine(_host.Folder, ".s3", "unfinished");

    private async Task PutAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Put, path, Content("content"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, string contentSha256 = Unsigned, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, content, contentSha256);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, Cancellation);
    }

    /// <summary>A request whose path is sent as it is here, and whose signature nobody verifies.</summary>
    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, string contentSha256)
    {
        var target = new Uri(_host.Endpoint.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(method, target) { Content = content };
        request.Headers.Authorization = new("AWS4-HMAC-SHA256", Credential);
        request.Headers.Add("x-amz-content-sha256", contentSha256);
        return request;
    }

    private static string Credential => $"Credential={S3Host.AccessKey}/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}";

    private static StringContent Content(string text)
    {
        var content = new StringContent(text);
        content.Headers.ContentType = null;
        return content;
    }

    private async Task<Socket> ConnectAsync(string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _host.Endpoint.Port, Cancellation);
        var signed = $"Host: {_host.Endpoint.Authority}\r\nAuthorization: AWS4-HMAC-SHA256 {Credential}\r\n";
        await socket.SendAsync(Encoding.UTF8.GetBytes(request.Replace("{signed}", signed, StringComparison.Ordinal)), Cancellation);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket, string end)
    {
        var read = "";
        for (var buffer = new byte[4096]; !read.EndsWith(end, StringComparison.Ordinal);)
            read += Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Cancellation) is > 0 and var count ? count : throw new EndOfStreamException(read));
        return read;
    }

    private static async Task<XElement> ReadErrorAsync(HttpResponseMessage answer) => XElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));

    private static async Task<string> CodeOfAsync(HttpResponseMessage answer) => (await ReadErrorAsync(answer)).Element("Code")!.Value;

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, Cancellation);
    }

    private sealed class Zeros(long left) : Stream
    {

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(left, count);
            Array.Clear(buffer, offset, read);
            left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
