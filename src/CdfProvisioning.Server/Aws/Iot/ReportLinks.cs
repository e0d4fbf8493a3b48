using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Aws.Signing;

namespace CdfProvisioning.Server.Aws.Iot;

/// <summary>The reports of tasks are files in a bucket; who asks over HTTP gets links with which S3 gives them out.</summary>
/// <param name="buckets">The folder of the buckets.</param>
/// <param name="signer">Who hands the links out.</param>
/// <param name="clock">The time.</param>
internal sealed class ReportLinks(string buckets, AwsCredentials signer, TimeProvider clock)
{
    /// <summary>The longest that S3 allows.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public ListThingRegistrationTaskReportsResponse OverHttp(ListThingRegistrationTaskReportsResponse response, AwsCall call) =>
        response with { ResourceLinks = [.. response.ResourceLinks!.Select(link => LinkTo(new Uri(link).LocalPath, call))] };

    private string LinkTo(string path, AwsCall call) => PresignedUrl.Create(
        signer, call.Origin, "/" + Path.GetRelativePath(buckets, path).Replace(Path.DirectorySeparatorChar, '/'), call.Region, clock.GetUtcNow(), Lifetime);
}
