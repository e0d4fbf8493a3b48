namespace CdfProvisioning.Server.Rest;

/// <summary>The status to set (CDF Provisioning API 1.0.0, <c>PatchCertificateRequest</c>).</summary>
internal sealed record PatchCertificateRequest(string? CertificateStatus);

/// <summary>All tasks, oldest first (CDF Provisioning API 1.0.0, <c>BulkRegistrationTaskList</c>).</summary>
internal sealed record BulkRegistrationTaskList(IReadOnlyList<BulkRegistrationTask> Tasks);

/// <summary>What is wrong, and what to do (CDF Provisioning API 1.0.0, <c>Error</c>).</summary>
internal sealed record Error(string Message);

/// <summary>That the server and its registry answer, and that things can be registered.</summary>
internal sealed record Health(string Status);
