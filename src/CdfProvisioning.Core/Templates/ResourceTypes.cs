namespace CdfProvisioning.Templates;

/// <summary>The types of resources that a provisioning template may have.</summary>
internal static class ResourceTypes
{
    public const string Thing = "AWS::IoT::Thing";
    public const string Certificate = "AWS::IoT::Certificate";
    public const string Policy = "AWS::IoT::Policy";
}
