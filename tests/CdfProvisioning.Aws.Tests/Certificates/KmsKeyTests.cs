using System.Security.Cryptography;
using CdfProvisioning.Aws.Certificates;
using CdfProvisioning.Aws.Tests.Backend;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;

namespace CdfProvisioning.Aws.Tests.Certificates;

public sealed class KmsKeyTests : IDisposable
{
    private const string Template = """
        {
          "Parameters": { "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" } },
          "Resources": {
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } }
          },
          "CDF": { "createDeviceCertificate": true }
        }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly KmsEndpoint _kms = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _kms.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("RSA_2048")]
    [InlineData("ECC_NIST_P256")]
    [InlineData("ECC_NIST_P384")]
    [InlineData("ECC_NIST_P521")]
    public async Task A_CA_whose_key_is_in_KMS_signs_devices_of_the_embedded_registry_and_again_after_it_was_closed(string spec)
    {
        _kms.Add("alias/factory", spec switch
        {
            "RSA_2048" => RSA.Create(2048),
            "ECC_NIST_P256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ECC_NIST_P384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        }, spec);
        await using var server = await Loopback.StartAsync(_kms.AnswerAsync);
        CertificateAuthority ca;
        await using (var connection = await OpenAsync(server.Url))
            ca = await MakeCaAsync(connection, "awskms:key-id=alias/factory;region=eu-central-1");

        await using var again = await OpenAsync(server.Url);
        var device = await IssueAsync(again, ca.CaId);

        var issuer = ParsedCertificate.FromPem(ca.CertificatePem!, "The CA");
        Assert.Equal(("CN=factory", "awskms:key-id=alias/factory;region=eu-central-1"), (ca.Subject, ca.KeyUri));
        Assert.True(issuer.PublicKey.Verifies(SignedObject.Read(device.Der)));
    }

    [Fact]
    public async Task On_AWS_the_URI_is_in_Systems_Manager_and_the_connection_signs_in_KMS()
    {
        _kms.Add("alias/factory", ECDsa.Create(ECCurve.NamedCurves.nistP256), "ECC_NIST_P256");
        await using var account = await AwsAccount.OpenAsync((context, next) => KmsEndpoint.IsFor(context) ? _kms.AnswerAsync(context) : next(context));
        await using var first = await account.ConnectAsync();
        var ca = await MakeCaAsync(first, "awskms:key-id=alias/factory");

        await using var second = await account.ConnectAsync();
        var device = await IssueAsync(second, ca.CaId);
        var kept = (await second.CertificateAuthorities.GetAsync(ca.CaId, Cancellation)).KeyUri;
        await second.CertificateAuthorities.RemoveAsync(ca.CaId, Cancellation);

        Assert.Equal(("CN=factory", "awskms:key-id=alias/factory"), (device.Issuer.ToString(), kept));
        Assert.Null(await account.Registry.CertificateAuthorities.FindKeyAsync(ca.CaId, Cancellation)); // the account's machine is not to open it
        Assert.Null(await second.CertificateAuthorities.FindKeyAsync(ca.CaId, Cancellation));
    }

    [Theory]
    [InlineData("awskms:key-id=alias/none", CdfErrorCode.NotFound, "alias/none")]
    [InlineData("awskms:key-id=alias/denied", CdfErrorCode.AccessDenied, "kms:GetPublicKey")]
    [InlineData("awskms:key-id=alias/disabled", CdfErrorCode.Unavailable, "disabled")]
    [InlineData("awskms:key-id=alias/symmetric", CdfErrorCode.InvalidRequest, "no asymmetric key")]
    [InlineData("awskms:key-id=alias/encrypt", CdfErrorCode.InvalidRequest, "ENCRYPT_DECRYPT")]
    [InlineData("awskms:key-id=alias/koblitz", CdfErrorCode.InvalidRequest, "ECC_SECG_P256K1")]
    [InlineData("awskms:region=eu-central-1", CdfErrorCode.InvalidRequest, "names no key")]
    public async Task A_key_that_cannot_be_a_CAs_is_refused_and_no_CA_is_registered(string uri, CdfErrorCode code, string part)
    {
        _kms.Add("alias/encrypt", RSA.Create(2048), "RSA_2048", "ENCRYPT_DECRYPT");
        _kms.Add("alias/koblitz", ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10")), "ECC_SECG_P256K1");
        await using var server = await Loopback.StartAsync(_kms.AnswerAsync);
        await using var connection = await OpenAsync(server.Url);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await MakeCaAsync(connection, uri));

        Assert.Equal(code, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await connection.CertificateAuthorities.ListAsync(Cancellation).CountAsync(Cancellation));
    }

    [Theory]
    [InlineData(400, "AccessDeniedException", CdfErrorCode.AccessDenied, "kms:Sign")]
    [InlineData(400, "ThrottlingException", CdfErrorCode.Throttled, "throttles Sign")]
    [InlineData(400, "KMSInvalidStateException", CdfErrorCode.Unavailable, "present state")]
    public async Task A_key_that_may_not_sign_is_found_out_before_a_CA_is_registered(int status, string type, CdfErrorCode code, string part)
    {
        _kms.Add("alias/factory", ECDsa.Create(ECCurve.NamedCurves.nistP256), "ECC_NIST_P256");
        _kms.SignError = (status, type);
        await using var server = await Loopback.StartAsync(_kms.AnswerAsync);
        await using var connection = await OpenAsync(server.Url);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await MakeCaAsync(connection, "awskms:key-id=alias/factory"));

        Assert.Equal((code, 0), (error.Code, _kms.Signed));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await connection.CertificateAuthorities.ListAsync(Cancellation).CountAsync(Cancellation));
    }

    private async Task<Connection> OpenAsync(Uri kms) => await EmbeddedBackend.OpenAsync(
        new EmbeddedBackendOptions(_folder.Path, KeyHolders: [new KmsKeyHolder(_ => new(TestSettings.For(kms)))]), Cancellation);

    private static async Task<CertificateAuthority> MakeCaAsync(Connection connection, string uri) =>
        await connection.CertificateAuthorities.CreateAsync(new SubjectFields(), TimeSpan.FromDays(10), uri, pin: null, Cancellation);

    private static async Task<ParsedCertificate> IssueAsync(Connection connection, string caId)
    {
        await connection.Templates.PutAsync("signed", Template, Cancellation);
        var request = new ProvisionRequest("signed", new Dictionary<string, string>(), new() { CaId = caId, CertInfo = new() { CommonName = "sensor-1", DaysExpiry = 1 } });
        return ParsedCertificate.FromPem((await connection.Things.ProvisionAsync(request, Cancellation)).CertificatePem!, "The device");
    }
}
