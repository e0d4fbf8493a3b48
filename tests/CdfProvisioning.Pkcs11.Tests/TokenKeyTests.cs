using System.Net;
using System.Security;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Tests.Certificates;
using Net.Pkcs11Interop.Common;
using Xunit;

namespace CdfProvisioning.Pkcs11.Tests;

/// <summary>Tokens are SoftHSM's.</summary>
public sealed class TokenKeyTests(SoftHsm hsm) : IClassFixture<SoftHsm>, IAsyncDisposable
{
    private const string P256 = "EC -pkeyopt ec_paramgen_curve:P-256";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Connection> _connections = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("rsa", "RSA -pkeyopt rsa_keygen_bits:2048")]
    [InlineData("p256", P256)]
    [InlineData("p384", "EC -pkeyopt ec_paramgen_curve:P-384")]
    [InlineData("p521", "EC -pkeyopt ec_paramgen_curve:P-521")]
    public async Task A_CA_whose_key_is_in_a_token_signs_what_openssl_verifies(string name, string type)
    {
        SoftHsm.MakeToken($"kinds-{name}");
        SoftHsm.MakeKey($"kinds-{name}", "ca", type);
        var connection = await OpenAsync();

        var ca = await MakeCaAsync(connection, $"pkcs11:token=kinds-{name};object=ca{hsm.Query}");
        var device = await IssueAsync(connection, ca.CaId);

        Assert.Equal(("CN=ca", true, $"pkcs11:token=kinds-{name};object=ca{hsm.Query}"), (ca.Subject, ca.HasPrivateKey, ca.KeyUri));
        using var openssl = new OpenSsl();
        openssl.Write("ca.pem", ca.CertificatePem!);
        openssl.Write("device.pem", device.Pem);
        Assert.Contains("OK", openssl.Run("verify -x509_strict -CAfile ca.pem device.pem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_session_signs_with_no_further_word_and_no_PIN_is_kept()
    {
        SoftHsm.MakeToken("sessions");
        SoftHsm.MakeKey("sessions", "ca", P256);
        var connection = await OpenAsync();
        var ca = await MakeCaAsync(connection, $"pkcs11:token=sessions;object=ca{hsm.Query}");
        await connection.DisposeAsync();

        var device = await IssueAsync(await OpenAsync(), ca.CaId);

        Assert.Equal("CN=ca", device.Issuer.ToString());
        Assert.All(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain(SoftHsm.Pin, ReadShared(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_PIN_of_the_call_is_good_for_the_session_and_of_the_connection_for_all_its_CAs()
    {
        SoftHsm.MakeToken("pins");
        SoftHsm.MakeKey("pins", "ca", P256);
        var uri = $"pkcs11:token=pins;object=ca{hsm.QueryWithoutPin}";
        var first = await OpenAsync();

        var ca = await first.CertificateAuthorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), uri, Secret(SoftHsm.Pin), Cancellation);
        await IssueAsync(first, ca.CaId);
        await first.DisposeAsync();
        var without = await Assert.ThrowsAsync<CdfException>(async () => await IssueAsync(await OpenAsync(), ca.CaId));
        var device = await IssueAsync(await OpenAsync(Secret(SoftHsm.Pin)), ca.CaId);

        Assert.Contains(KeyUri.PinVariable, without.Message, StringComparison.Ordinal);
        Assert.Equal("CN=Factory", device.Issuer.ToString());
    }

    [Fact]
    public async Task Many_threads_sign_at_the_same_time()
    {
        SoftHsm.MakeToken("threads");
        SoftHsm.MakeKey("threads", "ca", P256);
        var connection = await OpenAsync();
        var ca = await MakeCaAsync(connection, $"pkcs11:token=threads;object=ca{hsm.Query}");

        var devices = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => IssueAsync(connection, ca.CaId))));

        var issuer = ParsedCertificate.FromPem(ca.CertificatePem!, "The CA");
        Assert.All(devices, device => Assert.True(issuer.PublicKey.Verifies(SignedObject.Read(device.Der))));
    }

    [Fact]
    public async Task A_wrong_PIN_is_tried_once_and_never_shown()
    {
        SoftHsm.MakeToken("locked");
        SoftHsm.MakeKey("locked", "ca", P256);
        var uri = $"pkcs11:token=locked;object=ca{hsm.QueryWithoutPin}";
        var connection = await OpenAsync(Secret("314159"));

        var first = await RefusedAsync(connection, uri);
        var again = await RefusedAsync(connection, uri);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields(), TimeSpan.FromDays(1), uri, Secret(SoftHsm.Pin), Cancellation);

        Assert.Equal((CdfErrorCode.AccessDenied, first.Message), (first.Code, again.Message));
        Assert.IsType<Pkcs11Exception>(first.InnerException); // the token has said so
        Assert.Null(again.InnerException);                    // nobody has asked it again
        Assert.Contains("'locked'", first.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("314159", first.ToString(), StringComparison.Ordinal);
        Assert.True(ca.HasPrivateKey);
    }

    [Fact]
    public async Task A_CA_that_another_has_signed_is_imported_with_its_key_in_the_token()
    {
        SoftHsm.MakeToken("import");
        SoftHsm.MakeKey("import", "ca", P256);
        SoftHsm.MakeKey("import", "other", P256, id: "02");
        var query = hsm.Query;
        var connection = await OpenAsync();
        var ca = await MakeCaAsync(connection, $"pkcs11:token=import;id=%01{query}");
        await connection.CertificateAuthorities.RemoveAsync(ca.CaId, Cancellation);

        var wrong = await Assert.ThrowsAsync<CdfException>(async () =>
            await connection.CertificateAuthorities.ImportAsync(ca.CertificatePem!, $"pkcs11:token=import;object=other{query}", pin: null, Cancellation));
        var none = await connection.CertificateAuthorities.ListAsync(Cancellation).CountAsync(Cancellation);
        var imported = await connection.CertificateAuthorities.ImportAsync(ca.CertificatePem!, $"pkcs11:token=import;object=ca{query}", pin: null, Cancellation);

        Assert.Contains("not the key of its certificate", wrong.Message, StringComparison.Ordinal);
        Assert.Equal((0, ca.CaId), (none, imported.CaId));
    }

    [Fact]
    public async Task A_key_that_is_not_there_or_is_no_CAs_is_refused_and_no_CA_is_registered()
    {
        SoftHsm.MakeToken("bad");
        SoftHsm.MakeKey("bad", "koblitz", "EC -pkeyopt ec_paramgen_curve:secp256k1", id: "02");
        SoftHsm.MakeKey("bad", "short", "RSA -pkeyopt rsa_keygen_bits:1024", id: "03");
        SoftHsm.MakeKey("bad", "twice", P256, id: "04");
        SoftHsm.MakeKey("bad", "twice", P256, id: "05");
        var connection = await OpenAsync();

        await ShowsAsync("pkcs11:token=nowhere;object=ca", CdfErrorCode.NotFound, "'bad'");
        await ShowsAsync("pkcs11:token=bad;object=none", CdfErrorCode.NotFound, "'koblitz' (id %02)");
        await ShowsAsync("pkcs11:token=bad;object=koblitz", CdfErrorCode.InvalidRequest, "P-256, P-384 or P-521");
        await ShowsAsync("pkcs11:token=bad;object=short", CdfErrorCode.InvalidRequest, "1024 bits");
        await ShowsAsync("pkcs11:token=bad;object=twice", CdfErrorCode.InvalidRequest, "2 private keys");
        await ShowsAsync("pkcs11:token=bad", CdfErrorCode.InvalidRequest, "names no key");
        await ShowsAsync("pkcs11:token=bad;object=twice;type=public", CdfErrorCode.InvalidRequest, "type 'private'");
        Assert.Equal(0, await connection.CertificateAuthorities.ListAsync(Cancellation).CountAsync(Cancellation));

        async Task ShowsAsync(string uri, CdfErrorCode code, string part)
        {
            var error = await RefusedAsync(connection, uri + hsm.Query);
            Assert.Equal(code, error.Code);
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("pkcs11:object=ca?module-path=/nowhere/lib.so", "no PKCS#11 library '/nowhere/lib.so'")]
    [InlineData("pkcs11:object=ca?module-path=lib.so", "no full path")]
    [InlineData("pkcs11:object=ca?module-name=no-such-module", "cannot be loaded")]
    public async Task A_library_that_is_not_there_is_named(string uri, string problem)
    {
        var error = await RefusedAsync(await OpenAsync(), uri);

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private async Task<Connection> OpenAsync(SecureString? pin = null)
    {
        var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.File("registry"), KeyHolders: [new Pkcs11KeyHolder(pin)]), Cancellation);
        _connections.Add(connection);
        return connection;
    }

    private static async Task<CertificateAuthority> MakeCaAsync(Connection connection, string uri) =>
        await connection.CertificateAuthorities.CreateAsync(new SubjectFields(), TimeSpan.FromDays(10), uri, pin: null, Cancellation);

    private static async Task<CdfException> RefusedAsync(Connection connection, string uri) =>
        await Assert.ThrowsAsync<CdfException>(async () => await MakeCaAsync(connection, uri));

    /// <summary>As a device gets it whose CA has its key in the token: through the template extension.</summary>
    private static async Task<ParsedCertificate> IssueAsync(Connection connection, string caId)
    {
        await connection.Templates.PutAsync("signed", """
            {
              "Parameters": { "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" } },
              "Resources": {
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } }
              },
              "CDF": { "createDeviceCertificate": true }
            }
            """, Cancellation);
        var request = new ProvisionRequest(
            "signed", new Dictionary<string, string>(), new() { CaId = caId, CertInfo = new() { CommonName = "sensor-1", DaysExpiry = 1 } });
        return ParsedCertificate.FromPem((await connection.Things.ProvisionAsync(request, Cancellation)).CertificatePem!, "The device");
    }

    private static SecureString Secret(string text) => new NetworkCredential("", text).SecurePassword;

    private static string ReadShared(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
