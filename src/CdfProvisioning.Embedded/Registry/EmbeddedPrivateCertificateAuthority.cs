using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>ACM PCA on the embedded backend: every CA whose key is here also issues as the private CA <c>certificate-authority/&lt;caId&gt;</c>.</summary>
internal sealed class EmbeddedPrivateCertificateAuthority(SignerCache signers, Arns arns) : IPrivateCertificateAuthority
{
    /// <summary>AWS Private CA API Reference, IssueCertificate, ValidityNotBefore: certificates begin an hour before they are asked for.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(60);

    public async ValueTask<PrivateCertificate> IssueAsync(string caArn, string csr, DateTimeOffset notAfter, CancellationToken cancellationToken)
    {
        var signer = await SignerOfAsync(caArn, cancellationToken);
        if (notAfter > signer.Certificate.NotAfter)
            throw IotErrorType.InvalidRequest.Error(
                $"The certificate would be valid until {notAfter:yyyy-MM-dd}, but its CA {caArn} expires on {signer.Certificate.NotAfter:yyyy-MM-dd}: ask for fewer days or use another CA.");

        var request = SigningRequest.Parse(csr);
        var certificate = signer.Issue(request.Subject, request.PublicKey.Der, DateTimeOffset.UtcNow - Backdating, notAfter, IssueProfile.Device);
        return new($"{caArn}/certificate/{certificate.SerialNumber.ToLowerInvariant()}", certificate.Pem, signer.Certificate.Pem);
    }

    public async ValueTask<PrivateCa> GetAsync(string caArn, CancellationToken cancellationToken) =>
        new(caArn, (await SignerOfAsync(caArn, cancellationToken)).Certificate.Pem, ChainPem: null);

    public string ArnOf(string caId) => arns.PrivateCa(caId);

    private async ValueTask<CertificateSigner> SignerOfAsync(string caArn, CancellationToken cancellationToken)
    {
        var prefix = arns.PrivateCa("");
        if (caArn.StartsWith(prefix, StringComparison.Ordinal) && IsId(caArn[prefix.Length..]))
            return await signers.GetAsync(caArn[prefix.Length..], cancellationToken);
        throw caArn.Contains(":certificate-authority/", StringComparison.Ordinal) && caArn.StartsWith("arn:", StringComparison.Ordinal)
            ? IotErrorType.ResourceNotFound.Error($"Could not find Certificate Authority with ARN {IotNames.Shown(caArn)}: this account and region has {prefix}....")
            : IotErrorType.InvalidRequest.Error($"'{IotNames.Shown(caArn)}' is not the ARN of a private CA of this account and region ({prefix}...).");

        static bool IsId(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigit);
    }
}
