using System.Collections.Frozen;
using CdfProvisioning.Embedded.Registry.Index;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Decisions;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Which code does which operation.</summary>
internal static class RegistryOperations
{
    private static readonly FrozenDictionary<Type, object> ByRequest = All().ToFrozenDictionary();

    public static RegistryOperation<TResponse> Of<TResponse>(IIotRequest<TResponse> request) =>
        ByRequest.TryGetValue(request.GetType(), out var operation)
            ? (RegistryOperation<TResponse>)operation
            : throw IotErrorType.InvalidRequest.Error($"The embedded registry does not know {request.GetType().Name}.");

    private static IEnumerable<KeyValuePair<Type, object>> All() =>
    [
        Write<CreateThingRequest, CreateThingResponse>(Things.Create),
        Read<DescribeThingRequest, DescribeThingResponse>(Things.Describe),
        Write<UpdateThingRequest, UpdateThingResponse>(Things.Update),
        Write<DeleteThingRequest, DeleteThingResponse>(Things.Delete),
        Read<ListThingsRequest, ListThingsResponse>(Things.List),

        Write<CreateThingTypeRequest, CreateThingTypeResponse>(ThingTypes.Create),
        Read<DescribeThingTypeRequest, DescribeThingTypeResponse>(ThingTypes.Describe),
        Read<ListThingTypesRequest, ListThingTypesResponse>(ThingTypes.List),
        Write<UpdateThingTypeRequest, UpdateThingTypeResponse>(ThingTypes.Update),
        Write<DeprecateThingTypeRequest, DeprecateThingTypeResponse>(ThingTypes.Deprecate),
        Write<DeleteThingTypeRequest, DeleteThingTypeResponse>(ThingTypes.Delete),

        Write<CreateThingGroupRequest, CreateThingGroupResponse>(ThingGroups.Create),
        Read<DescribeThingGroupRequest, DescribeThingGroupResponse>(ThingGroups.Describe),
        Read<ListThingGroupsRequest, ListThingGroupsResponse>(ThingGroups.List),
        Write<UpdateThingGroupRequest, UpdateThingGroupResponse>(ThingGroups.Update),
        Write<DeleteThingGroupRequest, DeleteThingGroupResponse>(ThingGroups.Delete),
        Write<CreateDynamicThingGroupRequest, CreateDynamicThingGroupResponse>(DynamicGroups.Create),
        Write<UpdateDynamicThingGroupRequest, UpdateDynamicThingGroupResponse>(DynamicGroups.Update),
        Write<DeleteDynamicThingGroupRequest, DeleteDynamicThingGroupResponse>(DynamicGroups.Delete),
        Write<AddThingToThingGroupRequest, AddThingToThingGroupResponse>(ThingGroupMembers.Add),
        Write<RemoveThingFromThingGroupRequest, RemoveThingFromThingGroupResponse>(ThingGroupMembers.Remove),
        Write<UpdateThingGroupsForThingRequest, UpdateThingGroupsForThingResponse>(ThingGroupMembers.Update),
        Read<ListThingGroupsForThingRequest, ListThingGroupsForThingResponse>(ThingGroupMembers.ListGroups),
        Read<ListThingsInThingGroupRequest, ListThingsInThingGroupResponse>(ThingGroupMembers.ListThings),

        Write<CreateBillingGroupRequest, CreateBillingGroupResponse>(BillingGroups.Create),
        Read<DescribeBillingGroupRequest, DescribeBillingGroupResponse>(BillingGroups.Describe),
        Read<ListBillingGroupsRequest, ListBillingGroupsResponse>(BillingGroups.List),
        Write<UpdateBillingGroupRequest, UpdateBillingGroupResponse>(BillingGroups.Update),
        Write<DeleteBillingGroupRequest, DeleteBillingGroupResponse>(BillingGroups.Delete),
        Write<AddThingToBillingGroupRequest, AddThingToBillingGroupResponse>(BillingGroups.AddThing),
        Write<RemoveThingFromBillingGroupRequest, RemoveThingFromBillingGroupResponse>(BillingGroups.RemoveThing),
        Read<ListThingsInBillingGroupRequest, ListThingsInBillingGroupResponse>(BillingGroups.ListThings),

        .. Prepared<CreateKeysAndCertificateRequest, MadeCertificate, CreateKeysAndCertificateResponse>(Certificates.PrepareAsync, Certificates.Create),
        .. Prepared<CreateCertificateFromCsrRequest, MadeCertificate, CreateCertificateFromCsrResponse>(Certificates.PrepareAsync, Certificates.Create),
        .. Prepared<RegisterCertificateRequest, GivenCertificate, RegisterCertificateResponse>(Certificates.PrepareAsync, Certificates.Register),
        .. Prepared<RegisterCertificateWithoutCARequest, GivenCertificate, RegisterCertificateWithoutCAResponse>(Certificates.PrepareAsync, Certificates.Register),
        Read<DescribeCertificateRequest, DescribeCertificateResponse>(Certificates.Describe),
        Read<ListCertificatesRequest, ListCertificatesResponse>(Certificates.List),
        Read<ListCertificatesByCARequest, ListCertificatesByCAResponse>(Certificates.ListByCA),
        Write<UpdateCertificateRequest, UpdateCertificateResponse>(Certificates.Update),
        Write<DeleteCertificateRequest, DeleteCertificateResponse>(Certificates.Delete),

        Write<GetRegistrationCodeRequest, GetRegistrationCodeResponse>(CaCertificates.GetRegistrationCode),
        Write<DeleteRegistrationCodeRequest, DeleteRegistrationCodeResponse>(CaCertificates.DeleteRegistrationCode),
        Write<RegisterCACertificateRequest, RegisterCACertificateResponse>(CaCertificates.Register),
        Read<DescribeCACertificateRequest, DescribeCACertificateResponse>(CaCertificates.Describe),
        Read<ListCACertificatesRequest, ListCACertificatesResponse>(CaCertificates.List),
        Write<UpdateCACertificateRequest, UpdateCACertificateResponse>(CaCertificates.Update),
        Write<DeleteCACertificateRequest, DeleteCACertificateResponse>(CaCertificates.Delete),

        Write<CreatePolicyRequest, CreatePolicyResponse>(Policies.Create),
        Read<GetPolicyRequest, GetPolicyResponse>(Policies.Get),
        Read<ListPoliciesRequest, ListPoliciesResponse>(Policies.List),
        Write<DeletePolicyRequest, DeletePolicyResponse>(Policies.Delete),
        Write<CreatePolicyVersionRequest, CreatePolicyVersionResponse>(PolicyVersions.Create),
        Read<GetPolicyVersionRequest, GetPolicyVersionResponse>(PolicyVersions.Get),
        Read<ListPolicyVersionsRequest, ListPolicyVersionsResponse>(PolicyVersions.List),
        Write<SetDefaultPolicyVersionRequest, SetDefaultPolicyVersionResponse>(PolicyVersions.SetDefault),
        Write<DeletePolicyVersionRequest, DeletePolicyVersionResponse>(PolicyVersions.Delete),
        Write<AttachPolicyRequest, AttachPolicyResponse>(PolicyTargets.Attach),
        Write<DetachPolicyRequest, DetachPolicyResponse>(PolicyTargets.Detach),
        Read<ListAttachedPoliciesRequest, ListAttachedPoliciesResponse>(PolicyTargets.ListPolicies),
        Read<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>(PolicyTargets.ListTargets),
        Read<GetEffectivePoliciesRequest, GetEffectivePoliciesResponse>(Authorizations.ListEffectivePolicies),
        Read<TestAuthorizationRequest, TestAuthorizationResponse>(Authorizations.Test),
        Write<AttachPrincipalPolicyRequest, AttachPrincipalPolicyResponse>(PrincipalPolicies.Attach),
        Write<DetachPrincipalPolicyRequest, DetachPrincipalPolicyResponse>(PrincipalPolicies.Detach),
        Read<ListPrincipalPoliciesRequest, ListPrincipalPoliciesResponse>(PrincipalPolicies.ListPolicies),
        Read<ListPolicyPrincipalsRequest, ListPolicyPrincipalsResponse>(PrincipalPolicies.ListPrincipals),

        Write<AttachThingPrincipalRequest, AttachThingPrincipalResponse>(ThingPrincipals.Attach),
        Write<DetachThingPrincipalRequest, DetachThingPrincipalResponse>(ThingPrincipals.Detach),
        Read<ListThingPrincipalsRequest, ListThingPrincipalsResponse>(ThingPrincipals.ListPrincipals),
        Read<ListThingPrincipalsV2Request, ListThingPrincipalsV2Response>(ThingPrincipals.ListPrincipals),
        Read<ListPrincipalThingsRequest, ListPrincipalThingsResponse>(ThingPrincipals.ListThings),
        Read<ListPrincipalThingsV2Request, ListPrincipalThingsV2Response>(ThingPrincipals.ListThings),

        .. Prepared<RegisterThingRequest, Registration, RegisterThingResponse>(Registrations.PrepareAsync, Registrations.Register),
        .. Prepared<ResolvedRegistration, Registration, RegisterThingResponse>(Registrations.PrepareAsync, Registrations.Register),

        Write<TagResourceRequest, TagResourceResponse>(Tags.Tag),
        Write<UntagResourceRequest, UntagResourceResponse>(Tags.Untag),
        Read<ListTagsForResourceRequest, ListTagsForResourceResponse>(Tags.List),

        Read<SearchIndexRequest, SearchIndexResponse>(ThingIndex.Search),
        Read<DescribeIndexRequest, DescribeIndexResponse>(ThingIndex.Describe),
        Read<ListIndicesRequest, ListIndicesResponse>(ThingIndex.List),
        Read<GetIndexingConfigurationRequest, GetIndexingConfigurationResponse>(ThingIndex.Get),
        Write<UpdateIndexingConfigurationRequest, UpdateIndexingConfigurationResponse>(ThingIndex.Update),
        Read<GetStatisticsRequest, GetStatisticsResponse>(ThingIndex.GetStatistics),
        Read<GetCardinalityRequest, GetCardinalityResponse>(ThingIndex.GetCardinality),

        Read<DescribeEventConfigurationsRequest, DescribeEventConfigurationsResponse>(Logging.DescribeEvents),
        Read<GetLoggingOptionsRequest, GetLoggingOptionsResponse>(Logging.GetOptions),
        Read<GetV2LoggingOptionsRequest, GetV2LoggingOptionsResponse>(Logging.GetOptions),

        Write<CreateProvisioningTemplateRequest, CreateProvisioningTemplateResponse>(ProvisioningTemplates.Create),
        Read<DescribeProvisioningTemplateRequest, DescribeProvisioningTemplateResponse>(ProvisioningTemplates.Describe),
        Read<ListProvisioningTemplatesRequest, ListProvisioningTemplatesResponse>(ProvisioningTemplates.List),
        Write<UpdateProvisioningTemplateRequest, UpdateProvisioningTemplateResponse>(ProvisioningTemplates.Update),
        Write<DeleteProvisioningTemplateRequest, DeleteProvisioningTemplateResponse>(ProvisioningTemplates.Delete),
        Write<CreateProvisioningTemplateVersionRequest, CreateProvisioningTemplateVersionResponse>(ProvisioningTemplates.CreateVersion),
        Read<DescribeProvisioningTemplateVersionRequest, DescribeProvisioningTemplateVersionResponse>(ProvisioningTemplates.DescribeVersion),
        Read<ListProvisioningTemplateVersionsRequest, ListProvisioningTemplateVersionsResponse>(ProvisioningTemplates.ListVersions),
        Write<DeleteProvisioningTemplateVersionRequest, DeleteProvisioningTemplateVersionResponse>(ProvisioningTemplates.DeleteVersion),
        .. Prepared<CreateProvisioningClaimRequest, MadeCertificate, CreateProvisioningClaimResponse>(ProvisioningClaims.PrepareAsync, ProvisioningClaims.Create),
        Read<DescribeEndpointRequest, DescribeEndpointResponse>(Endpoints.Describe),
    ];

    private static KeyValuePair<Type, object> Read<TRequest, TResponse>(Func<Scope, TRequest, TResponse> run)
        where TRequest : class, IIotRequest<TResponse> =>
        new(typeof(TRequest), new RegistryOperation<TRequest, TResponse>(changes: false, run));

    private static KeyValuePair<Type, object> Write<TRequest, TResponse>(Func<Scope, TRequest, TResponse> run)
        where TRequest : class, IIotRequest<TResponse> =>
        new(typeof(TRequest), new RegistryOperation<TRequest, TResponse>(changes: true, run));

    private static IEnumerable<KeyValuePair<Type, object>> Prepared<TRequest, TWork, TResponse>(
        Func<TRequest, CertificateMaker, CancellationToken, ValueTask<TWork>> prepare, Func<Scope, TRequest, TWork, TResponse> run)
        where TRequest : class, IIotRequest<TResponse> =>
    [
        new(typeof(TRequest), new PreparedOperation<TRequest, TWork, TResponse>(prepare)),
        Write<Prepared<TRequest, TWork, TResponse>, TResponse>((scope, prepared) => run(scope, prepared.Request, prepared.Work)),
    ];
}
