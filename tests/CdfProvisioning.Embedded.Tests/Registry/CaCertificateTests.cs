using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class CaCertificateTests : RegistryTestBase
{
    private const string Template = """
        {"Parameters":{"AWS::IoT::Certificate::Id":{"Type":"String"}},"Resources":{"certificate":{"Type":"AWS::IoT::Certificate","Properties":{"CertificateId":{"Ref":"AWS::IoT::Certificate::Id"}}}}}
        """;

    [Fact]
    public async Task The_registration_code_stays_until_it_is_deleted()
    {
        var code = await CodeAsync();
        Assert.Matches("^[0-9a-f]{64}$", code);
        Assert.Equal(code, await CodeAsync());
        await InvokeAsync(new DeleteRegistrationCodeRequest());
        await InvokeAsync(new DeleteRegistrationCodeRequest());
        Assert.NotEqual(code, await CodeAsync());
    }

    [Fact]
    public async Task Who_registers_a_CA_proves_to_have_its_key()
    {
        var ca = Make.Ca("Ours");
        var code = await CodeAsync();
        var good = CertificateAuthorities.IssueVerification(ca, code).Pem;
        await RefusedAsync("InvalidRequestException", new RegisterCACertificateRequest(ca.Certificate.Pem));
        await RefusedAsync("CertificateValidationException", new RegisterCACertificateRequest(ca.Certificate.Pem, CertificateAuthorities.IssueVerification(Make.Ca("Ours"), code).Pem));
        await RefusedAsync("RegistrationCodeValidationException", new RegisterCACertificateRequest(ca.Certificate.Pem, CertificateAuthorities.IssueVerification(ca, "0123").Pem));
        await RefusedAsync("CertificateValidationException", new RegisterCACertificateRequest(Make.Device(ca).Pem, good));
        await RefusedAsync("InvalidRequestException", new RegisterCACertificateRequest(ca.Certificate.Pem, good, CertificateMode: "SNI_ONLY"));
        await RefusedAsync("InvalidRequestException", new RegisterCACertificateRequest(ca.Certificate.Pem, good, CertificateMode: "OTHER"));
        Assert.Empty((await InvokeAsync(new ListCACertificatesRequest())).Certificates!);

        var registered = await InvokeAsync(new RegisterCACertificateRequest(ca.Certificate.Pem, good));
        Assert.Equal(($"{TestRegistry.Arn}:cacert/{ca.Certificate.Id}", ca.Certificate.Id), (registered.CertificateArn, registered.CertificateId));
        await RefusedAsync("ResourceAlreadyExistsException", new RegisterCACertificateRequest(ca.Certificate.Pem, good));

        await InvokeAsync(new DeleteRegistrationCodeRequest());
        await CodeAsync();
        await RefusedAsync("RegistrationCodeValidationException", new RegisterCACertificateRequest(ca.Certificate.Pem, good));
    }

    [Fact]
    public async Task A_CA_for_SNI_needs_no_proof()
    {
        var ca = Make.Ca("Ours");
        await InvokeAsync(new RegisterCACertificateRequest(ca.Certificate.Pem, SetAsActive: true, CertificateMode: "SNI_ONLY"));
        Assert.Equal("SNI_ONLY", (await InvokeAsync(new DescribeCACertificateRequest(ca.Certificate.Id))).CertificateDescription!.CertificateMode);
        var device = Make.Device(ca);
        await InvokeAsync(new RegisterCertificateRequest(device.Pem));
        Assert.Equal("SNI_ONLY", (await InvokeAsync(new DescribeCertificateRequest(device.Id))).CertificateDescription!.CertificateMode);
    }

    [Fact]
    public async Task A_CA_is_described_changed_and_deleted_once_inactive()
    {
        var ca = Make.Ca("Ours");
        await InvokeAsync(await Registry.RegistrationOfAsync(ca, active: false) with { AllowAutoRegistration = true, RegistrationConfig = new(Template, "arn:aws:iam::123456789012:role/r") });
        var id = ca.Certificate.Id;
        var described = await InvokeAsync(new DescribeCACertificateRequest(id));
        Assert.Equal(("INACTIVE", "ENABLE", 1), (described.CertificateDescription!.Status, described.CertificateDescription.AutoRegistrationStatus, described.CertificateDescription.CustomerVersion));
        Assert.Equal(ca.Certificate.Pem, described.CertificateDescription.CertificatePem);
        Assert.Equal(Template, described.RegistrationConfig!.TemplateBody);

        await InvokeAsync(new CreateProvisioningTemplateRequest("fleet", Template, "arn:aws:iam::123456789012:role/provisioning", Type: "JITP"));
        await InvokeAsync(new UpdateCACertificateRequest(id, "ACTIVE", "DISABLE", new(TemplateName: "fleet")));
        described = await InvokeAsync(new DescribeCACertificateRequest(id));
        Assert.Equal(("ACTIVE", "DISABLE", "fleet"), (described.CertificateDescription!.Status, described.CertificateDescription.AutoRegistrationStatus, described.RegistrationConfig!.TemplateName));
        Assert.Single((await InvokeAsync(new ListCACertificatesRequest(TemplateName: "fleet"))).Certificates!);
        Assert.Empty((await InvokeAsync(new ListCACertificatesRequest(TemplateName: "other"))).Certificates!);
        await InvokeAsync(new UpdateCACertificateRequest(id, RemoveAutoRegistration: true));
        Assert.Null((await InvokeAsync(new DescribeCACertificateRequest(id))).RegistrationConfig);

        await RefusedAsync("InvalidRequestException", new UpdateCACertificateRequest(id, "REVOKED"));
        await RefusedAsync("InvalidRequestException", new UpdateCACertificateRequest(id, NewAutoRegistrationStatus: "MAYBE"));
        await RefusedAsync("CertificateStateException", new DeleteCACertificateRequest(id));
        await InvokeAsync(new UpdateCACertificateRequest(id, "INACTIVE"));
        await InvokeAsync(new DeleteCACertificateRequest(id));
        await RefusedAsync("ResourceNotFoundException", new DescribeCACertificateRequest(id));
    }

    [Theory, InlineData("{"), InlineData("{}"), InlineData("""{"Resources":{"thing":{"Type":"AWS::IoT::Nothing"}}}""")]
    public async Task A_template_for_just_in_time_provisioning_is_one(string template)
    {
        var ca = Make.Ca("Ours");
        var role = "arn:aws:iam::123456789012:role/r";
        var error = await RefusedAsync("InvalidRequestException", await Registry.RegistrationOfAsync(ca) with { RegistrationConfig = new(template, role) });
        Assert.StartsWith("Invalid registration template. ", error.Message, StringComparison.Ordinal);
        await InvokeAsync(await Registry.RegistrationOfAsync(ca));
        await RefusedAsync("InvalidRequestException", new UpdateCACertificateRequest(ca.Certificate.Id, RegistrationConfig: new(template, role)));
    }

    [Fact]
    public async Task Ten_CAs_may_have_one_name()
    {
        for (var i = 0; i < 10; i++)
            await Registry.RegisterCaAsync("Same");
        await RefusedAsync("LimitExceededException", await Registry.RegistrationOfAsync(Make.Ca("Same")));
        await Registry.RegisterCaAsync("Other");
    }

    private async Task<string> CodeAsync() => (await InvokeAsync(new GetRegistrationCodeRequest())).RegistrationCode!;
}
