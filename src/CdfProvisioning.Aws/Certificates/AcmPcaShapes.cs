using System.Text.Json.Serialization;

namespace CdfProvisioning.Aws.Certificates;

internal sealed record IssueCertificateRequest(
    string CertificateAuthorityArn, byte[] Csr, string SigningAlgorithm, ValidityPeriod Validity, string IdempotencyToken);

/// <summary>Until when a certificate is valid: of type ABSOLUTE, seconds since 1970.</summary>
internal sealed record ValidityPeriod(long Value, string Type);

internal sealed record IssueCertificateResponse(string? CertificateArn);

internal sealed record GetCertificateRequest(string CertificateAuthorityArn, string CertificateArn);

internal sealed record GetCertificateResponse(string? Certificate, string? CertificateChain);

internal sealed record DescribeCertificateAuthorityRequest(string CertificateAuthorityArn);

internal sealed record DescribeCertificateAuthorityResponse(PrivateCertificateAuthority? CertificateAuthority);

internal sealed record PrivateCertificateAuthority(string? Arn, string? Status, CertificateAuthorityConfiguration? CertificateAuthorityConfiguration);

internal sealed record CertificateAuthorityConfiguration(string? KeyAlgorithm, string? SigningAlgorithm);

internal sealed record GetCertificateAuthorityCertificateRequest(string CertificateAuthorityArn);

internal sealed record GetCertificateAuthorityCertificateResponse(string? Certificate, string? CertificateChain);

/// <summary>The JSON of ACM PCA: members as the API Reference names them, blobs as base64.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IssueCertificateRequest))]
[JsonSerializable(typeof(IssueCertificateResponse))]
[JsonSerializable(typeof(GetCertificateRequest))]
[JsonSerializable(typeof(GetCertificateResponse))]
[JsonSerializable(typeof(DescribeCertificateAuthorityRequest))]
[JsonSerializable(typeof(DescribeCertificateAuthorityResponse))]
[JsonSerializable(typeof(GetCertificateAuthorityCertificateRequest))]
[JsonSerializable(typeof(GetCertificateAuthorityCertificateResponse))]
internal sealed partial class AcmPcaJson : JsonSerializerContext;
