using CdfProvisioning.Iot.Model;

namespace CdfProvisioning.Server.Aws.Ssm;

/// <summary>What Systems Manager's requests can contain (Systems Manager API Reference; botocore 1.43, ssm).</summary>
internal static class SsmModel
{
    public static readonly ServiceModel Instance = new("""
        GetParameter structure Name!=PSParameterName
        GetParameters structure Names!=ParameterNameList
        PutParameter structure Name!=PSParameterName Description=ParameterDescription Value! Type=ParameterType KeyId=ParameterKeyId AllowedPattern=AllowedPattern Tags=TagList Tier=ParameterTier Policies=ParameterPolicies DataType=ParameterDataType
        DeleteParameter structure Name!=PSParameterName
        DeleteParameters structure Names!=ParameterNameList
        DescribeParameters structure Filters=ParametersFilterList ParameterFilters=ParameterStringFilterList MaxResults=MaxResults
        GetParametersByPath structure Path!=PSParameterName ParameterFilters=ParameterStringFilterList MaxResults=GetParametersByPathMaxResults
        AddTagsToResource structure ResourceType!=ResourceTypeForTagging ResourceId! Tags!=TagList
        ListTagsForResource structure ResourceType!=ResourceTypeForTagging ResourceId!
        RemoveTagsFromResource structure ResourceType!=ResourceTypeForTagging ResourceId! TagKeys!=KeyList

        AllowedPattern text 0..1024
        GetParametersByPathMaxResults number 1..10
        KeyList list TagKey
        MaxResults number 1..50
        PSParameterName text 1..2048
        ParameterDataType text 0..128
        ParameterDescription text 0..1024
        ParameterKeyId text 1..256 ^([a-zA-Z0-9:/_-]+)$
        ParameterNameList list PSParameterName 1..10
        ParameterPolicies text 1..4096
        ParameterStringFilter structure Key!=ParameterStringFilterKey Option=ParameterStringQueryOption Values=ParameterStringFilterValueList
        ParameterStringFilterKey text 1..132 tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType
        ParameterStringFilterList list ParameterStringFilter
        ParameterStringFilterValue text 1..1024
        ParameterStringFilterValueList list ParameterStringFilterValue 1..50
        ParameterStringQueryOption text 1..10
        ParameterTier enum Standard Advanced Intelligent-Tiering
        ParameterType enum String StringList SecureString
        ParametersFilter structure Key!=ParametersFilterKey Values!=ParametersFilterValueList
        ParametersFilterKey enum Name Type KeyId
        ParametersFilterList list ParametersFilter
        ParametersFilterValue text 1..1024
        ParametersFilterValueList list ParametersFilterValue 1..50
        ResourceTypeForTagging enum Document ManagedInstance MaintenanceWindow Parameter PatchBaseline OpsItem OpsMetadata Automation Association
        Tag structure Key!=TagKey Value!=TagValue
        TagKey text 1..128 ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
        TagList list Tag ..1000
        TagValue text 0..256 ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
        """);
}
