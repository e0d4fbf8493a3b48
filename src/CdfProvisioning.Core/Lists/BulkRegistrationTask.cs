namespace CdfProvisioning;

/// <summary>The registration of a list of devices (CDF Provisioning API 1.0.0, <c>BulkRegistrationTask</c>).</summary>
public sealed record BulkRegistrationTask
{
    /// <summary>The task's id.</summary>
    public required string TaskId { get; init; }

    /// <summary>How far it is.</summary>
    public required BulkRegistrationStatus Status { get; init; }

    /// <summary>The id of the provisioning template; none where the template came with the request (AWS's StartThingRegistrationTask).</summary>
    public string? ProvisioningTemplateId { get; init; }

    /// <summary>The part of the rows that have a result, 0 to 100, rounded down.</summary>
    public int PercentageProgress => RowCount == 0 ? 0 : (int)((SuccessCount + FailureCount) * 100 / RowCount);

    /// <summary>How many devices have been registered.</summary>
    public long SuccessCount { get; init; }

    /// <summary>How many rows could not be registered; each has a result that says why.</summary>
    public long FailureCount { get; init; }

    /// <summary>How many rows the list has.</summary>
    public long RowCount { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreationDate { get; init; }

    /// <summary>When its status or one of its counts last changed, UTC.</summary>
    public DateTimeOffset LastModifiedDate { get; init; }

    /// <summary>Why it failed or was interrupted, and what to do.</summary>
    public string? Message { get; init; }

    /// <summary>The folder of the keys that were made for the devices.</summary>
    public string? KeyDirectory { get; init; }

    /// <summary>The one file with the keys that were made for the devices, if they do not go to a folder.</summary>
    public string? KeyFile { get; init; }

    /// <inheritdoc cref="Lists.NewTask.IsIssuance"/>
    internal bool IsIssuance { get; init; }

    /// <summary>Its id, so that it stands for that wherever one is asked for: Get-CdfBulkRegistrationResult $task.</summary>
    public override string ToString() => TaskId;
}
