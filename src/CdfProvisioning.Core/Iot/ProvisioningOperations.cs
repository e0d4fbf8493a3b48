namespace CdfProvisioning.Iot;

internal sealed record RegisterThingRequest(string TemplateBody, IReadOnlyDictionary<string, string>? Parameters = null) : IIotRequest<RegisterThingResponse>;

internal sealed record RegisterThingResponse(string? CertificatePem, IReadOnlyDictionary<string, string>? ResourceArns);

internal sealed record StartThingRegistrationTaskRequest(
    string TemplateBody, string InputFileBucket, string InputFileKey, string RoleArn) : IIotRequest<StartThingRegistrationTaskResponse>;

internal sealed record StartThingRegistrationTaskResponse(string? TaskId);

internal sealed record DescribeThingRegistrationTaskRequest(string TaskId) : IIotRequest<DescribeThingRegistrationTaskResponse>;

internal sealed record DescribeThingRegistrationTaskResponse(
    string? TaskId, DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate, string? TemplateBody,
    string? InputFileBucket, string? InputFileKey, string? RoleArn, string? Status, string? Message,
    int? SuccessCount, int? FailureCount, int? PercentageProgress);

internal sealed record ListThingRegistrationTasksRequest(
    string? NextToken = null, int? MaxResults = null, string? Status = null) : IIotRequest<ListThingRegistrationTasksResponse>;

internal sealed record ListThingRegistrationTasksResponse(IReadOnlyList<string>? TaskIds, string? NextToken);

internal sealed record ListThingRegistrationTaskReportsRequest(
    string TaskId, string ReportType, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListThingRegistrationTaskReportsResponse>;

internal sealed record ListThingRegistrationTaskReportsResponse(IReadOnlyList<string>? ResourceLinks, string? ReportType, string? NextToken);

internal sealed record StopThingRegistrationTaskRequest(string TaskId) : IIotRequest<StopThingRegistrationTaskResponse>;

internal sealed record StopThingRegistrationTaskResponse;
