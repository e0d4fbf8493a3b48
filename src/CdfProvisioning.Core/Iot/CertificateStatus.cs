namespace CdfProvisioning.Iot;

/// <summary>The states of a certificate (AWS IoT API Reference, CertificateDescription).</summary>
internal static class CertificateStatus
{
    public const string Active = "ACTIVE";
    public const string Inactive = "INACTIVE";
    public const string Revoked = "REVOKED";
    public const string PendingTransfer = "PENDING_TRANSFER";
    public const string PendingActivation = "PENDING_ACTIVATION";
    public const string RegisterInactive = "REGISTER_INACTIVE";

    /// <summary>Those that a caller may set (UpdateCertificate refuses the PENDING_ ones; REGISTER_INACTIVE is deprecated).</summary>
    public static readonly IReadOnlyList<string> Settable = [Active, Inactive, Revoked];

    /// <summary>A status with which a certificate can be registered.</summary>
    /// <exception cref="CdfException">InvalidRequest: it is none.</exception>
    public static string Registrable(string status) => Settable.Contains(status) ? status : throw IotErrorType.InvalidRequest.Error(
        $"A certificate cannot be registered with the status '{IotNames.Shown(status)}': use {string.Join(", ", Settable)}.");
}
