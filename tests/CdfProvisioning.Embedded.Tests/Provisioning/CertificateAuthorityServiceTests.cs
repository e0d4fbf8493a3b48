using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>CAs as New-, Get-, Set- and Remove-CdfCertificateAuthority have them.</summary>
public sealed class CertificateAuthorityServiceTests : IAsyncLifetime
{
    private const string Template = """{"Parameters":{"AWS::IoT::Certificate::Id":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"a"}}}}""";

    private readonly TemporaryFolder _folder = new();
    private Connection _connection = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CertificateAuthorityService Authorities => _connection.CertificateAuthorities;

    public async ValueTask InitializeAsync() => _connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.Path), Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_CA_that_was_made_is_active_and_has_its_key()
    {
        var made = await Authorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), Cancellation, new Dictionary<string, string> { ["site"] = "1" });

        var ca = await Authorities.GetAsync(made.CaId, Cancellation);
        Assert.Equal(("ACTIVE", "CN=Factory", true, false), (ca.Status, ca.Subject, ca.HasPrivateKey, ca.AutoRegistration));
        Assert.Contains(ca.CaId[..8], ca.PrivateCaArn, StringComparison.OrdinalIgnoreCase);
        Assert.Null(ca.KeyUri);
        Assert.Equal("1", ca.Tags["site"]);
        Assert.Equal(ca.CaId, Assert.Single(await Authorities.ListAsync(Cancellation).ToListAsync(Cancellation)).CaId);
        var key = (await Authorities.FindKeyAsync(ca.CaId, Cancellation))!;
        Assert.Equal(ca.CaId, CertificateSigner.Load(ca.CertificatePem!, key, password: null).Certificate.Id);
    }

    [Fact]
    public async Task A_CA_that_is_registered_with_its_certificate_alone_has_no_key()
    {
        var ca = await Authorities.RegisterAsync(Make.Ca("Elsewhere").Certificate.Pem, Cancellation);

        Assert.Equal(("ACTIVE", "CN=Elsewhere", false), (ca.Status, ca.Subject, ca.HasPrivateKey));
        Assert.Null(ca.PrivateCaArn);
        Assert.Null(ca.KeyUri);
    }

    [Fact]
    public async Task Of_a_CA_only_what_is_named_is_changed()
    {
        var caId = (await Authorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), Cancellation)).CaId;

        Assert.Equal(("ACTIVE", true, Template), await UpdatedAsync(new(null, true, Template, null, null, RemovesTemplate: false)));
        Assert.Equal(("INACTIVE", true, Template), await UpdatedAsync(new("INACTIVE", null, null, null, null, RemovesTemplate: false)));
        Assert.Equal(("INACTIVE", false, Template), await UpdatedAsync(new(null, false, null, null, null, RemovesTemplate: false)));
        Assert.Equal(("INACTIVE", false, null), await UpdatedAsync(new(null, null, null, null, null, RemovesTemplate: true)));

        async Task<(string?, bool, string?)> UpdatedAsync(CertificateAuthorityUpdate update)
        {
            await Authorities.UpdateAsync(caId, update, Cancellation);
            var ca = await Authorities.GetAsync(caId, Cancellation);
            return (ca.Status, ca.AutoRegistration, ca.TemplateBody);
        }
    }

    [Fact]
    public async Task A_CA_that_is_removed_goes_with_its_key_and_signs_no_more()
    {
        var ca = await Authorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), Cancellation);
        Assert.Equal(ca.CertificatePem, await SignerOfAsync(ca));

        await Authorities.RemoveAsync(ca.CaId, Cancellation);

        Assert.Empty(await Authorities.ListAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Null(await Authorities.FindKeyAsync(ca.CaId, Cancellation));
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await SignerOfAsync(ca))).Code);
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await Authorities.RemoveAsync(ca.CaId, Cancellation))).Code);
    }

    [Fact]
    public async Task A_key_that_is_replaced_or_removed_is_what_signs_from_then_on()
    {
        var ca = await Authorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), Cancellation);
        var key = (await Authorities.FindKeyAsync(ca.CaId, Cancellation))!;
        await SignerOfAsync(ca);

        await Authorities.PutKeyAsync(ca.CaId, DeviceKey.CreateP256().PrivateKeyPem, Cancellation);
        Assert.Contains("is not the key of its certificate", (await Assert.ThrowsAsync<CdfException>(async () => await SignerOfAsync(ca))).Message, StringComparison.Ordinal);

        await Authorities.PutKeyAsync(ca.CaId, key, Cancellation);
        await SignerOfAsync(ca);
        await Authorities.RemoveKeyAsync(ca.CaId, Cancellation);
        Assert.Contains("is not here, so it cannot sign", (await Assert.ThrowsAsync<CdfException>(async () => await SignerOfAsync(ca))).Message, StringComparison.Ordinal);
        Assert.False((await Authorities.GetAsync(ca.CaId, Cancellation)).HasPrivateKey);
    }

    [Fact]
    public async Task A_CA_that_is_there_already_is_refused_and_keeps_its_key()
    {
        var ca = await Authorities.CreateAsync(new SubjectFields("Factory"), TimeSpan.FromDays(10), Cancellation);
        var key = (await Authorities.FindKeyAsync(ca.CaId, Cancellation))!;

        var error = await Assert.ThrowsAsync<CdfException>(async () => await Authorities.ImportAsync(ca.CertificatePem!, key, password: null, Cancellation));

        Assert.Equal(IotErrorType.ResourceAlreadyExists.Name, error.ErrorTypeName);
        Assert.Equal(key, await Authorities.FindKeyAsync(ca.CaId, Cancellation));
    }

    /// <summary>The certificate of what signs for a CA, as ACM PCA.</summary>
    private async Task<string> SignerOfAsync(CertificateAuthority ca) => (await _connection.PrivateCas.GetAsync(ca.PrivateCaArn!, Cancellation)).CertificatePem;
}
