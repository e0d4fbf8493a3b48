using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>S3, behind the verification of signatures: it reads its bodies itself, and holds them against what was signed.</summary>
/// <param name="s3">The service.</param>
/// <param name="verifier">Null if any signature will do.</param>
internal sealed class VerifiedS3(S3Service s3, SignatureVerifier? verifier)
{
    private const string HashHeader = "x-amz-content-sha256";

    /// <param name="context">The request.</param>
    /// <param name="signature">Null if it has none of version 4.</param>
    /// <param name="requestId">The request's id.</param>
    public async Task AnswerAsync(HttpContext context, RequestSignature? signature, string requestId)
    {
        ChunkSigning? chunkSigning = null;
        try
        {
            if (signature is not null && verifier?.Verify(context, signature, PayloadHashOf(context, signature)) is { } key)
                chunkSigning = new(key.Bytes, signature.DateTime, signature.Scope.ToString(), signature.Signature);
        }
        catch (SignatureException e)
        {
            await S3Service.WriteErrorAsync(context, ErrorTypeOf(e.Problem).Error(e.Message), requestId);
            return;
        }

        await s3.HandleAsync(context, signature?.Scope.Region, chunkSigning);
    }

    private static string PayloadHashOf(HttpContext context, RequestSignature signature) =>
        context.Request.Headers[HashHeader].ToString() is { Length: > 0 } given ? given
        : signature.IsPresigned ? PresignedUrl.UnsignedPayload
        : throw new SignatureException(SignatureProblem.Incomplete, $"Missing required header for this request: {HashHeader}");

    private static IotErrorType ErrorTypeOf(SignatureProblem problem) => problem switch
    {
        SignatureProblem.Incomplete => new("AuthorizationHeaderMalformed", 400, CdfErrorCode.AccessDenied),
        SignatureProblem.UnknownKey => S3Errors.InvalidAccessKeyId,
        SignatureProblem.WrongToken => new("InvalidToken", 400, CdfErrorCode.AccessDenied),
        SignatureProblem.ExpiredToken => new("ExpiredToken", 400, CdfErrorCode.AccessDenied),
        SignatureProblem.Skewed => new("RequestTimeTooSkewed", 403, CdfErrorCode.AccessDenied),
        SignatureProblem.Mismatch => S3Errors.SignatureDoesNotMatch,
        SignatureProblem.HeadersNotSigned => S3Errors.AccessDenied,
        _ => S3Errors.AccessDenied,
    };
}
