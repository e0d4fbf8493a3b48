using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class ResourceTests
{
    [Fact]
    public void A_policy_is_created_got_and_removed()
    {
        using var session = new Session();

        dynamic policy = session.Get("New-CdfPolicy p -Path $args[0]", session.Write("p.json", TestTemplates.PolicyDocument)).Single();

        Assert.Equal("p", policy.PolicyName);
        Assert.Equal(TestTemplates.PolicyDocument, policy.PolicyDocument);
        Assert.Single(session.Get("Get-CdfPolicy P*"));
        session.Get("Get-CdfPolicy | Remove-CdfPolicy -Confirm:$false");
        Assert.Empty(session.Get("Get-CdfPolicy"));
    }

    [Fact]
    public void A_policy_that_is_attached_cannot_be_removed()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThing withkey @{ ThingName = 'a' }");

        Assert.StartsWith("Conflict,", session.Error("Remove-CdfPolicy sensors -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_exists_is_a_conflict()
    {
        using var session = new Session().Prepare();

        Assert.StartsWith("Conflict,", session.Error("New-CdfPolicy sensors $args[0]", TestTemplates.PolicyDocument).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thing_type_is_created_got_and_removed()
    {
        using var session = new Session();

        Assert.Equal("d", session.Get("(New-CdfThingType t -Description 'd' -SearchableAttribute a, b).Description").Single().BaseObject);
        Assert.Equal(["a", "b"], session.Get("(Get-CdfThingType t).SearchableAttributes").Select(name => $"{name}"));
        session.Get("Get-CdfThingType | Remove-CdfThingType -Confirm:$false");
        Assert.Empty(session.Get("Get-CdfThingType"));
    }

    [Fact]
    public void Thing_groups_know_their_parent()
    {
        using var session = new Session();
        session.Get("New-CdfThingGroup top -Description 'd' -Attribute @{ site = 'ulm' }");

        Assert.Equal("top", session.Get("(New-CdfThingGroup inner -ParentGroup top).ParentGroupName").Single().BaseObject);
        Assert.Equal("ulm", session.Get("(Get-CdfThingGroup top).Attributes['site']").Single().BaseObject);
        session.Error("Remove-CdfThingGroup top -Confirm:$false");
        session.Get("Remove-CdfThingGroup inner, top -Confirm:$false");
        Assert.StartsWith("NotFound,", session.Error("Remove-CdfThingGroup top -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_authority_is_made_got_and_removed()
    {
        using var session = new Session();

        dynamic authority = session.Get("New-CdfCertificateAuthority Factory -Organization Example -Country DE -ValidityDays 30").Single();

        using var certificate = X509Certificate2.CreateFromPem(authority.CertificatePem);
        Assert.Equal("CN=Factory, O=Example, C=DE", certificate.Subject);
        Assert.Equal("ACTIVE", authority.Status);
        Assert.True(authority.HasPrivateKey);
        Assert.Single(session.Get($"Get-CdfCertificateAuthority {((string)authority.CaId)[..5]}*"));
        session.Get("Get-CdfCertificateAuthority | Remove-CdfCertificateAuthority -Confirm:$false");
        Assert.Empty(session.Get("Get-CdfCertificateAuthority"));
    }

    [Fact]
    public void A_certificate_authority_is_imported_with_its_encrypted_key()
    {
        using var session = new Session();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Elsewhere", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var certificatePath = session.Write("ca.pem", certificate.ExportCertificatePem());
        var keyPath = session.Write("ca.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        const string Import = "New-CdfCertificateAuthority -CertificatePath $args[0] -PrivateKeyPath $args[1] -Password ([System.Net.NetworkCredential]::new('', $args[2]).SecurePassword)";

        var wrong = session.Error(Import, certificatePath, keyPath, "wrong");
        dynamic authority = session.Get(Import, certificatePath, keyPath, "secret").Single();

        Assert.StartsWith("InvalidRequest,", wrong.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("CN=Elsewhere", authority.Subject);
    }

    [Theory]
    [InlineData("New-CdfPolicy p '{}'", "Get-CdfPolicy")]
    [InlineData("New-CdfThingType t", "Get-CdfThingType")]
    [InlineData("New-CdfThingGroup g", "Get-CdfThingGroup")]
    [InlineData("New-CdfCertificateAuthority c", "Get-CdfCertificateAuthority")]
    public void WhatIf_creates_nothing(string create, string list)
    {
        using var session = new Session();

        Assert.Empty(session.Get($"{create} -WhatIf"));
        Assert.Empty(session.Get(list));
    }
}
