namespace CdfProvisioning;

/// <summary>The replacement of a certificate by another.</summary>
public sealed record CertificateRotation
{
    /// <summary>The task that makes the new certificates (Get-CdfBulkRegistration, Resume-CdfBulkRegistration).</summary>
    public required string TaskId { get; init; }

    /// <summary>The device's row in it, counted from 1.</summary>
    public required long Row { get; init; }

    /// <summary>The thing whose certificate is replaced.</summary>
    public required string ThingName { get; init; }

    /// <summary>How far it is.</summary>
    public required RotationState State { get; init; }

    /// <summary>The id of the certificate that is replaced.</summary>
    public required string OldCertificateId { get; init; }

    /// <summary>The id of the certificate that replaces it, once there is one.</summary>
    public string? NewCertificateId { get; init; }

    /// <summary>When it was begun, UTC.</summary>
    public required DateTimeOffset StartDate { get; init; }

    /// <summary>When it was completed or taken back, UTC.</summary>
    public DateTimeOffset? EndDate { get; init; }

    /// <summary>When the device connected with its new certificate to the device port of this registry, UTC.</summary>
    public DateTimeOffset? SeenDate { get; init; }

    /// <summary>How long the device has had to move to its new certificate.</summary>
    public TimeSpan Age => (EndDate ?? DateTimeOffset.UtcNow) - StartDate;

    /// <summary>Why there is no new certificate.</summary>
    public string? Error { get; init; }
}

/// <summary>How far the replacement of a certificate is.</summary>
public enum RotationState
{
    /// <summary>The new certificate is still to be made.</summary>
    Pending,

    /// <summary>Both certificates are ACTIVE: the device has not moved to the new one, as far as is known.</summary>
    Waiting,

    /// <summary>The new certificate could not be made; the old one is as it was.</summary>
    Failed,

    /// <summary>The old certificate is INACTIVE.</summary>
    Completed,

    /// <summary>The new certificate was taken back.</summary>
    Undone,
}
