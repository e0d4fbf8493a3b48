namespace CdfProvisioning;

/// <summary>What became of one row of a list.</summary>
public sealed record BulkRegistrationResult
{
    /// <summary>The task that registered the list.</summary>
    public required string TaskId { get; init; }

    /// <summary>The row, counted from 1 (a CSV file's header is none).</summary>
    public required long Row { get; init; }

    /// <summary>The device's thing name, where the row's parameters were good enough to know it.</summary>
    public string? ThingName { get; init; }

    /// <summary>Whether the device was registered.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>The certificate's id (SHA-256 of its DER form, 64 hexadecimal digits), if the device has one.</summary>
    public string? CertificateId { get; init; }

    /// <summary>The certificate as PEM, while the registry has it.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>The AWS IoT error type of a failure, such as <c>ResourceRegistrationFailureException</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>By logical id, the ARNs of the policies that the template has a document for.</summary>
    internal IReadOnlyDictionary<string, string>? PolicyArns { get; init; }

    /// <summary>Of a row that could not be registered: its parameters, as the list had them.</summary>
    internal IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Why the row could not be registered.</summary>
    public string? Error { get; init; }
}
