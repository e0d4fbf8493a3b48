using System.Net;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.AcmPca;
using CdfProvisioning.Server.Aws.Iot;
using CdfProvisioning.Server.Aws.S3;
using CdfProvisioning.Server.Aws.Signing;
using CdfProvisioning.Server.Aws.Ssm;
using CdfProvisioning.Server.Aws.Sts;
using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Server.Aws;

/// <summary>
/// AWS's services over the embedded registry, at one address: which one is meant, and in which region, is in the
/// signature of the request.
/// </summary>
internal sealed class AwsEndpoint : IAsyncDisposable
{
    private const string S3Name = "s3";

    private readonly Regions _regions;
    private readonly SignatureVerifier? _verifier;
    private readonly VerifiedS3 _s3;
    private readonly IotService _iot;
    private readonly Dictionary<string, IAwsService> _services;
    private HttpEndpoint? _http;

    /// <param name="connection">The embedded registry of a region; those of the others are beside it.</param>
    /// <param name="credentials">Those that clients have to sign with; null if any will do, for clients on this machine only.</param>
    /// <param name="clock">The time.</param>
    /// <param name="resumesTasks">Whether interrupted tasks of a region go on when it is opened.</param>
    /// <exception cref="CdfException">InvalidRequest: the connection is to AWS itself. Unavailable: the folder cannot be written to.</exception>
    public AwsEndpoint(Connection connection, AwsCredentials? credentials, TimeProvider clock, bool resumesTasks = false)
    {
        if (connection.Info.Path is not { } folder)
            throw IotErrorType.InvalidRequest.Error("AWS's own protocol is served from the embedded registry only: connect to one, or use AWS's endpoints.");
        var buckets = new BucketStore(new(folder, EmbeddedBackend.BucketsFolder));
        buckets.TryCreate(EmbeddedBackend.TemplateBucket);
        var temporary = new TemporaryCredentials(
            credentials is null ? RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes) : SHA256.HashData(Encoding.UTF8.GetBytes(credentials.SecretAccessKey)));
        _regions = new Regions(connection, clock, resumesTasks);
        _verifier = credentials is null ? null : new SignatureVerifier(credentials, temporary, clock);
        _s3 = new VerifiedS3(
            new S3Service(
                buckets, connection.Info.AccountId,
                credentials is null ? null : accessKeyId => accessKeyId == credentials.AccessKeyId ? credentials.SecretAccessKey : null),
            _verifier);
        _iot = new IotService(_regions, new ReportLinks(Path.Combine(folder, EmbeddedBackend.BucketsFolder), credentials ?? new("ANY", "ANY"), clock));
        _services = new Dictionary<string, IAwsService>
        {
            ["iot"] = _iot,
            ["execute-api"] = _iot, // Older clients sign IoT's requests as API Gateway's.
            ["sts"] = new StsService(connection.Info.AccountId, temporary, clock),
            ["ssm"] = new SsmService(_regions, answersSecrets: credentials is not null),
            ["acm-pca"] = new AcmPcaService(_regions),
        };
    }

    public async Task HandleAsync(HttpContext context)
    {
        var requestId = Guid.NewGuid().ToString();
        context.Response.Headers[AwsCall.RequestIdHeader] = requestId;
        IAwsService service = _iot;
        try
        {
            if (_verifier is null && !IsLocal(context.Connection.RemoteIpAddress))
                throw new SignatureException(SignatureProblem.UnknownKey, "This server was given no access key, so it answers this machine only: start it with one.");
            var signature = RequestSignature.Find(context.Request);
            if (_verifier is null && BrowserRequests.IsOne(context.Request, signature?.Scope.Service ?? S3Name))
                throw new SignatureException(
                    SignatureProblem.UnknownKey, "A web page seems to have sent this request. This server was given no access key, so it answers none from a browser: start it with one.");
            if (signature is not null && !AwsRegions.All.Contains(signature.Scope.Region))
                throw new SignatureException(
                    SignatureProblem.Incomplete, $"Credential should be scoped to a valid region, not '{IotNames.Shown(signature.Scope.Region)}'.");
            if (signature is null or { Scope.Service: S3Name })
            {
                AwsCall.Name(context, S3Name);
                await _s3.AnswerAsync(context, signature, requestId);
                return;
            }

            service = _services.GetValueOrDefault(signature.Scope.Service) ?? throw new SignatureException(
                SignatureProblem.Mismatch,
                $"Credential should be scoped to a service that is here: {S3Name}, {string.Join(", ", _services.Keys)}; not to '{IotNames.Shown(signature.Scope.Service)}'.");
            AwsCall.Name(context, signature.Scope.Service);
            var body = await ReadBodyAsync(context);
            _verifier?.Verify(context, signature, HashOf(context, body));
            await service.AnswerAsync(new(context, signature.Scope.Region, signature.AccessKeyId, body));
        }
        catch (CdfException e) when (!context.Response.HasStarted)
        {
            await service.WriteErrorAsync(context, e);
        }
        catch (SignatureException e)
        {
            await service.WriteErrorAsync(context, service.ErrorTypeOf(e.Problem).Error(e.Message));
        }
    }

    /// <summary>Answers what does not come to a service.</summary>
    public Task RefuseAsync(HttpContext context, int status, string message)
    {
        var type = status == StatusCodes.Status500InternalServerError ? IotErrorType.InternalFailure : IotErrorType.InvalidRequest with { HttpStatus = status };
        return _iot.WriteErrorAsync(context, type.Error(message));
    }

    /// <summary>What goes after <c>--endpoint-url</c>.</summary>
    public Uri Address => _http!.Address;

    /// <exception cref="CdfException">InvalidRequest, Unavailable, AccessDenied: it cannot serve there.</exception>
    public static async Task<AwsEndpoint> StartAsync(ServerOptions options, Connection connection, RequestJournal journal, CancellationToken cancellationToken)
    {
        var endpoint = new AwsEndpoint(connection, options.AwsCredentials, TimeProvider.System, options.ResumesTasks);
        // AWS's clients show who they are by their signature, and no web page is one of them.
        var own = options with { Port = options.AwsPort!.Value, ApiKey = null, CorsOrigins = [] };
        endpoint._http = await HttpEndpoint.StartAsync(own, endpoint.RefuseAsync, journal, app => app.Run(endpoint.HandleAsync), open: null, cancellationToken);
        return endpoint;
    }

    /// <param name="cancellationToken">Aborts the requests that are being served.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _http!.StopAsync(cancellationToken);
        await DisposeAsync();
    }

    public ValueTask DisposeAsync() => _regions.DisposeAsync();

    private static bool IsLocal(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);

    private static string HashOf(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body.Span));
        return context.Request.Headers["x-amz-content-sha256"].ToString() is { Length: > 0 } given && given != hash
            ? throw new SignatureException(SignatureProblem.Mismatch, "The value of the header x-amz-content-sha256 is not the SHA-256 of the body.")
            : hash;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return default;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
