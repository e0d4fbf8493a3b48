using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>AWS IoT's thing registration tasks in our terms.</summary>
internal static class ThingRegistrations
{
    public static BulkRegistrationStatus StatusOf(DescribeThingRegistrationTaskResponse described) =>
        Enum.TryParse<BulkRegistrationStatus>(described.Status, out var status) ? status : BulkRegistrationStatus.InProgress;

    /// <summary>AWS's message and, if it is about the role, what the role needs (AWS IoT Developer Guide, bulk registration).</summary>
    public static string? WithAdvice(string? message, string? roleArn) => message?.Contains("role", StringComparison.OrdinalIgnoreCase) != true
        ? message
        : $"{message.TrimEnd('.')}. The role {roleArn} has to trust iot.amazonaws.com, to have the managed policy AWSIoTThingsRegistration, and to be allowed s3:GetObject of the list; you have to be allowed iam:PassRole of it.";

    /// <summary>What we know of a task of ours, with what AWS knows.</summary>
    public static BulkRegistrationTask Merge(BulkRegistrationTask ours, DescribeThingRegistrationTaskResponse described) => ours with
    {
        Status = StatusOf(described),
        SuccessCount = described.SuccessCount ?? 0,
        FailureCount = described.FailureCount ?? 0,
        LastModifiedDate = described.LastModifiedDate ?? ours.LastModifiedDate,
        Message = WithAdvice(described.Message, described.RoleArn) ?? ours.Message,
    };

    /// <summary>A task that was started elsewhere. AWS does not tell how many rows it has, but how many per cent are done.</summary>
    public static BulkRegistrationTask Foreign(DescribeThingRegistrationTaskResponse described)
    {
        var done = (described.SuccessCount ?? 0L) + (described.FailureCount ?? 0L);
        return new BulkRegistrationTask
        {
            TaskId = described.TaskId!,
            Status = StatusOf(described),
            SuccessCount = described.SuccessCount ?? 0,
            FailureCount = described.FailureCount ?? 0,
            RowCount = described.PercentageProgress is > 0 and var percent ? done * 100 / percent : done,
            CreationDate = described.CreationDate ?? default,
            LastModifiedDate = described.LastModifiedDate ?? default,
            Message = WithAdvice(described.Message, described.RoleArn),
        };
    }
}
