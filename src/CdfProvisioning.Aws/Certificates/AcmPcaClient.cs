using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using CdfProvisioning.Aws.Client;

namespace CdfProvisioning.Aws.Certificates;

/// <summary>A private CA of AWS Certificate Manager.</summary>
internal sealed class AcmPcaClient(AwsSettings settings) : IDisposable
{
    /// <summary>AWS signs within seconds, and says that it is still at it until then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly AwsServiceClient _client = new(AwsService.AcmPca, settings.Apply(new AwsServiceConfig(AwsService.AcmPca)));

    /// <summary>Has a certificate issued for a CSR, with the CA's own signing algorithm, and waits for it.</summary>
    /// <param name="caArn">The CA.</param>
    /// <param name="csrPem">The request; its subject becomes the certificate's.</param>
    /// <param name="days">For how long it is valid.</param>
    /// <param name="cancellationToken">Cancels the waiting; the certificate is issued all the same.</param>
    /// <returns>The certificate as PEM.</returns>
    public async ValueTask<string> IssueAsync(string caArn, string csrPem, int days, CancellationToken cancellationToken)
    {
        var request = new IssueCertificateRequest(
            caArn, Encoding.ASCII.GetBytes(csrPem), await SigningAlgorithmAsync(caArn, cancellationToken), new Validity(days, "DAYS"),
            Guid.NewGuid().ToString("N")); // so that a repeated call issues no second certificate
        var issued = await SendAsync(request, AcmPcaJson.Default.IssueCertificateRequest, AcmPcaJson.Default.IssueCertificateResponse, cancellationToken);
        return await CertificateAsync(new GetCertificateRequest(caArn, issued.CertificateArn!), cancellationToken);
    }

    /// <summary>The CA's own certificate as PEM.</summary>
    public async ValueTask<string> CaCertificateAsync(string caArn, CancellationToken cancellationToken)
    {
        var found = await SendAsync(
            new GetCertificateAuthorityCertificateRequest(caArn), AcmPcaJson.Default.GetCertificateAuthorityCertificateRequest,
            AcmPcaJson.Default.GetCertificateAuthorityCertificateResponse, cancellationToken);
        return found.Certificate!;
    }

    public void Dispose() => _client.Dispose();

    private async ValueTask<string> SigningAlgorithmAsync(string caArn, CancellationToken cancellationToken)
    {
        var described = await SendAsync(
            new DescribeCertificateAuthorityRequest(caArn), AcmPcaJson.Default.DescribeCertificateAuthorityRequest,
            AcmPcaJson.Default.DescribeCertificateAuthorityResponse, cancellationToken);
        return described.CertificateAuthority switch
        {
            { Status: "ACTIVE", CertificateAuthorityConfiguration.SigningAlgorithm: { } algorithm } => algorithm,
            var ca => throw new CdfException(
                CdfErrorCode.Conflict, $"The private CA {caArn} is {ca?.Status}: only an ACTIVE one issues certificates. Name another, or enable it in ACM PCA."),
        };
    }

    private async ValueTask<string> CertificateAsync(GetCertificateRequest request, CancellationToken cancellationToken)
    {
        var deadline = DateTimeOffset.UtcNow + LongestWait;
        for (var pause = FirstPause; ; pause *= 1.5)
        {
            try
            {
                var found = await SendAsync(request, AcmPcaJson.Default.GetCertificateRequest, AcmPcaJson.Default.GetCertificateResponse, cancellationToken);
                return found.Certificate!;
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
        var call = new AwsCall(operation, "POST", "/", answer) { Body = JsonSerializer.SerializeToUtf8Bytes(request, contract) };
        call.Headers["Content-Type"] = "application/x-amz-json-1.1";
        call.Headers["X-Amz-Target"] = $"ACMPrivateCA.{operation}";
        return (TResponse)await _client.SendAsync(call, cancellationToken);
    }
}
