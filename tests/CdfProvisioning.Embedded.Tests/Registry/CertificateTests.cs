using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class CertificateTests : RegistryTestBase
{
    [Fact]
    public async Task A_certificates_id_is_the_fingerprint_and_its_key_pair_is_its_own()
    {
        var created = await InvokeAsync(new CreateKeysAndCertificateRequest(SetAsActive: true));
        using var certificate = X509Certificate2.CreateFromPem(created.CertificatePem!, created.KeyPair!.PrivateKey!);
        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), created.CertificateId);
        Assert.Equal($"{TestRegistry.Arn}:cert/{created.CertificateId}", created.CertificateArn);
        Assert.Equal("CN=AWS IoT Certificate", certificate.Subject);

        var described = (await InvokeAsync(new DescribeCertificateRequest(created.CertificateId!.ToUpperInvariant()))).CertificateDescription!;
        Assert.Equal(
            (created.CertificateId, "ACTIVE", created.CertificatePem, "123456789012", 1, "DEFAULT"),
            (described.CertificateId, described.Status, described.CertificatePem, described.OwnedBy, described.CustomerVersion, described.CertificateMode));
        Assert.Null(described.CaCertificateId);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), described.Validity!.NotAfter!.Value.UtcDateTime);
    }

    [Fact]
    public async Task Two_certificates_from_one_csr_differ()
    {
        var csr = Make.Csr();
        var (one, two) = (await InvokeAsync(new CreateCertificateFromCsrRequest(csr)), await InvokeAsync(new CreateCertificateFromCsrRequest(csr, SetAsActive: true)));
        Assert.NotEqual(one.CertificateId, two.CertificateId);
        Assert.Equal("INACTIVE", await StatusAsync(one.CertificateId!));
        Assert.Equal("ACTIVE", await StatusAsync(two.CertificateId!));
        await RefusedAsync("InvalidRequestException", new CreateCertificateFromCsrRequest("no CSR"));
    }

    [Fact]
    public async Task A_certificate_moves_between_its_states_and_revoked_is_final()
    {
        var id = (await InvokeAsync(new CreateKeysAndCertificateRequest())).CertificateId!;
        await InvokeAsync(new UpdateCertificateRequest(id, "INACTIVE"));
        Assert.Equal(1, (await InvokeAsync(new DescribeCertificateRequest(id))).CertificateDescription!.CustomerVersion);
        await InvokeAsync(new UpdateCertificateRequest(id, "ACTIVE"));
        Assert.Equal("ACTIVE", await StatusAsync(id));
        foreach (var status in new[] { "PENDING_TRANSFER", "PENDING_ACTIVATION", "REGISTER_INACTIVE", "active", "" })
            await RefusedAsync("InvalidRequestException", new UpdateCertificateRequest(id, status));
        await InvokeAsync(new UpdateCertificateRequest(id, "REVOKED"));
        await InvokeAsync(new UpdateCertificateRequest(id, "REVOKED"));
        await RefusedAsync("CertificateStateException", new UpdateCertificateRequest(id, "ACTIVE"));
        await RefusedAsync("ResourceNotFoundException", new UpdateCertificateRequest(new string('0', 64), "ACTIVE"));
        await RefusedAsync("InvalidRequestException", new DescribeCertificateRequest("abc"));
    }

    [Fact]
    public async Task A_certificate_is_deleted_when_it_is_not_active_and_nothing_hangs_on_it()
    {
        var created = await InvokeAsync(new CreateKeysAndCertificateRequest(SetAsActive: true));
        var (id, arn) = (created.CertificateId!, created.CertificateArn!);
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new CreatePolicyRequest("p", TestRegistry.PolicyDocument));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", arn));
        await InvokeAsync(new AttachPolicyRequest("p", arn));

        await RefusedAsync("CertificateStateException", new DeleteCertificateRequest(id, ForceDelete: true));
        await InvokeAsync(new UpdateCertificateRequest(id, "INACTIVE"));
        await RefusedAsync("DeleteConflictException", new DeleteCertificateRequest(id, ForceDelete: true));
        await InvokeAsync(new DetachThingPrincipalRequest("s-1", arn));
        await RefusedAsync("DeleteConflictException", new DeleteCertificateRequest(id));
        await InvokeAsync(new DeleteCertificateRequest(id, ForceDelete: true));
        await RefusedAsync("ResourceNotFoundException", new DeleteCertificateRequest(id));
        await InvokeAsync(new DeletePolicyRequest("p"));
    }

    [Fact]
    public async Task A_certificate_of_ones_own_is_registered_once()
    {
        var ca = await Registry.RegisterCaAsync();
        var device = Make.Device(ca);
        var registered = await InvokeAsync(new RegisterCertificateRequest(device.Pem, Status: "ACTIVE"));
        Assert.Equal(device.Id, registered.CertificateId);
        var described = (await InvokeAsync(new DescribeCertificateRequest(device.Id))).CertificateDescription!;
        Assert.Equal((ca.Certificate.Id, "ACTIVE"), (described.CaCertificateId, described.Status));

        var error = await RefusedAsync("ResourceAlreadyExistsException", new RegisterCertificateRequest(device.Pem));
        Assert.Equal(("The certificate is already provisioned or registered", device.Id, registered.CertificateArn), (error.Message, error.ResourceId, error.ResourceArn));
        await RefusedAsync("ResourceAlreadyExistsException", new RegisterCertificateWithoutCARequest(device.Pem));

        var another = Make.Device(ca);
        await InvokeAsync(new RegisterCertificateRequest(another.Pem));
        Assert.Equal("INACTIVE", await StatusAsync(another.Id));
        Assert.Equal([another.Id, device.Id], (await InvokeAsync(new ListCertificatesByCARequest(ca.Certificate.Id))).Certificates!.Select(c => c.CertificateId));
        Assert.Empty((await InvokeAsync(new ListCertificatesByCARequest(new string('0', 64)))).Certificates!);
        await RefusedAsync("InvalidRequestException", new RegisterCertificateRequest(Make.Device(ca).Pem, Status: "PENDING_ACTIVATION"));
        await RefusedAsync("CertificateValidationException", new RegisterCertificateRequest("no certificate"));
    }

    [Fact]
    public async Task A_certificate_without_a_registered_CA_is_registered_only_as_one()
    {
        var device = Make.Device(Make.Ca("Stranger"));
        await RefusedAsync("CertificateValidationException", new RegisterCertificateRequest(device.Pem));
        await InvokeAsync(new RegisterCertificateWithoutCARequest(device.Pem, "ACTIVE"));
        var described = (await InvokeAsync(new DescribeCertificateRequest(device.Id))).CertificateDescription!;
        Assert.Equal(("SNI_ONLY", "ACTIVE"), (described.CertificateMode, described.Status));
    }

    [Fact]
    public async Task An_inactive_CA_blocks_new_certificates_and_leaves_the_old_ones()
    {
        var ca = await Registry.RegisterCaAsync();
        var old = Make.Device(ca);
        await InvokeAsync(new RegisterCertificateRequest(old.Pem, Status: "ACTIVE"));
        await InvokeAsync(new UpdateCACertificateRequest(ca.Certificate.Id, "INACTIVE"));
        await RefusedAsync("CertificateValidationException", new RegisterCertificateRequest(Make.Device(ca).Pem));
        Assert.Equal("ACTIVE", await StatusAsync(old.Id));
        await InvokeAsync(new DeleteCACertificateRequest(ca.Certificate.Id));
        Assert.Equal("ACTIVE", await StatusAsync(old.Id));
        Assert.Null((await InvokeAsync(new DescribeCertificateRequest(old.Id))).CertificateDescription!.CaCertificateId);
    }

    [Fact]
    public async Task Of_CAs_with_one_name_the_one_that_signed_is_found_and_of_the_same_key_it_has_to_be_named()
    {
        var ca = await Registry.RegisterCaAsync("Twin");
        var other = await Registry.RegisterCaAsync("Twin");
        var ofOther = Make.Device(other);
        await InvokeAsync(new RegisterCertificateRequest(ofOther.Pem));
        Assert.Equal(other.Certificate.Id, (await InvokeAsync(new DescribeCertificateRequest(ofOther.Id))).CertificateDescription!.CaCertificateId);

        var renewed = Make.Renewed(ca);
        await InvokeAsync(await Registry.RegistrationOfAsync(renewed));
        var device = Make.Device(ca);
        await RefusedAsync("CertificateConflictException", new RegisterCertificateRequest(device.Pem));
        await RefusedAsync("CertificateValidationException", new RegisterCertificateRequest(device.Pem, other.Certificate.Pem));
        await RefusedAsync("CertificateValidationException", new RegisterCertificateRequest(device.Pem, Make.Ca("Twin").Certificate.Pem));
        await InvokeAsync(new RegisterCertificateRequest(device.Pem, renewed.Certificate.Pem));
        Assert.Equal(renewed.Certificate.Id, (await InvokeAsync(new DescribeCertificateRequest(device.Id))).CertificateDescription!.CaCertificateId);
    }

    public sealed class AsAwsMakesThem : RegistryTestBase
    {
        private protected override RegistrySettings Settings => new();

        [Fact]
        public async Task Keys_are_RSA_2048_unless_the_registry_is_told_otherwise()
        {
            var created = await InvokeAsync(new CreateKeysAndCertificateRequest());
            Assert.StartsWith("-----BEGIN RSA PRIVATE KEY-----", created.KeyPair!.PrivateKey, StringComparison.Ordinal);
            using var certificate = X509Certificate2.CreateFromPem(created.CertificatePem!, created.KeyPair.PrivateKey!);
            using var key = certificate.GetRSAPublicKey()!;
            Assert.Equal(2048, key.KeySize);
            Assert.Equal(key.ExportSubjectPublicKeyInfoPem(), created.KeyPair.PublicKey!.Trim());
        }
    }

    private async Task<string?> StatusAsync(string id) => (await InvokeAsync(new DescribeCertificateRequest(id))).CertificateDescription!.Status;
}
