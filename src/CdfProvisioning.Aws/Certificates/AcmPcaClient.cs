using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Aws.Certificates;

/// <summary>ACM PCA at AWS. Certificates are signed with the algorithm that the CA is configured with.</summary>
internal sealed class AcmPcaClient(AwsSettings settings) : IPrivateCertificateAuthority, IDisposable
{
    /// <summary>AWS signs within seconds, and says that it is still at it until then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly AwsServiceClient _client = new(AwsService.AcmPca, settings.Apply(new AwsServiceConfig(AwsService.AcmPca)));

    public async ValueTask<PrivateCertificate> IssueAsync(string caArn, string csr, DateTimeOffset notAfter, CancellationToken cancellationToken)
    {
        var request = new IssueCertificateRequest(
            caArn, Encoding.ASCII.GetBytes(csr), await SigningAlgorithmAsync(caArn, cancellationToken), new ValidityPeriod(notAfter.ToUnixTimeSeconds(), "ABSOLUTE"),
            Guid.NewGuid().ToString("N")); // so that a repeated call issues no second certificate
        var issued = await SendAsync(request, AcmPcaJson.Default.IssueCertificateRequest, AcmPcaJson.Default.IssueCertificateResponse, cancellationToken);
        var arn = issued.CertificateArn!;
        var certificate = await CertificateAsync(new GetCertificateRequest(caArn, arn), cancellationToken);
        return new PrivateCertificate(arn, certificate.Certificate!, certificate.CertificateChain ?? "");
    }

    public async ValueTask<PrivateCa> GetAsync(string caArn, CancellationToken cancellationToken)
    {
        var found = await SendAsync(
            new GetCertificateAuthorityCertificateRequest(caArn), AcmPcaJson.Default.GetCertificateAuthorityCertificateRequest,
            AcmPcaJson.Default.GetCertificateAuthorityCertificateResponse, cancellationToken);
        return new PrivateCa(caArn, found.Certificate!, found.CertificateChain);
    }

    public string? ArnOf(string caId) => null;

    public void Dispose() => _client.Dispose();

    private async ValueTask<string> SigningAlgorithmAsync(string caArn, CancellationToken cancellationToken)
    {
        var described = await SendAsync(
            new DescribeCertificateAuthorityRequest(caArn), AcmPcaJson.Default.DescribeCertificateAuthorityRequest,
            AcmPcaJson.Default.DescribeCertificateAuthorityResponse, cancellationToken);
        return described.CertificateAuthority switch
        {
            { Status: "ACTIVE", CertificateAuthorityConfiguration.SigningAlgorithm: { } algorithm } => algorithm,
            var ca => throw CdfErrorCode.Conflict.Error($"The private CA {caArn} is {ca?.Status}: only an ACTIVE one issues certificates. Name another, or enable it in ACM PCA."),
        };
    }

    private async ValueTask<GetCertificateResponse> CertificateAsync(GetCertificateRequest request, CancellationToken cancellationToken)
    {
        var deadline = DateTimeOffset.UtcNow + LongestWait;
        for (var pause = FirstPause; ; pause *= 1.5)
        {
            try
            {
                return await SendAsync(request, AcmPcaJson.Default.GetCertificateRequest, AcmPcaJson.Default.GetCertificateResponse, cancellationToken);
            }
            catch (CdfException e) when (
                e.InnerException is AmazonServiceException { ErrorCode: "RequestInProgressException" } && DateTimeOffset.UtcNow + pause < deadline)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        TRequest request, JsonTypeInfo<TRequest> contract, JsonTypeInfo<TResponse> answer, CancellationToken cancellationToken)
    {
        var operation = typeof(TRequest).Name[..^"Request".Length];
        var call = new AwsRequest(operation, "POST", "/", answer) { Body = JsonSerializer.SerializeToUtf8Bytes(request, contract) };
        call.Headers["Content-Type"] = "application/x-amz-json-1.1";
        call.Headers["X-Amz-Target"] = $"ACMPrivateCA.{operation}";
        return (TResponse)await _client.SendAsync(call, cancellationToken);
    }
}
