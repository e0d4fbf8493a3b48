namespace CdfProvisioning.Aws.Client;

/// <summary>An AWS service, as messages and signatures name it.</summary>
/// <param name="Title">What messages call it.</param>
/// <param name="Id">The SDKs' id, which names its endpoint variable: AWS_ENDPOINT_URL_IOT.</param>
/// <param name="Name">Its name in endpoints, signatures and IAM actions.</param>
internal sealed record AwsService(string Title, string Id, string Name)
{
    public static readonly AwsService Iot = new("AWS IoT", "IoT", "iot");
    public static readonly AwsService AcmPca = new("ACM PCA", "ACM PCA", "acm-pca");
    public static readonly AwsService Kms = new("AWS KMS", "KMS", "kms");
    public static readonly AwsService S3 = new("Amazon S3", "S3", "s3");
    public static readonly AwsService Ssm = new("AWS Systems Manager", "SSM", "ssm");
    public static readonly AwsService Sts = new("AWS STS", "STS", "sts");
}
