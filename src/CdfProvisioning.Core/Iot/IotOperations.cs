using System.Collections.Frozen;
using System.Text.Json;

namespace CdfProvisioning.Iot;

/// <summary>Every operation of the vocabulary, as the AWS IoT API Reference and botocore's service model describe it.</summary>
internal static class IotOperations
{
    private const string Paging = "nextToken maxResults";
    private const string Marking = "marker pageSize";
    private const string Ordering = Marking + " ascendingOrder=isAscendingOrder";

    /// <summary>What is left out of a message is null, whether or not a record must have it: of a request, <see cref="Model.IotModel"/> says so in AWS's words.</summary>
    private static readonly JsonSerializerOptions Lenient = new(IotJson.Default.Options) { RespectRequiredConstructorParameters = false };

    public static readonly IReadOnlyList<IotOperation> All =
    [
        Operation<CreateThingRequest, CreateThingResponse>("POST", "/things/{thingName}"),
        Operation<DescribeThingRequest, DescribeThingResponse>("GET", "/things/{thingName}"),
        Operation<UpdateThingRequest, UpdateThingResponse>("PATCH", "/things/{thingName}"),
        Operation<DeleteThingRequest, DeleteThingResponse>("DELETE", "/things/{thingName}", "expectedVersion"),
        Operation<ListThingsRequest, ListThingsResponse>("GET", "/things", Paging + " attributeName attributeValue thingTypeName usePrefixAttributeValue"),

        Operation<CreateThingTypeRequest, CreateThingTypeResponse>("POST", "/thing-types/{thingTypeName}"),
        Operation<DescribeThingTypeRequest, DescribeThingTypeResponse>("GET", "/thing-types/{thingTypeName}"),
        Operation<ListThingTypesRequest, ListThingTypesResponse>("GET", "/thing-types", Paging + " thingTypeName"),
        Operation<UpdateThingTypeRequest, UpdateThingTypeResponse>("PATCH", "/thing-types/{thingTypeName}"),
        Operation<DeprecateThingTypeRequest, DeprecateThingTypeResponse>("POST", "/thing-types/{thingTypeName}/deprecate"),
        Operation<DeleteThingTypeRequest, DeleteThingTypeResponse>("DELETE", "/thing-types/{thingTypeName}"),

        Operation<CreateThingGroupRequest, CreateThingGroupResponse>("POST", "/thing-groups/{thingGroupName}"),
        Operation<DescribeThingGroupRequest, DescribeThingGroupResponse>("GET", "/thing-groups/{thingGroupName}"),
        Operation<ListThingGroupsRequest, ListThingGroupsResponse>("GET", "/thing-groups", Paging + " parentGroup namePrefixFilter recursive"),
        Operation<UpdateThingGroupRequest, UpdateThingGroupResponse>("PATCH", "/thing-groups/{thingGroupName}"),
        Operation<DeleteThingGroupRequest, DeleteThingGroupResponse>("DELETE", "/thing-groups/{thingGroupName}", "expectedVersion"),
        Operation<CreateDynamicThingGroupRequest, CreateDynamicThingGroupResponse>("POST", "/dynamic-thing-groups/{thingGroupName}"),
        Operation<UpdateDynamicThingGroupRequest, UpdateDynamicThingGroupResponse>("PATCH", "/dynamic-thing-groups/{thingGroupName}"),
        Operation<DeleteDynamicThingGroupRequest, DeleteDynamicThingGroupResponse>("DELETE", "/dynamic-thing-groups/{thingGroupName}", "expectedVersion"),
        Operation<AddThingToThingGroupRequest, AddThingToThingGroupResponse>("PUT", "/thing-groups/addThingToThingGroup"),
        Operation<RemoveThingFromThingGroupRequest, RemoveThingFromThingGroupResponse>("PUT", "/thing-groups/removeThingFromThingGroup"),
        Operation<UpdateThingGroupsForThingRequest, UpdateThingGroupsForThingResponse>("PUT", "/thing-groups/updateThingGroupsForThing"),
        Operation<ListThingGroupsForThingRequest, ListThingGroupsForThingResponse>("GET", "/things/{thingName}/thing-groups", Paging),
        Operation<ListThingsInThingGroupRequest, ListThingsInThingGroupResponse>("GET", "/thing-groups/{thingGroupName}/things", Paging + " recursive"),

        Operation<CreateBillingGroupRequest, CreateBillingGroupResponse>("POST", "/billing-groups/{billingGroupName}"),
        Operation<DescribeBillingGroupRequest, DescribeBillingGroupResponse>("GET", "/billing-groups/{billingGroupName}"),
        Operation<ListBillingGroupsRequest, ListBillingGroupsResponse>("GET", "/billing-groups", Paging + " namePrefixFilter"),
        Operation<UpdateBillingGroupRequest, UpdateBillingGroupResponse>("PATCH", "/billing-groups/{billingGroupName}"),
        Operation<DeleteBillingGroupRequest, DeleteBillingGroupResponse>("DELETE", "/billing-groups/{billingGroupName}", "expectedVersion"),
        Operation<AddThingToBillingGroupRequest, AddThingToBillingGroupResponse>("PUT", "/billing-groups/addThingToBillingGroup"),
        Operation<RemoveThingFromBillingGroupRequest, RemoveThingFromBillingGroupResponse>("PUT", "/billing-groups/removeThingFromBillingGroup"),
        Operation<ListThingsInBillingGroupRequest, ListThingsInBillingGroupResponse>("GET", "/billing-groups/{billingGroupName}/things", Paging),

        Operation<CreateKeysAndCertificateRequest, CreateKeysAndCertificateResponse>("POST", "/keys-and-certificate", "setAsActive"),
        Operation<CreateCertificateFromCsrRequest, CreateCertificateFromCsrResponse>("POST", "/certificates", "setAsActive"),
        Operation<RegisterCertificateRequest, RegisterCertificateResponse>("POST", "/certificate/register", "setAsActive"),
        Operation<RegisterCertificateWithoutCARequest, RegisterCertificateWithoutCAResponse>("POST", "/certificate/register-no-ca"),
        Operation<DescribeCertificateRequest, DescribeCertificateResponse>("GET", "/certificates/{certificateId}"),
        Operation<ListCertificatesRequest, ListCertificatesResponse>("GET", "/certificates", Ordering),
        Operation<ListCertificatesByCARequest, ListCertificatesByCAResponse>("GET", "/certificates-by-ca/{caCertificateId}", Ordering),
        Operation<UpdateCertificateRequest, UpdateCertificateResponse>("PUT", "/certificates/{certificateId}", "newStatus"),
        Operation<DeleteCertificateRequest, DeleteCertificateResponse>("DELETE", "/certificates/{certificateId}", "forceDelete"),

        Operation<GetRegistrationCodeRequest, GetRegistrationCodeResponse>("GET", "/registrationcode"),
        Operation<DeleteRegistrationCodeRequest, DeleteRegistrationCodeResponse>("DELETE", "/registrationcode"),
        Operation<RegisterCACertificateRequest, RegisterCACertificateResponse>("POST", "/cacertificate", "setAsActive allowAutoRegistration"),
        Operation<DescribeCACertificateRequest, DescribeCACertificateResponse>("GET", "/cacertificate/{certificateId}"),
        Operation<ListCACertificatesRequest, ListCACertificatesResponse>("GET", "/cacertificates", Ordering + " templateName"),
        Operation<UpdateCACertificateRequest, UpdateCACertificateResponse>("PUT", "/cacertificate/{certificateId}", "newStatus newAutoRegistrationStatus"),
        Operation<DeleteCACertificateRequest, DeleteCACertificateResponse>("DELETE", "/cacertificate/{certificateId}"),

        Operation<CreatePolicyRequest, CreatePolicyResponse>("POST", "/policies/{policyName}"),
        Operation<GetPolicyRequest, GetPolicyResponse>("GET", "/policies/{policyName}"),
        Operation<ListPoliciesRequest, ListPoliciesResponse>("GET", "/policies", Ordering),
        Operation<DeletePolicyRequest, DeletePolicyResponse>("DELETE", "/policies/{policyName}"),
        Operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse>("POST", "/policies/{policyName}/version", "setAsDefault"),
        Operation<GetPolicyVersionRequest, GetPolicyVersionResponse>("GET", "/policies/{policyName}/version/{policyVersionId}"),
        Operation<ListPolicyVersionsRequest, ListPolicyVersionsResponse>("GET", "/policies/{policyName}/version"),
        Operation<SetDefaultPolicyVersionRequest, SetDefaultPolicyVersionResponse>("PATCH", "/policies/{policyName}/version/{policyVersionId}"),
        Operation<DeletePolicyVersionRequest, DeletePolicyVersionResponse>("DELETE", "/policies/{policyName}/version/{policyVersionId}"),
        Operation<AttachPolicyRequest, AttachPolicyResponse>("PUT", "/target-policies/{policyName}"),
        Operation<DetachPolicyRequest, DetachPolicyResponse>("POST", "/target-policies/{policyName}"),
        Operation<ListAttachedPoliciesRequest, ListAttachedPoliciesResponse>("POST", "/attached-policies/{target}", Marking + " recursive"),
        Operation<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>("POST", "/policy-targets/{policyName}", Marking),
        Operation<GetEffectivePoliciesRequest, GetEffectivePoliciesResponse>("POST", "/effective-policies", "thingName"),
        Operation<TestAuthorizationRequest, TestAuthorizationResponse>("POST", "/test-authorization", "clientId"),
        Operation<AttachPrincipalPolicyRequest, AttachPrincipalPolicyResponse>("PUT", "/principal-policies/{policyName}", "", "principal=x-amzn-iot-principal"),
        Operation<DetachPrincipalPolicyRequest, DetachPrincipalPolicyResponse>("DELETE", "/principal-policies/{policyName}", "", "principal=x-amzn-iot-principal"),
        Operation<ListPrincipalPoliciesRequest, ListPrincipalPoliciesResponse>("GET", "/principal-policies", Ordering, "principal=x-amzn-iot-principal"),
        Operation<ListPolicyPrincipalsRequest, ListPolicyPrincipalsResponse>("GET", "/policy-principals", Ordering, "policyName=x-amzn-iot-policy"),

        Operation<AttachThingPrincipalRequest, AttachThingPrincipalResponse>("PUT", "/things/{thingName}/principals", "thingPrincipalType", "principal=x-amzn-principal"),
        Operation<DetachThingPrincipalRequest, DetachThingPrincipalResponse>("DELETE", "/things/{thingName}/principals", "", "principal=x-amzn-principal"),
        Operation<ListThingPrincipalsRequest, ListThingPrincipalsResponse>("GET", "/things/{thingName}/principals", Paging),
        Operation<ListThingPrincipalsV2Request, ListThingPrincipalsV2Response>("GET", "/things/{thingName}/principals-v2", Paging + " thingPrincipalType"),
        Operation<ListPrincipalThingsRequest, ListPrincipalThingsResponse>("GET", "/principals/things", Paging, "principal=x-amzn-principal"),
        Operation<ListPrincipalThingsV2Request, ListPrincipalThingsV2Response>("GET", "/principals/things-v2", Paging + " thingPrincipalType", "principal=x-amzn-principal"),

        Operation<RegisterThingRequest, RegisterThingResponse>("POST", "/things"),
        Operation<StartThingRegistrationTaskRequest, StartThingRegistrationTaskResponse>("POST", "/thing-registration-tasks"),
        Operation<DescribeThingRegistrationTaskRequest, DescribeThingRegistrationTaskResponse>("GET", "/thing-registration-tasks/{taskId}"),
        Operation<ListThingRegistrationTasksRequest, ListThingRegistrationTasksResponse>("GET", "/thing-registration-tasks", Paging + " status"),
        Operation<ListThingRegistrationTaskReportsRequest, ListThingRegistrationTaskReportsResponse>("GET", "/thing-registration-tasks/{taskId}/reports", Paging + " reportType"),
        Operation<StopThingRegistrationTaskRequest, StopThingRegistrationTaskResponse>("PUT", "/thing-registration-tasks/{taskId}/cancel"),

        Operation<TagResourceRequest, TagResourceResponse>("POST", "/tags"),
        Operation<UntagResourceRequest, UntagResourceResponse>("POST", "/untag"),
        Operation<ListTagsForResourceRequest, ListTagsForResourceResponse>("GET", "/tags", "resourceArn nextToken"),

        Operation<SearchIndexRequest, SearchIndexResponse>("POST", "/indices/search"),
        Operation<DescribeIndexRequest, DescribeIndexResponse>("GET", "/indices/{indexName}"),
        Operation<ListIndicesRequest, ListIndicesResponse>("GET", "/indices", Paging),
        Operation<GetIndexingConfigurationRequest, GetIndexingConfigurationResponse>("GET", "/indexing/config"),
        Operation<UpdateIndexingConfigurationRequest, UpdateIndexingConfigurationResponse>("POST", "/indexing/config"),
        Operation<GetStatisticsRequest, GetStatisticsResponse>("POST", "/indices/statistics"),
        Operation<GetCardinalityRequest, GetCardinalityResponse>("POST", "/indices/cardinality"),

        Operation<CreateProvisioningTemplateRequest, CreateProvisioningTemplateResponse>("POST", "/provisioning-templates"),
        Operation<DescribeProvisioningTemplateRequest, DescribeProvisioningTemplateResponse>("GET", "/provisioning-templates/{templateName}"),
        Operation<ListProvisioningTemplatesRequest, ListProvisioningTemplatesResponse>("GET", "/provisioning-templates", Paging),
        Operation<UpdateProvisioningTemplateRequest, UpdateProvisioningTemplateResponse>("PATCH", "/provisioning-templates/{templateName}"),
        Operation<DeleteProvisioningTemplateRequest, DeleteProvisioningTemplateResponse>("DELETE", "/provisioning-templates/{templateName}"),
        Operation<CreateProvisioningTemplateVersionRequest, CreateProvisioningTemplateVersionResponse>("POST", "/provisioning-templates/{templateName}/versions", "setAsDefault"),
        Operation<DescribeProvisioningTemplateVersionRequest, DescribeProvisioningTemplateVersionResponse>("GET", "/provisioning-templates/{templateName}/versions/{versionId}"),
        Operation<ListProvisioningTemplateVersionsRequest, ListProvisioningTemplateVersionsResponse>("GET", "/provisioning-templates/{templateName}/versions", Paging),
        Operation<DeleteProvisioningTemplateVersionRequest, DeleteProvisioningTemplateVersionResponse>("DELETE", "/provisioning-templates/{templateName}/versions/{versionId}"),
        Operation<CreateProvisioningClaimRequest, CreateProvisioningClaimResponse>("POST", "/provisioning-templates/{templateName}/provisioning-claim"),

        Operation<DescribeEndpointRequest, DescribeEndpointResponse>("GET", "/endpoint", "endpointType"),
        Operation<DescribeEventConfigurationsRequest, DescribeEventConfigurationsResponse>("GET", "/event-configurations"),
        Operation<GetLoggingOptionsRequest, GetLoggingOptionsResponse>("GET", "/loggingOptions"),
        Operation<GetV2LoggingOptionsRequest, GetV2LoggingOptionsResponse>("GET", "/v2LoggingOptions", "verbose"),
    ];

    private static readonly FrozenDictionary<Type, IotOperation> ByRequest = All.ToFrozenDictionary(o => o.Request.Type);

    public static IotOperation Of(Type requestType) => ByRequest[requestType];

    private static IotOperation Operation<TRequest, TResponse>(string method, string path, string query = "", string headers = "")
        where TRequest : IIotRequest<TResponse> =>
        new(
            typeof(TRequest).Name[..^"Request".Length], method, path, Bindings(query), Bindings(headers),
            Lenient.GetTypeInfo(typeof(TRequest)), Lenient.GetTypeInfo(typeof(TResponse)),
            async (registry, request, cancellationToken) => (await registry.InvokeAsync((TRequest)request, cancellationToken))!);

    private static IotBinding[] Bindings(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(b => b.Split('=')).Select(b => new IotBinding(b[0], b[^1]))];
}
