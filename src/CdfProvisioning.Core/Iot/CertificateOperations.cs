namespace CdfProvisioning.Iot;

internal sealed record CreateKeysAndCertificateRequest(bool? SetAsActive = null) : IIotRequest<CreateKeysAndCertificateResponse>;

internal sealed record CreateKeysAndCertificateResponse(string? CertificateArn, string? CertificateId, string? CertificatePem, KeyPair? KeyPair);

internal sealed record CreateCertificateFromCsrRequest(string CertificateSigningRequest, bool? SetAsActive = null) : IIotRequest<CreateCertificateFromCsrResponse>;

internal sealed record CreateCertificateFromCsrResponse(string? CertificateArn, string? CertificateId, string? CertificatePem);

internal sealed record RegisterCertificateRequest(
    string CertificatePem, string? CaCertificatePem = null, bool? SetAsActive = null, string? Status = null) : IIotRequest<RegisterCertificateResponse>;

internal sealed record RegisterCertificateResponse(string? CertificateArn, string? CertificateId);

internal sealed record RegisterCertificateWithoutCARequest(string CertificatePem, string? Status = null) : IIotRequest<RegisterCertificateWithoutCAResponse>;

internal sealed record RegisterCertificateWithoutCAResponse(string? CertificateArn, string? CertificateId);

internal sealed record DescribeCertificateRequest(string CertificateId) : IIotRequest<DescribeCertificateResponse>;

internal sealed record DescribeCertificateResponse(CertificateDescription? CertificateDescription);

internal sealed record ListCertificatesRequest(int? PageSize = null, string? Marker = null, bool? AscendingOrder = null) : IIotRequest<ListCertificatesResponse>;

internal sealed record ListCertificatesResponse(IReadOnlyList<Certificate>? Certificates, string? NextMarker);

internal sealed record ListCertificatesByCARequest(
    string CaCertificateId, int? PageSize = null, string? Marker = null, bool? AscendingOrder = null) : IIotRequest<ListCertificatesByCAResponse>;

internal sealed record ListCertificatesByCAResponse(IReadOnlyList<Certificate>? Certificates, string? NextMarker);

internal sealed record UpdateCertificateRequest(string CertificateId, string NewStatus) : IIotRequest<UpdateCertificateResponse>;

internal sealed record UpdateCertificateResponse;

internal sealed record DeleteCertificateRequest(string CertificateId, bool? ForceDelete = null) : IIotRequest<DeleteCertificateResponse>;

internal sealed record DeleteCertificateResponse;

internal sealed record GetRegistrationCodeRequest : IIotRequest<GetRegistrationCodeResponse>;

internal sealed record GetRegistrationCodeResponse(string? RegistrationCode);

internal sealed record DeleteRegistrationCodeRequest : IIotRequest<DeleteRegistrationCodeResponse>;

internal sealed record DeleteRegistrationCodeResponse;

internal sealed record RegisterCACertificateRequest(
    string CaCertificate, string? VerificationCertificate = null, bool? SetAsActive = null, bool? AllowAutoRegistration = null,
    RegistrationConfig? RegistrationConfig = null, IReadOnlyList<Tag>? Tags = null, string? CertificateMode = null) : IIotRequest<RegisterCACertificateResponse>;

internal sealed record RegisterCACertificateResponse(string? CertificateArn, string? CertificateId);

internal sealed record DescribeCACertificateRequest(string CertificateId) : IIotRequest<DescribeCACertificateResponse>;

internal sealed record DescribeCACertificateResponse(CaCertificateDescription? CertificateDescription, RegistrationConfig? RegistrationConfig);

internal sealed record ListCACertificatesRequest(
    int? PageSize = null, string? Marker = null, bool? AscendingOrder = null, string? TemplateName = null) : IIotRequest<ListCACertificatesResponse>;

internal sealed record ListCACertificatesResponse(IReadOnlyList<CaCertificate>? Certificates, string? NextMarker);

internal sealed record UpdateCACertificateRequest(
    string CertificateId, string? NewStatus = null, string? NewAutoRegistrationStatus = null,
    RegistrationConfig? RegistrationConfig = null, bool? RemoveAutoRegistration = null) : IIotRequest<UpdateCACertificateResponse>;

internal sealed record UpdateCACertificateResponse;

internal sealed record DeleteCACertificateRequest(string CertificateId) : IIotRequest<DeleteCACertificateResponse>;

internal sealed record DeleteCACertificateResponse;
