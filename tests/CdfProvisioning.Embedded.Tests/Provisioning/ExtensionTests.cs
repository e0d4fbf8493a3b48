using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What each CDF extension does, with and without transactions.</summary>
public sealed class ExtensionTests
{
    public static TheoryData<string, bool> Extensions
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var extension in ExtensionTemplates.All.Keys)
            {
                data.Add(extension, true);
                data.Add(extension, false);
            }

            return data;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_device_gets_all_that_its_template_says(string extension, bool hasTransactions)
    {
        await using var factory = await Factory.OpenAsync();
        var things = factory.ThingsOver(hasTransactions);

        var response = await things.ProvisionAsync(await factory.RequestAsync(ExtensionTemplates.All[extension], "a"), Cancellation);

        var thing = await factory.Connection.Things.GetAsync("a", Cancellation);
        var certificate = Assert.Single(thing.Certificates);
        Assert.Equal("sensor", thing.ThingType);
        Assert.Equal("Ulm", thing.Attributes["site"]);
        Assert.Equal("sensors", Assert.Single(thing.Groups).GroupName);
        Assert.Equal("INACTIVE", certificate.CertificateStatus);
        Assert.Equal(certificate.CertificatePem, response.CertificatePem);
        Assert.Equal(5, thing.Policies.Count);
        Assert.Contains(thing.Policies, p => p.PolicyName == "further" && p.PolicyDocument == Make.PolicyDocument("iot:Subscribe"));
        Assert.Contains(thing.Policies, p => p.PolicyName == "clientIdEnforcementPolicy_a" && p.PolicyDocument!.Contains(":client/a\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edited_further_policy_is_one_of_its_own_name_that_equal_documents_share()
    {
        await using var factory = await Factory.OpenAsync();
        var template = ExtensionTemplates.All["createDeviceCertificate"];
        var edited = template.Replace("iot:Subscribe", "iot:Publish", StringComparison.Ordinal);

        await factory.ProvisionAsync(template, "a");
        await factory.ProvisionAsync(edited, "b");
        await factory.ProvisionAsync(edited, "c");

        Assert.Equal(["further"], await FurtherAsync("a"));
        var name = Assert.Single(await FurtherAsync("b"));
        Assert.Matches("^further_[0-9a-f]{8}$", name);
        Assert.Equal([name], await FurtherAsync("c"));

        async Task<IEnumerable<string>> FurtherAsync(string thing) => (await factory.Connection.Things.GetAsync(thing, Cancellation)).Policies
            .Select(policy => policy.PolicyName).Where(policy => policy.StartsWith("further", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("createDeviceCertificate")]
    [InlineData("createDeviceAWSCertificate")]
    [InlineData("acmpca with CA")]
    [InlineData("acmpca without CA")]
    public async Task A_key_that_is_made_for_a_device_is_in_the_answer_and_fits_its_certificate(string extension)
    {
        await using var factory = await Factory.OpenAsync();

        var response = await factory.ProvisionAsync(ExtensionTemplates.All[extension], "a");

        using var pair = X509Certificate2.CreateFromPem(response.CertificatePem, response.PrivateKey);
        using var key = ECDsa.Create();
        key.ImportFromPem(response.PublicKey);
        Assert.Equal(pair.PublicKey.ExportSubjectPublicKeyInfo(), key.ExportSubjectPublicKeyInfo());
    }

    [Theory]
    [InlineData("createDeviceCertificate")]
    [InlineData("acmpca with CA")]
    [InlineData("acmpca without CA")]
    public async Task A_certificate_has_the_subject_and_the_days_of_the_request(string extension)
    {
        await using var factory = await Factory.OpenAsync();
        var parameters = factory.CdfParameters("a") with { CertInfo = new CertInfo { CommonName = "device a", Country = "DE", DaysExpiry = 30 } };

        var response = await factory.ProvisionAsync(ExtensionTemplates.All[extension], "a", parameters);

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
        Assert.Equal("CN=device a, C=DE", certificate.Subject);
        Assert.Equal("CN=Factory CA", certificate.Issuer);
        Assert.Equal(30, (certificate.NotAfter - DateTime.Now).TotalDays, 0.1);
    }

    [Theory]
    [InlineData("createDeviceCertificate", null, null, 256)]
    [InlineData("createDeviceCertificate", "RSA2048", null, 2048)]
    [InlineData("createDeviceCertificate", "RSA2048", "p384", 384)]
    [InlineData("acmpca with CA", "P384", null, 384)]
    [InlineData("acmpca without CA", null, "RSA2048", 2048)]
    [InlineData("createDeviceAWSCertificate", "P384", null, 384)]
    public async Task A_key_is_made_of_the_devices_algorithm_else_the_connections(string extension, string? connection, string? device, int bits)
    {
        await using var factory = await Factory.OpenAsync(new ProvisioningSettings { KeyAlgorithm = connection is null ? null : KeyAlgorithms.Parse(connection) });
        var parameters = factory.CdfParameters("a") with { CertInfo = new CertInfo { CommonName = "device a", KeyAlgorithm = device } };

        var response = await factory.ProvisionAsync(ExtensionTemplates.All[extension], "a", parameters);

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem, response.PrivateKey);
        Assert.Equal(bits, certificate.GetRSAPublicKey()?.KeySize ?? certificate.GetECDsaPublicKey()!.KeySize);
    }

    [Theory, InlineData("createDeviceCertificate"), InlineData("acmpca without CA")]
    public async Task A_key_algorithm_that_there_is_not_is_refused_with_those_there_are(string extension)
    {
        await using var factory = await Factory.OpenAsync();
        var parameters = factory.CdfParameters("a") with { CertInfo = new CertInfo { CommonName = "a", KeyAlgorithm = "DSA" } };

        var error = await Assert.ThrowsAsync<CdfException>(() => factory.ProvisionAsync(ExtensionTemplates.All[extension], "a", parameters));

        Assert.Contains("RSA2048, P256 or P384", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createDeviceCertificate")]
    [InlineData("acmpca with CA")]
    public async Task Without_days_the_connections_setting_counts(string extension)
    {
        await using var factory = await Factory.OpenAsync(new ProvisioningSettings { DeviceCertificateExpiryDays = 7 });

        var response = await factory.ProvisionAsync(ExtensionTemplates.All[extension], "a");

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
        Assert.Equal(7, (certificate.NotAfter - DateTime.Now).TotalDays, 0.1);
    }

    [Theory]
    [InlineData("createDeviceCertificate", 0)]
    [InlineData("createDeviceCertificate", 2000)]
    [InlineData("acmpca without CA", -1)]
    [InlineData("acmpca without CA", 2000)]
    [InlineData("acmpca without CA", int.MaxValue)]
    public async Task Days_that_are_not_possible_are_refused(string extension, int days)
    {
        await using var factory = await Factory.OpenAsync();
        var parameters = factory.CdfParameters("a") with { CertInfo = new CertInfo { CommonName = "a", DaysExpiry = days } };

        Assert.Equal(CdfErrorCode.InvalidRequest, (await RefusedAsync(factory, extension, parameters)).Code);
    }

    [Fact]
    public async Task ACM_PCA_signs_the_devices_own_request_and_no_key_is_made()
    {
        await using var factory = await Factory.OpenAsync();
        var parameters = factory.CdfParameters("a") with { Csr = Make.Csr("own"), CertInfo = null };

        var response = await factory.ProvisionAsync(ExtensionTemplates.All["acmpca without CA"], "a", parameters);

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
        Assert.Equal("CN=own", certificate.Subject);
        Assert.Null(response.PrivateKey);
    }

    [Fact]
    public async Task A_certificate_of_ACM_PCA_is_registered_with_its_CA_or_without()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["acmpca with CA"], "a");
        await factory.ProvisionAsync(ExtensionTemplates.All["acmpca without CA"], "b");

        Assert.Equal((factory.Ca.CaId, "DEFAULT"), await CaOfAsync(factory, "a"));
        Assert.Equal((null, "SNI_ONLY"), await CaOfAsync(factory, "b"));
    }

    [Fact]
    public async Task Aliases_stand_for_ARNs_in_any_case()
    {
        var environment = new Dictionary<string, string>();
        await using var factory = await Factory.OpenAsync();
        environment["PCA_FACTORY"] = factory.Ca.PrivateCaArn!;
        environment["CA_FACTORY"] = factory.Ca.Arn!;
        var parameters = new CdfProvisioningParameters { AcmpcaCaAlias = "factory", AwsiotCaAlias = "Factory", CertInfo = new CertInfo { CommonName = "a" } };

        var things = factory.ServiceOver(factory.Connection.Registry, ProvisioningSettings.From(environment));
        await things.ProvisionAsync(await factory.RequestAsync(ExtensionTemplates.All["acmpca with CA"], "a", parameters), Cancellation);

        Assert.Equal((factory.Ca.CaId, "DEFAULT"), await CaOfAsync(factory, "a"));
    }

    [Theory]
    [InlineData("createDeviceCertificate", "caId")]
    [InlineData("registerDeviceCertificateWithoutCA", "certificatePem")]
    [InlineData("acmpca without CA", "acmpcaCaArn")]
    [InlineData("acmpca with CA", "acmpcaCaArn")]
    public async Task What_an_extension_needs_and_does_not_get_is_named(string extension, string parameter)
    {
        await using var factory = await Factory.OpenAsync();

        Assert.Contains(parameter, (await RefusedAsync(factory, extension, new CdfProvisioningParameters())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_alias_is_refused_with_the_variable_that_would_define_it()
    {
        await using var factory = await Factory.OpenAsync();

        var error = await RefusedAsync(factory, "acmpca without CA", new CdfProvisioningParameters { AcmpcaCaAlias = "plant" });

        Assert.Contains("PCA_PLANT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACM_PCA_needs_a_request_or_a_subject()
    {
        await using var factory = await Factory.OpenAsync();

        var error = await RefusedAsync(factory, "acmpca without CA", factory.CdfParameters("a") with { CertInfo = null });

        Assert.Contains("'csr'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'certInfo'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registering_with_a_CA_that_did_not_sign_fails_and_leaves_nothing()
    {
        await using var factory = await Factory.OpenAsync();
        var other = await factory.Connection.CertificateAuthorities.CreateAsync(new SubjectFields("Other CA"), TimeSpan.FromDays(900), Cancellation);
        var before = await factory.FactsAsync();

        var error = await RefusedAsync(factory, "acmpca with CA", factory.CdfParameters("a") with { AwsiotCaArn = other.Arn });

        Assert.Contains("not signed by the given CA", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await factory.FactsAsync());
    }

    [Fact]
    public async Task Further_policies_are_made_once_and_attached_to_every_device()
    {
        await using var factory = await Factory.OpenAsync();
        foreach (var thing in new[] { "a", "b", "a" })
            await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], thing);

        var facts = await factory.FactsAsync();
        Assert.Single(facts, fact => fact == "policy further");
        Assert.Equal(3, facts.Count(fact => fact.StartsWith("policy further attached", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_further_policy_that_goes_with_the_failure_of_the_device_that_made_it_is_made_again()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var answers = new Queue<CdfException>([
            IotErrorType.ResourceAlreadyExists.Error("The other device has just made it."), IotErrorType.ResourceNotFound.Error("The other device has just taken it away."),
        ]);
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesCall = call => call is CreatePolicyRequest { PolicyName: "further" } or AttachPolicyRequest { PolicyName: "further" } && answers.TryDequeue(out var answer) ? answer : null,
        };

        await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation);

        Assert.Empty(answers);
        Assert.Single(await factory.FactsAsync(), fact => fact.StartsWith("policy further attached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_id_policy_that_the_original_service_made_is_used_as_it_is()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreatePolicyRequest("clientIdEnforcementPolicy_a", Make.PolicyDocument("iot:*")));

        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");

        Assert.Contains($"policy clientIdEnforcementPolicy_a says {Make.PolicyDocument("iot:*")}", await factory.FactsAsync());
    }

    private static async Task<CdfException> RefusedAsync(Factory factory, string extension, CdfProvisioningParameters parameters) =>
        await Assert.ThrowsAsync<CdfException>(async () => await factory.ProvisionAsync(ExtensionTemplates.All[extension], "a", parameters));

    private static async Task<(string? CaId, string? Mode)> CaOfAsync(Factory factory, string thing)
    {
        var certificate = (await factory.Connection.Things.GetAsync(thing, Cancellation)).Certificates.Single();
        var described = (await factory.InvokeAsync(new DescribeCertificateRequest(certificate.CertificateId))).CertificateDescription!;
        return (described.CaCertificateId, described.CertificateMode);
    }
}
