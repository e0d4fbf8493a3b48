using CdfProvisioning.Server.AwsWire.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.AwsWire;

/// <summary>A request to one of the services, whose signature has been looked at.</summary>
/// <param name="Context">The request.</param>
/// <param name="Region">The region of its signature.</param>
/// <param name="AccessKeyId">Whose signature it is.</param>
/// <param name="Body">Its whole body.</param>
internal sealed record AwsCall(HttpContext Context, string Region, string AccessKeyId, ReadOnlyMemory<byte> Body)
{
    public RawTarget Target { get; } = RawTarget.Of(Context);

    public CancellationToken Cancellation => Context.RequestAborted;

    /// <summary>Names the operation, for who looks after the server, as IAM would: <c>iot:CreateThing</c>.</summary>
    public void Name(string service, string operation) => Context.SetEndpoint(new Endpoint(null, null, $"{service}:{operation}"));

    /// <summary>Where the client has found this server.</summary>
    public Uri Origin => new($"{Context.Request.Scheme}://{Context.Request.Host}");
}
