using System.Text.Json;
using CdfProvisioning.Aws.Certificates;

namespace CdfProvisioning.Aws.Tests.Certificates;

public sealed class AcmPcaClientTests
{
    private const string CaArn = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_is_issued_with_the_CAs_algorithm_and_waited_for()
    {
        var asked = 0;
        await using var server = await ScriptedServer.StartAsync(request => request.Headers["X-Amz-Target"] switch
        {
            "ACMPrivateCA.DescribeCertificateAuthority" => Reply.Ok(
                """{"CertificateAuthority":{"Status":"ACTIVE","CertificateAuthorityConfiguration":{"KeyAlgorithm":"EC_prime256v1","SigningAlgorithm":"SHA256WITHECDSA"}}}"""),
            "ACMPrivateCA.IssueCertificate" => Reply.Ok($$"""{"CertificateArn":"{{CaArn}}/certificate/2"}"""),
            _ => ++asked < 3
                ? new Reply(400, """{"__type":"RequestInProgressException","message":"The request is in progress."}""")
                : Reply.Ok("""{"Certificate":"the certificate","CertificateChain":"the chain"}"""),
        });
        using var client = new AcmPcaClient(TestSettings.For(server));
        var notAfter = DateTimeOffset.UtcNow.AddDays(30);

        var issued = await client.IssueAsync(CaArn, "the CSR", notAfter, Cancellation);

        Assert.Equal(("the certificate", "the chain"), (issued.CertificatePem, issued.ChainPem));
        using var sent = JsonDocument.Parse(server.Received.Single(r => r.Headers["X-Amz-Target"] == "ACMPrivateCA.IssueCertificate").Body);
        Assert.Equal("SHA256WITHECDSA", sent.RootElement.GetProperty("SigningAlgorithm").GetString());
        Assert.Equal("the CSR"u8.ToArray(), sent.RootElement.GetProperty("Csr").GetBytesFromBase64());
        Assert.Equal(notAfter.ToUnixTimeSeconds(), sent.RootElement.GetProperty("Validity").GetProperty("Value").GetInt64());
    }

    [Fact]
    public async Task A_CA_that_is_disabled_is_an_error_that_says_so()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok("""{"CertificateAuthority":{"Status":"DISABLED"}}"""));
        using var client = new AcmPcaClient(TestSettings.For(server));

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await client.IssueAsync(CaArn, "the CSR", DateTimeOffset.UtcNow, Cancellation));

        Assert.Contains("DISABLED", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_permission_is_named_by_its_IAM_action()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Error(400, "AccessDeniedException", "Denied"));
        using var client = new AcmPcaClient(TestSettings.For(server));

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await client.GetAsync(CaArn, Cancellation));

        Assert.Contains("acm-pca:GetCertificateAuthorityCertificate", failure.Message, StringComparison.Ordinal);
    }
}
