namespace CdfProvisioning.Iot.Model;

/// <summary>What AWS IoT's requests can contain (AWS IoT API Reference; botocore 1.43, iot). Both registries refuse what breaks it before they look at anything else.</summary>
internal static class IotModel
{
    public static readonly ServiceModel Instance = new("""
        CreateThing structure thingName!=ThingName thingTypeName=ThingTypeName attributePayload=AttributePayload billingGroupName=BillingGroupName
        DescribeThing structure thingName!=ThingName
        UpdateThing structure thingName!=ThingName thingTypeName=ThingTypeName attributePayload=AttributePayload
        DeleteThing structure thingName!=ThingName
        ListThings structure maxResults=RegistryMaxResults attributeName=AttributeName attributeValue=AttributeValue thingTypeName=ThingTypeName
        CreateThingType structure thingTypeName!=ThingTypeName thingTypeProperties=ThingTypeProperties tags=TagList
        DescribeThingType structure thingTypeName!=ThingTypeName
        ListThingTypes structure maxResults=RegistryMaxResults thingTypeName=ThingTypeName
        UpdateThingType structure thingTypeName!=ThingTypeName thingTypeProperties=ThingTypeProperties
        DeprecateThingType structure thingTypeName!=ThingTypeName
        DeleteThingType structure thingTypeName!=ThingTypeName
        CreateThingGroup structure thingGroupName!=ThingGroupName parentGroupName=ThingGroupName thingGroupProperties=ThingGroupProperties tags=TagList
        DescribeThingGroup structure thingGroupName!=ThingGroupName
        ListThingGroups structure maxResults=RegistryMaxResults parentGroup=ThingGroupName namePrefixFilter=ThingGroupName
        UpdateThingGroup structure thingGroupName!=ThingGroupName thingGroupProperties!=ThingGroupProperties
        DeleteThingGroup structure thingGroupName!=ThingGroupName
        AddThingToThingGroup structure thingGroupName=ThingGroupName thingName=ThingName
        RemoveThingFromThingGroup structure thingGroupName=ThingGroupName thingName=ThingName
        UpdateThingGroupsForThing structure thingName=ThingName thingGroupsToAdd=ThingGroupList thingGroupsToRemove=ThingGroupList
        ListThingGroupsForThing structure thingName!=ThingName maxResults=RegistryMaxResults
        ListThingsInThingGroup structure thingGroupName!=ThingGroupName maxResults=RegistryMaxResults
        CreateBillingGroup structure billingGroupName!=BillingGroupName billingGroupProperties=BillingGroupProperties tags=TagList
        DescribeBillingGroup structure billingGroupName!=BillingGroupName
        ListBillingGroups structure maxResults=RegistryMaxResults namePrefixFilter=BillingGroupName
        UpdateBillingGroup structure billingGroupName!=BillingGroupName billingGroupProperties!=BillingGroupProperties
        DeleteBillingGroup structure billingGroupName!=BillingGroupName
        AddThingToBillingGroup structure billingGroupName=BillingGroupName thingName=ThingName
        RemoveThingFromBillingGroup structure billingGroupName=BillingGroupName thingName=ThingName
        ListThingsInBillingGroup structure billingGroupName!=BillingGroupName maxResults=RegistryMaxResults
        CreateKeysAndCertificate structure
        CreateCertificateFromCsr structure certificateSigningRequest!=CertificateSigningRequest
        RegisterCertificate structure certificatePem!=CertificatePem caCertificatePem=CertificatePem status=CertificateStatus
        RegisterCertificateWithoutCA structure certificatePem!=CertificatePem status=CertificateStatus
        DescribeCertificate structure certificateId!=CertificateId
        ListCertificates structure pageSize=PageSize marker=Marker
        ListCertificatesByCA structure caCertificateId!=CertificateId pageSize=PageSize marker=Marker
        UpdateCertificate structure certificateId!=CertificateId newStatus!=CertificateStatus
        DeleteCertificate structure certificateId!=CertificateId
        GetRegistrationCode structure
        DeleteRegistrationCode structure
        RegisterCACertificate structure caCertificate!=CertificatePem verificationCertificate=CertificatePem registrationConfig=RegistrationConfig tags=TagList certificateMode=CertificateMode
        DescribeCACertificate structure certificateId!=CertificateId
        ListCACertificates structure pageSize=PageSize marker=Marker templateName=TemplateName
        UpdateCACertificate structure certificateId!=CertificateId newStatus=CACertificateStatus newAutoRegistrationStatus=AutoRegistrationStatus registrationConfig=RegistrationConfig
        DeleteCACertificate structure certificateId!=CertificateId
        CreatePolicy structure policyName!=PolicyName policyDocument!=PolicyDocument tags=TagList
        GetPolicy structure policyName!=PolicyName
        ListPolicies structure marker=Marker pageSize=PageSize
        DeletePolicy structure policyName!=PolicyName
        CreatePolicyVersion structure policyName!=PolicyName policyDocument!=PolicyDocument
        GetPolicyVersion structure policyName!=PolicyName policyVersionId!=PolicyVersionId
        ListPolicyVersions structure policyName!=PolicyName
        SetDefaultPolicyVersion structure policyName!=PolicyName policyVersionId!=PolicyVersionId
        DeletePolicyVersion structure policyName!=PolicyName policyVersionId!=PolicyVersionId
        AttachPolicy structure policyName!=PolicyName target!
        DetachPolicy structure policyName!=PolicyName target!
        ListAttachedPolicies structure target! marker=Marker pageSize=PageSize
        ListTargetsForPolicy structure policyName!=PolicyName marker=Marker pageSize=PageSize
        AttachPrincipalPolicy structure policyName!=PolicyName principal!
        DetachPrincipalPolicy structure policyName!=PolicyName principal!
        ListPrincipalPolicies structure principal! marker=Marker pageSize=PageSize
        ListPolicyPrincipals structure policyName!=PolicyName marker=Marker pageSize=PageSize
        AttachThingPrincipal structure thingName!=ThingName principal! thingPrincipalType=ThingPrincipalType
        DetachThingPrincipal structure thingName!=ThingName principal!
        ListThingPrincipals structure maxResults=RegistryMaxResults thingName!=ThingName
        ListThingPrincipalsV2 structure maxResults=RegistryMaxResults thingName!=ThingName thingPrincipalType=ThingPrincipalType
        ListPrincipalThings structure maxResults=RegistryMaxResults principal!
        ListPrincipalThingsV2 structure maxResults=RegistryMaxResults principal! thingPrincipalType=ThingPrincipalType
        RegisterThing structure templateBody!=TemplateBody parameters=Parameters
        StartThingRegistrationTask structure templateBody!=TemplateBody inputFileBucket!=RegistryS3BucketName inputFileKey!=RegistryS3KeyName roleArn!=RoleArn
        DescribeThingRegistrationTask structure taskId!=TaskId
        ListThingRegistrationTasks structure maxResults=RegistryMaxResults status=Status
        ListThingRegistrationTaskReports structure taskId!=TaskId reportType!=ReportType maxResults=RegistryMaxResults
        StopThingRegistrationTask structure taskId!=TaskId
        DescribeEndpoint structure endpointType=EndpointType
        CreateDynamicThingGroup structure thingGroupName!=ThingGroupName thingGroupProperties=ThingGroupProperties indexName=IndexName queryString!=QueryString tags=TagList
        UpdateDynamicThingGroup structure thingGroupName!=ThingGroupName thingGroupProperties!=ThingGroupProperties indexName=IndexName queryString=QueryString
        DeleteDynamicThingGroup structure thingGroupName!=ThingGroupName
        TagResource structure resourceArn! tags!=TagList
        UntagResource structure resourceArn! tagKeys!=TagKeyList
        ListTagsForResource structure resourceArn!
        SearchIndex structure indexName=IndexName queryString!=QueryString maxResults=SearchQueryMaxResults
        DescribeIndex structure indexName!=IndexName
        ListIndices structure maxResults=QueryMaxResults
        GetIndexingConfiguration structure
        UpdateIndexingConfiguration structure thingIndexingConfiguration=ThingIndexingConfiguration thingGroupIndexingConfiguration=ThingGroupIndexingConfiguration
        GetStatistics structure indexName=IndexName queryString!=QueryString aggregationField=AggregationField
        GetCardinality structure indexName=IndexName queryString!=QueryString aggregationField=AggregationField
        DescribeEventConfigurations structure
        GetV2LoggingOptions structure
        GetLoggingOptions structure
        TestAuthorization structure authInfos!=AuthInfos policyNamesToAdd=PolicyNames policyNamesToSkip=PolicyNames
        GetEffectivePolicies structure thingName=ThingName
        CreateProvisioningTemplate structure templateName!=TemplateName description=TemplateDescription templateBody!=TemplateBody provisioningRoleArn!=RoleArn preProvisioningHook=ProvisioningHook tags=TagList type=TemplateType
        DescribeProvisioningTemplate structure templateName!=TemplateName
        ListProvisioningTemplates structure maxResults=MaxResults
        UpdateProvisioningTemplate structure templateName!=TemplateName description=TemplateDescription provisioningRoleArn=RoleArn preProvisioningHook=ProvisioningHook
        DeleteProvisioningTemplate structure templateName!=TemplateName
        CreateProvisioningTemplateVersion structure templateName!=TemplateName templateBody!=TemplateBody
        DescribeProvisioningTemplateVersion structure templateName!=TemplateName versionId!
        ListProvisioningTemplateVersions structure templateName!=TemplateName maxResults=MaxResults
        DeleteProvisioningTemplateVersion structure templateName!=TemplateName versionId!
        CreateProvisioningClaim structure templateName!=TemplateName

        ActionType enum PUBLISH SUBSCRIBE RECEIVE CONNECT
        AggregationField text 1..
        AttributeName text ..128 [a-zA-Z0-9_.,@/:#-]+
        AttributePayload structure attributes=Attributes
        AttributeValue text ..800 [a-zA-Z0-9_.,@/:#=\[\]-]*
        Attributes map AttributeName AttributeValue
        AuthInfo structure actionType=ActionType resources!=Resources
        AuthInfos list AuthInfo 1..10
        AutoRegistrationStatus enum ENABLE DISABLE
        BillingGroupDescription text ..2028 [\p{Graph}\x20]*
        BillingGroupName text 1..128 [a-zA-Z0-9:_-]+
        BillingGroupProperties structure billingGroupDescription=BillingGroupDescription
        CACertificateStatus enum ACTIVE INACTIVE
        CertificateId text 64..64 (0x)?[a-fA-F0-9]+
        CertificateMode enum DEFAULT SNI_ONLY
        CertificatePem text 1..65536 [\s\S]*
        CertificateSigningRequest text 1..4096 [\s\S]*
        CertificateStatus enum ACTIVE INACTIVE REVOKED PENDING_TRANSFER REGISTER_INACTIVE PENDING_ACTIVATION
        ConnectionAttributeName text ..128 [a-zA-Z0-9:.]+
        DeviceDefenderIndexingMode enum OFF VIOLATIONS
        EndpointType text ..128 [\s\S]*
        Field structure type=FieldType
        FieldType enum Number String Boolean
        Fields list Field
        GeoLocationTarget structure order=TargetFieldOrder
        GeoLocationsFilter list GeoLocationTarget
        IndexName text 1..128 [a-zA-Z0-9:_-]+
        IndexingFilter structure namedShadowNames=NamedShadowNamesFilter geoLocations=GeoLocationsFilter
        Marker text ..1024 [A-Za-z0-9+/]+={0,2}
        MaxResults number 1..250
        Mqtt5Configuration structure propagatingAttributes=PropagatingAttributeList
        NamedShadowIndexingMode enum OFF ON
        NamedShadowNamesFilter list ShadowName
        PageSize number 1..250
        Parameter text 0..2048 [\s\S]*
        Parameters map Parameter Value
        PayloadVersion text 10..32 ^[0-9-]+$
        PolicyDocument text 0..404600 [\s\S]*
        PolicyName text 1..128 [\w+=,.@-]+
        PolicyNames list PolicyName
        PolicyVersionId text [0-9]+
        PropagatingAttribute structure userPropertyKey=UserPropertyKeyName thingAttribute=AttributeName connectionAttribute=ConnectionAttributeName
        PropagatingAttributeList list PropagatingAttribute
        ProvisioningHook structure payloadVersion=PayloadVersion targetArn!=TargetArn
        QueryMaxResults number 1..500
        QueryString text 1..
        RegistrationConfig structure templateBody=TemplateBody roleArn=RoleArn templateName=TemplateName
        RegistryMaxResults number 1..250
        RegistryS3BucketName text 3..256 [a-zA-Z0-9._-]+
        RegistryS3KeyName text 1..1024 [a-zA-Z0-9!_.*'()-\/]+
        ReportType enum ERRORS RESULTS
        Resource text ..2048 [\s\S]*
        Resources list Resource
        RoleArn text 20..2048
        SearchQueryMaxResults number 1..
        SearchableAttributes list AttributeName
        ShadowName text 1..64 [$a-zA-Z0-9:_-]+
        Status enum InProgress Completed Failed Cancelled Cancelling
        Tag structure Key!=TagKey Value=TagValue
        TagKey text 1..128 ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
        TagKeyList list TagKey
        TagList list Tag
        TagValue text 0..256
        TargetArn text ..2048
        TargetFieldOrder enum LatLon LonLat
        TaskId text ..40
        TemplateBody text 0..10240 [\s\S]*
        TemplateDescription text 0..500 [^\p{C}]*
        TemplateName text 1..36 ^[0-9A-Za-z_-]+$
        TemplateType enum FLEET_PROVISIONING JITP
        ThingConnectivityIndexingMode enum OFF STATUS
        ThingGroupDescription text ..2028 [\p{Graph}\x20]*
        ThingGroupIndexingConfiguration structure thingGroupIndexingMode!=ThingGroupIndexingMode managedFields=Fields customFields=Fields
        ThingGroupIndexingMode enum OFF ON
        ThingGroupList list ThingGroupName
        ThingGroupName text 1..128 [a-zA-Z0-9:_-]+
        ThingGroupProperties structure thingGroupDescription=ThingGroupDescription attributePayload=AttributePayload
        ThingIndexingConfiguration structure thingIndexingMode!=ThingIndexingMode thingConnectivityIndexingMode=ThingConnectivityIndexingMode deviceDefenderIndexingMode=DeviceDefenderIndexingMode namedShadowIndexingMode=NamedShadowIndexingMode managedFields=Fields customFields=Fields filter=IndexingFilter
        ThingIndexingMode enum OFF REGISTRY REGISTRY_AND_SHADOW
        ThingName text 1..128 [a-zA-Z0-9:_-]+
        ThingPrincipalType enum EXCLUSIVE_THING NON_EXCLUSIVE_THING
        ThingTypeDescription text ..2028 [\p{Graph}\x20]*
        ThingTypeName text 1..128 [a-zA-Z0-9:_-]+
        ThingTypeProperties structure thingTypeDescription=ThingTypeDescription searchableAttributes=SearchableAttributes mqtt5Configuration=Mqtt5Configuration
        UserPropertyKeyName text ..128 [a-zA-Z0-9:$.]+
        Value text 0..4096 [\s\S]*
        """);

    /// <exception cref="CdfException">InvalidRequest, in AWS's words.</exception>
    public static void Check(object request)
    {
        if (Instance.FindProblem(IotOperations.Of(request.GetType()).Name, request) is { } problem)
            throw IotErrorType.InvalidRequest.Error(problem);
    }

    public static bool Has(string operation) => Instance.Has(operation);

    /// <summary>A type whose values are texts.</summary>
    public static Shape.TextShape Text(string type) => Instance.Text(type);
}
