using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class CdfExtensionTests
{
    private const string AcmPca = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }
          },
          "CDF": { "acmpca": { "mode": "REGISTER_WITH_CA" } }
        }
        """;

    [Fact]
    public void A_CA_issues_as_ACM_PCA_under_an_alias_of_the_connection()
    {
        TestBackend.SkipWithoutPrivateCa();
        using var session = new Session();
        session.Get("Set-CdfTemplate acmpca -Body $args[0]", AcmPca);

        dynamic response = session.Get(
            """
            $ca = New-CdfCertificateAuthority 'Test CA'
            $null = Connect-Cdf -Path $args[0] -PrivateCaAlias @{ factory = $ca.PrivateCaArn } -CaAlias @{ factory = $ca.Arn } -DeviceCertificateExpiryDays 30
            New-CdfThing acmpca @{ ThingName = 'a' } -CdfParameters @{ acmpcaCaAlias = 'factory'; awsiotCaAlias = 'factory'; certInfo = @{ commonName = '{ThingName}' } }
            """,
            session.PathOf("registry")).Single();

        using var pair = X509Certificate2.CreateFromPem(response.CertificatePem, response.PrivateKey);
        Assert.Equal("CN=a", pair.Subject);
        Assert.Equal(30, (pair.NotAfter - DateTime.Now).TotalDays, 0.1);
    }

    [Fact]
    public void A_list_names_the_file_of_each_devices_request()
    {
        TestBackend.SkipWithoutPrivateCa();
        using var session = new Session().Prepare();
        session.Get("Set-CdfTemplate acmpca -Body $args[0]", AcmPca);
        session.Write("a.csr", Csr("device a"));
        session.Write("b.csr", Csr("device b"));
        var list = session.Write("list.csv", "ThingName,File\na,a.csr\nb,b.csr\n");

        session.Get(
            """
            $ca = New-CdfCertificateAuthority 'Test CA'
            Start-CdfBulkRegistration acmpca $args[0] -CsrFileColumn File -CdfParameters @{ acmpcaCaArn = $ca.PrivateCaArn; awsiotCaArn = $ca.Arn } -Wait
            Start-CdfBulkRegistration sensor-csr $args[0] -CsrFileColumn File -Wait
            """,
            list);

        Assert.Equal(4, session.Get("(Get-CdfThing).Certificates").Count);
        using var certificate = X509Certificate2.CreateFromPem($"{session.Get("(Get-CdfThing b).Certificates[0].CertificatePem").Single()}");
        Assert.Equal("CN=device b", certificate.Subject);
    }

    [Fact]
    public void A_request_file_that_is_missing_ends_the_command_before_anything_is_registered_and_WhatIf_lists_it()
    {
        using var session = new Session().Prepare();
        session.Write("a.csr", Csr("a"));
        var list = session.Write("list.csv", "ThingName,File\na,a.csr\nb,missing.csr\nc,\n");

        dynamic check = session.Get("Start-CdfBulkRegistration sensor-csr $args[0] -CsrFileColumn File -WhatIf", list).Single();
        var error = session.Error("Start-CdfBulkRegistration sensor-csr $args[0] -CsrFileColumn File -Wait", list);

        Assert.Equal(2, check.BadRows.Count);
        Assert.Contains("Row 2", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(session.Get("Get-CdfThing"));
    }

    [Fact]
    public void A_thing_is_removed_with_what_is_only_its_own()
    {
        using var session = new Session().Prepare();
        session.Get("1..2 | ForEach-Object { New-CdfThing withkey @{ ThingName = \"a$_\" } }");

        session.Get("Remove-CdfThing a1 -IncludeCertificates -IncludePolicies -Confirm:$false");
        Assert.Single(session.Get("Get-CdfPolicy sensors"));

        session.Get("Remove-CdfThing a2 -IncludeCertificates -IncludePolicies -Confirm:$false");
        Assert.Empty(session.Get("Get-CdfPolicy"));
    }

    [Fact]
    public void A_template_is_tested_against_the_registry_and_with_parameters()
    {
        using var session = new Session();
        var template = TestTemplates.WithKey;

        dynamic warning = session.Get("Test-CdfTemplate -Body $args[0]", template).Single();
        Assert.Contains("no policy 'sensors'", warning.Message, StringComparison.Ordinal);
        Assert.Equal(9, warning.Line);

        session.Get("New-CdfPolicy sensors $args[0]", TestTemplates.PolicyDocument);
        dynamic plan = session.Get("Test-CdfTemplate -Body $args[0] -Parameters @{ ThingName = 'a' }", template).Single();
        Assert.Equal("a", plan.ThingName);
        Assert.Equal("sensors", string.Join(",", plan.Policies));
        Assert.Empty(plan.Problems);
        Assert.Empty(session.Get("Get-CdfThing"));
    }

    private static string Csr(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }
}
