using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws;

/// <summary>A request to one of the services, whose signature has been looked at.</summary>
/// <param name="Context">The request.</param>
/// <param name="Region">The region of its signature.</param>
/// <param name="AccessKeyId">Whose signature it is.</param>
/// <param name="Body">Its whole body.</param>
internal sealed record AwsCall(HttpContext Context, string Region, string AccessKeyId, ReadOnlyMemory<byte> Body)
{
    public const string RequestIdHeader = "x-amzn-RequestId";

    public RawTarget Target { get; } = RawTarget.Of(Context);

    public CancellationToken Cancellation => Context.RequestAborted;

    /// <summary>Where the client has found this server.</summary>
    public Uri Origin => new($"{Context.Request.Scheme}://{Context.Request.Host}");

    /// <summary>Names what was asked for, to who looks after the server: the service or, as IAM would, its operation (<c>iot:CreateThing</c>).</summary>
    public static void Name(HttpContext context, string name) => context.SetEndpoint(new Endpoint(null, null, name));
}
