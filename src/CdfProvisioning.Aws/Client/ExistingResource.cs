using Amazon.Runtime;

namespace CdfProvisioning.Aws.Client;

/// <summary>What a ResourceAlreadyExistsException says of the resource that stands in the way.</summary>
internal static class ExistingResource
{
    private const string IdMember = "resourceId";
    private const string ArnMember = "resourceArn";

    public static readonly string[] Members = [IdMember, ArnMember];

    extension(AmazonServiceException error)
    {
        public string? ResourceId => error.Data[IdMember] as string;

        public string? ResourceArn => error.Data[ArnMember] as string;
    }
}
