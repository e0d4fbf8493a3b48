using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Aws.S3;
using CdfProvisioning.Server.Aws.Signing;
using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>
/// The S3 service alone, on a port of its own, over a folder of its own. Of signatures of version 4 it only verifies
/// those of chunks.
/// </summary>
public sealed partial class S3Host : IAsyncDisposable
{
    public const string AccountId = "123456789012";
    public const string AccessKey = ClientProcess.AccessKey;
    public const string SecretKey = ClientProcess.SecretKey;

    private readonly TemporaryFolder _folder = new();
    private HttpEndpoint _http = null!;

    private S3Host()
    {
    }

    /// <summary>The folder of the buckets.</summary>
    public string Folder => Path.Combine(_folder.Path, "buckets");

    public Uri Endpoint => _http.Address;

    public static async Task<S3Host> StartAsync()
    {
        var host = new S3Host();
        var service = new S3Service(new BucketStore(new(host._folder.Path, "buckets")), AccountId, accessKey => accessKey == AccessKey ? SecretKey : null);
        host._http = await HttpEndpoint.StartAsync(
            new ServerOptions { Port = 0 },
            (context, status, message) => S3Service.WriteErrorAsync(context, (S3Errors.InvalidRequest with { HttpStatus = status }).Error(message), ""),
            new RequestJournal(),
            app => app.Run(context => service.HandleAsync(context, RegionOf(context.Request), SigningOf(context.Request))),
            open: null,
            CancellationToken.None);
        return host;
    }

    public string FileOf(string bucket, string key) => Path.Combine(Folder, bucket, key);

    public async ValueTask DisposeAsync()
    {
        await _http.StopAsync(CancellationToken.None);
        _folder.Dispose();
    }

    private static string? RegionOf(HttpRequest request) => ScopeOf(request) is { Success: true } scope ? scope.Groups["region"].Value : null;

    private static ChunkSigning? SigningOf(HttpRequest request)
    {
        if (ScopeOf(request) is not { Success: true } scope || SignatureInHeader().Match(request.Headers.Authorization.ToString()) is not { Success: true } signature)
            return null;
        var key = Encoding.UTF8.GetBytes("AWS4" + SecretKey);
        foreach (var part in scope.Groups["scope"].Value.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return new(key, request.Headers["x-amz-date"].ToString(), scope.Groups["scope"].Value, signature.Groups[1].Value);
    }

    private static Match ScopeOf(HttpRequest request) =>
        CredentialScope().Match(request.Headers.Authorization.Count > 0 ? request.Headers.Authorization.ToString() : request.Query["X-Amz-Credential"].ToString());

    [GeneratedRegex("(Credential=|^)[^/]+/(?<scope>[0-9]{8}/(?<region>[^/]+)/s3/aws4_request)")]
    private static partial Regex CredentialScope();

    [GeneratedRegex("Signature=([0-9a-f]{64})")]
    private static partial Regex SignatureInHeader();
}
