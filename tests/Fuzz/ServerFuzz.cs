using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Aws.Signing;
using Xunit;

namespace CdfProvisioning.Fuzz;

/// <summary>Whatever is sent to a server, it answers, and never that it has failed (500).</summary>
public sealed class ServerFuzz : IAsyncLifetime
{
    private static readonly string[] RestMembers =
    [
        "provisioningTemplateId", "parameters", "cdfProvisioningParameters", "groupPath", "caId", "certInfo", "commonName", "daysExpiry", "csr", "certificatePem", "certificateStatus", "ThingName", "Serial",
    ];

    private static readonly string[] PemMembers = ["Name", "Value", "Type", "Overwrite", "WithDecryption", "Path", "Recursive", "Names", "Tags", "Key", "MaxResults", "NextToken", "ParameterFilters", "Values", "AllowedPattern", "Tier"];

    private static readonly string[] PcaMembers =
    [
        "CertificateAuthorityArn", "CertificateAuthorityType", "CertificateAuthorityConfiguration", "Subject", "CommonName", "Country", "KeyAlgorithm", "SigningAlgorithm", "Csr", "Validity", "Type", "Value",
        "CertificateArn", "MaxResults", "NextToken", "Tags", "Key",
    ];

    private readonly TemporaryFolder _folder = new();
    private Connection _connection = null!;
    private CdfServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.Path, Settings: new() { KeyAlgorithm = Certificates.KeyAlgorithm.P256 }), Cancellation);
        await _connection.Templates.PutAsync("plain", """{"Parameters":{"ThingName":{"Type":"String"}},"Resources":{"t":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"ThingName"}}}}}""", Cancellation);
        await _connection.CertificateAuthorities.CreateAsync(new SubjectFields("CA"), TimeSpan.FromDays(100), Cancellation);
        _server = await CdfServer.StartAsync(new ServerOptions { Port = 0, AwsPort = 0, KeyDirectory = Path.Combine(_folder.Path, "keys") }, _connection, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _connection.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task Rest() => RunAsync(nameof(Rest), chance =>
    {
        var name = Escaped(chance, chance.Name("thing-1", "thing-2"));
        var (method, path, good) = chance.Of(
            ("POST", "/things", """{"provisioningTemplateId":"plain","parameters":{"ThingName":"thing-1"}}"""),
            ("GET", $"/things/{name}", ""), ("DELETE", $"/things/{name}", ""), ("PATCH", $"/things/{name}/certificates", """{"certificateStatus":"ACTIVE"}"""),
            ("POST", "/bulkthings", """{"provisioningTemplateId":"plain","parameters":[{"ThingName":"thing-1"},{"ThingName":"thing-2"}]}"""),
            ("GET", "/bulkthings", ""), ("GET", $"/bulkthings/{name}", ""), ("GET", $"/bulkthings/{name}/results", ""), ("POST", $"/bulkthings/{name}/resume", ""), ("POST", $"/bulkthings/{name}/stop", ""),
            ("GET", "/health", ""), ("GET", "/metrics", ""), ("GET", $"/docs/{name}", ""), (chance.Of("PUT", "OPTIONS", "HEAD", "TRACE", "BREW"), $"/{name}", ""));
        var body = chance.Is(0.3) ? good : chance.Is(0.6) ? chance.Spoiled(good) : chance.Json(RestMembers);
        return new(method, path, [("Content-Type", chance.Of("application/json", "application/vnd.aws-cdf-v1.0+json", "text/plain", chance.Text())), ("Accept", chance.Of("*/*", "application/json", chance.Text()))], chance.Bytes(body));
    });

    [Fact]
    public Task Iot() => RunAsync(nameof(Iot), chance =>
    {
        var operation = chance.Of(IotOperations.All);
        var path = operation.Path;
        while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open)
            path = path[..open] + Escaped(chance, chance.Name("thing-1", "sensors", "1")) + path[(path.IndexOf('}', open) + 1)..];
        var query = string.Join('&', operation.Query.Where(_ => chance.Is(0.3)).Select(q => $"{q.Name}={Escaped(chance, chance.Text())}"));
        string[] members = [.. operation.Request.Properties.Select(p => p.Name)];
        return Signed(chance, "iot", new(
            operation.Method, path + (query.Length > 0 ? "?" + query : ""), [("Content-Type", "application/json")],
            chance.Bytes(chance.Is(0.8) ? chance.Object(members) : chance.Json(members))));
    }, isAws: true);

    [Fact]
    public Task Ssm() => RunAsync(nameof(Ssm), chance => Json(chance, "ssm", "AmazonSSM.", PemMembers,
        "GetParameter", "GetParameters", "GetParametersByPath", "DescribeParameters", "PutParameter", "DeleteParameter", "DeleteParameters", "AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"), isAws: true);

    [Fact]
    public Task AcmPca() => RunAsync(nameof(AcmPca), chance => Json(chance, "acm-pca", "ACMPrivateCA.", PcaMembers,
        "CreateCertificateAuthority", "DescribeCertificateAuthority", "ListCertificateAuthorities", "DeleteCertificateAuthority", "GetCertificateAuthorityCertificate", "IssueCertificate", "GetCertificate"), isAws: true);

    [Fact]
    public Task Sts() => RunAsync(nameof(Sts), chance => Signed(chance, "sts", new(
        "POST", "/", [("Content-Type", "application/x-www-form-urlencoded")],
        chance.Bytes(chance.Of(
            $"Action=AssumeRole&RoleArn={Escaped(chance, chance.Name("arn:aws:iam::123456789012:role/a"))}&RoleSessionName={Escaped(chance, chance.Name("session"))}&DurationSeconds={Escaped(chance, chance.Name("900"))}",
            $"Action=GetCallerIdentity&{chance.Text()}", chance.Text())))), isAws: true);

    [Fact]
    public Task S3() => RunAsync(nameof(S3), chance =>
    {
        var bucket = Escaped(chance, chance.Name("templates", "bucket-1"));
        var path = chance.Of("/", $"/{bucket}", $"/{bucket}/", $"/{bucket}/{Escaped(chance, chance.Name("key", "a/b", "a/"))}");
        var query = chance.Of("", "", "?uploads", "?delete", "?list-type=2", "?location", "?versioning", "?tagging", $"?uploadId={Escaped(chance, chance.Text())}&partNumber={Escaped(chance, chance.Text())}",
            $"?prefix={Escaped(chance, chance.Text())}&max-keys={Escaped(chance, chance.Text())}&delimiter={Escaped(chance, chance.Text())}&encoding-type=url", $"?response-content-type={Escaped(chance, chance.Text())}", $"?{Escaped(chance, chance.Text())}");
        var headers = new List<(string, string)> { ("Content-Type", chance.Of("text/html", "application/xml", chance.Text())) };
        foreach (var name in new[] { "x-amz-meta-a", "x-amz-copy-source", "x-amz-checksum-crc32", "Content-MD5", "Range", "If-Match", "If-Modified-Since", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "Cache-Control", "x-amz-mp-object-size" })
            if (chance.Is(0.1))
                headers.Add((name, chance.Of("templates/key", "bytes=0-1", "bytes=9-", "\"*\"", "1", "x-amz-checksum-crc32", "AAAAAA==", chance.Text())));
        var isChunked = chance.Is(0.2);
        headers.Add(("x-amz-content-sha256", isChunked ? chance.Of("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") : chance.Of("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", chance.Text())));
        var chunks = "5;chunk-signature=0\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        if (isChunked)
            headers.Add(("x-amz-decoded-content-length", chance.Of("5", "0", "9223372036854775807", chance.Text())));
        var xml = chance.Of(
            "<Delete><Object><Key>key</Key></Object></Delete>", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
            "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>");
        var body = isChunked ? chance.Of(chunks, chance.Spoiled(chunks), chance.Of("7fffffffffffffff", "-1", "ffffffffffffffffff", "0x5", " 5") + "\r\nhello\r\n") : chance.Of("", "hello", xml, chance.Spoiled(xml), chance.Text());
        return Signed(chance, "s3", new(chance.Of("GET", "PUT", "PUT", "POST", "DELETE", "HEAD"), path + query, headers, chance.Bytes(body)));
    }, isAws: true);

    [Fact]
    public async Task Signatures()
    {
        await using var signed = await SignedServerAsync();
        await RunAsync(nameof(Signatures), chance =>
        {
            var good = $"AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{chance.Of("iot", "s3", "sts", "ssm")}/aws4_request, SignedHeaders=host;x-amz-date, Signature={new string('0', 64)}";
            var query = chance.Is(0.3)
                ? "?" + string.Join('&', new[] { "X-Amz-Algorithm=AWS4-HMAC-SHA256", $"X-Amz-Credential={Escaped(chance, chance.Text())}", "X-Amz-Date=20260101T000000Z", $"X-Amz-Expires={Escaped(chance, chance.Name("600"))}", "X-Amz-SignedHeaders=host", $"X-Amz-Signature={new string('0', 64)}", "AWSAccessKeyId=AKIA", "Signature=a", $"Expires={chance.Of("9999999999", "a")}" }.Where(_ => chance.Is(0.9)))
                : "";
            List<(string, string)> headers = query.Length > 0 ? [] : [("Authorization", chance.Is(0.8) ? chance.Spoiled(good) : chance.Text()), ("x-amz-date", chance.Name("20260101T000000Z")), ("x-amz-security-token", chance.Text())];
            return new(chance.Of("GET", "PUT", "POST"), $"/{Escaped(chance, chance.Text())}{query}", headers, chance.Bytes(chance.Text()));
        }, isAws: true, signed.Server);
    }

    private async Task RunAsync(string grammar, Func<Chance, Request> make, bool isAws = false, CdfServer? other = null)
    {
        var chance = new Chance(grammar);
        var server = other ?? _server;
        var address = isAws ? server.Info.AwsAddress! : server.Info.Address;
        for (var i = 0; i < Chance.Count; i++)
        {
            var request = make(chance);
            var status = await SendAsync(address, request);
            while (server.Journal.TryRead(out var served))
                if (served.Failure is not null || served.Status == 500)
                    Assert.Fail($"CDF_FUZZ_SEED={chance.Seed}, {grammar}: {served.Status} {served.Failure} for {request.Method} {Chance.Shown(request.Target)} {string.Join(", ", request.Headers.Select(h => Chance.Shown($"{h.Name}: {h.Value}")))} {Chance.Shown(Encoding.UTF8.GetString(request.Body))}");
            Assert.True(status is null or (>= 200 and < 600 and not 500), $"CDF_FUZZ_SEED={chance.Seed}: {status}");
        }

        Assert.Equal(200, await SendAsync(server.Info.Address, new("GET", "/health", [], [])));
    }

    /// <summary>Sends a request as it is.</summary>
    /// <returns>The status, or null if there is no answer.</returns>
    private static async Task<int?> SendAsync(Uri address, Request request)
    {
        var head = new StringBuilder($"{request.Method} {request.Target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\nContent-Length: {request.Body.Length}\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value.Replace('\r', ' ').Replace('\n', ' ')).Append("\r\n");
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Cancellation);
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. request.Body], Cancellation);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var answer = await reader.ReadToEndAsync(Cancellation);
            return answer.Split(' ') is [_, { Length: 3 } status, ..] && int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
        catch (IOException)
        {
            return null; // Refused before it had been sent.
        }
    }

    private static Request Json(Chance chance, string service, string target, string[] members, params string[] operations) => Signed(chance, service, new(
        "POST", "/", [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", target + chance.Name(operations))],
        chance.Bytes(chance.Is(0.85) ? chance.Object(members) : chance.Json(members))));

    private static Request Signed(Chance chance, string service, Request request) => request with
    {
        Headers =
        [
            .. request.Headers,
            ("Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/{(chance.Is(0.95) ? "us-east-1" : chance.Of("eu-west-1", "mars-north-1", ""))}/{service}/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}"),
            ("x-amz-date", "20260101T000000Z"),
        ],
    };

    /// <summary>As a client writes it into a path or query, or as it must not.</summary>
    private static string Escaped(Chance chance, string text)
    {
        var escaped = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text.Length > 300 ? text[..300] : text))
            if (char.IsAsciiLetterOrDigit((char)b) || (b is > 0x20 and < 0x7f && b is not ((byte)'#' or (byte)'?' or (byte)'&' or (byte)'{' or (byte)'}') && chance.Is(0.1)))
                escaped.Append((char)b);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return escaped.ToString();
    }

    private async Task<SignedServer> SignedServerAsync() => new(await CdfServer.StartAsync(
        new ServerOptions { Port = 0, AwsPort = 0, AwsCredentials = AwsCredentials.CreateRandom() with { AccessKeyId = "AKIA" } }, _connection, Cancellation));

    private sealed record Request(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body);

    private sealed record SignedServer(CdfServer Server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Server.StopAsync(CancellationToken.None);
    }
}
