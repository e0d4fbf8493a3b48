namespace CdfProvisioning.Aws.Client;

/// <summary>A service that the generic client speaks to.</summary>
/// <param name="Title">What messages call it.</param>
/// <param name="Id">The SDKs' id, which names its endpoint variable: AWS_ENDPOINT_URL_IOT.</param>
/// <param name="Name">Its name in endpoints, signatures and IAM actions.</param>
/// <param name="ApiVersion">The version of its API.</param>
internal sealed record AwsService(string Title, string Id, string Name, string ApiVersion)
{
    public static readonly AwsService Iot = new("AWS IoT", "IoT", "iot", "2015-05-28");
    public static readonly AwsService AcmPca = new("ACM PCA", "ACM PCA", "acm-pca", "2017-08-22");
}
