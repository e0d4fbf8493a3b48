using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class ThingTests
{
    private const string KeyMark = "PRIVATE KEY";

    [Fact]
    public void A_device_is_provisioned_from_a_hashtable()
    {
        using var session = new Session().Prepare();

        dynamic response = session.Get("New-CdfThing -TemplateId plain -Parameters @{ ThingName = 'a'; Model = 7 }").Single();
        dynamic thing = session.Get("Get-CdfThing a").Single();

        Assert.Equal("a", response.ThingName);
        Assert.Equal("7", thing.Attributes["model"]);
    }

    [Fact]
    public void Devices_are_provisioned_from_piped_objects()
    {
        using var session = new Session().Prepare();

        session.Get("@([pscustomobject]@{ ThingName = 'a' }, @{ ThingName = 'b'; Model = $null }) | New-CdfThing -TemplateId plain");

        Assert.Equal(["a", "b"], session.Get("(Get-CdfThing).ThingName").Select(name => $"{name}"));
    }

    [Theory]
    [InlineData("Get-CdfThingGroup plant | Get-CdfThing", "a b")]
    [InlineData("Get-CdfThingGroup other, plant | Get-CdfThing", "c a b")]
    [InlineData("Get-CdfThingGroup plant | Get-CdfThing b*", "b")]
    [InlineData("Get-CdfThingGroup plant | Get-CdfThing -ThingType pump", "a")]
    [InlineData("Get-CdfThingType pump | Get-CdfThing", "a c")]
    [InlineData("Get-CdfThingType pump | Get-CdfThing -Group plant", "a")]
    [InlineData("Get-CdfThing -ThingType pump -Group plant", "a")]
    [InlineData("Get-CdfThing c | Get-CdfThing", "c")]
    [InlineData("'c', 'a' | Get-CdfThing", "c a")]
    [InlineData("[pscustomobject]@{ ThingName = 'b'; ThingType = 'pump' } | Get-CdfThing", "b")]
    public void A_group_or_a_type_that_is_piped_stands_for_its_things(string script, string names)
    {
        using var session = new Session();
        session.Get("Set-CdfTemplate member -Body $args[0]", TestTemplates.Member);
        session.Get("New-CdfThingType pump; New-CdfThingType none; New-CdfThingGroup plant; New-CdfThingGroup other");
        session.Get("New-CdfThing member @{ ThingName = 'a'; Type = 'pump'; Group = 'plant' }");
        session.Get("New-CdfThing member @{ ThingName = 'b'; Type = 'none'; Group = 'plant' }");
        session.Get("New-CdfThing member @{ ThingName = 'c'; Type = 'pump'; Group = 'other' }");

        Assert.Equal(names, string.Join(' ', session.Get($"({script}).ThingName")));
    }

    [Fact]
    public void A_bad_device_in_a_pipeline_is_an_error_and_the_others_go_on()
    {
        using var session = new Session().Prepare();

        var run = session.Run("@{ ThingName = 'a' }, @{ ThingName = 'not allowed!' }, @{ Model = 'x' }, @{ ThingName = 'b' } | New-CdfThing -TemplateId plain");

        Assert.Equal(2, run.Errors.Count);
        Assert.Equal(2, run.Output.Count);
        Assert.Contains("not allowed!", run.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("ThingName", run.Errors[1].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_template_is_not_found()
    {
        using var session = new Session();

        var error = session.Error("New-CdfThing nosuch @{ ThingName = 'a' }");

        Assert.Equal("NotFound,CdfProvisioning.PowerShell.NewCdfThingCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Contains("nosuch", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'text'")]
    [InlineData("@{ ThingName = @('a', 'b') }")]
    [InlineData("42")]
    public void Parameters_that_are_none_are_refused(string parameters)
    {
        using var session = new Session().Prepare();

        Assert.Contains("parameter", session.Error($"New-CdfThing plain {parameters}").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_shows_what_would_be_registered_and_registers_nothing()
    {
        using var home = new TempFolder();
        home.Write("plain.json", TestTemplates.Plain);

        var run = await ShellProcess.RunAsync(home.Path, "-c", "Set-CdfTemplate plain ./plain.json; New-CdfThing plain @{ ThingName = 'a' } -WhatIf; \"things: $(@(Get-CdfThing).Length)\"");

        Assert.Contains("What if: Register thing 'a'", run.Output, StringComparison.Ordinal);
        Assert.Contains("model=m1", run.Output, StringComparison.Ordinal);
        Assert.Contains("things: 0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_made_key_fits_its_certificate()
    {
        using var session = new Session().Prepare();

        dynamic response = session.Get("New-CdfThing withkey @{ ThingName = 'a' }").Single();

        using var pair = X509Certificate2.CreateFromPem(response.CertificatePem, response.PrivateKey);
        Assert.True(pair.HasPrivateKey);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Get-CdfConnection; ", "")]
    [InlineData("Get-CdfPolicy; ", "")]
    [InlineData("$device = ", "; Remove-Module CdfProvisioning; $device")]
    public async Task The_default_view_does_not_show_the_private_key_whatever_comes_before_and_after(string before, string after)
    {
        using var home = new TempFolder();
        home.Write("withkey.json", TestTemplates.WithKey);

        var run = await ShellProcess.RunAsync(
            home.Path, "-c", $"$null = New-CdfPolicy sensors '{TestTemplates.PolicyDocument}'; Set-CdfTemplate withkey ./withkey.json; {before}New-CdfThing withkey @{{ ThingName = 'a' }} -Verbose -Debug{after}");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(":thing/a", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(KeyMark, run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_stream_has_the_private_key()
    {
        using var session = new Session().Prepare();

        var run = session.Run("New-CdfThing withkey @{ ThingName = 'a' } -Verbose -Debug");

        Assert.NotEmpty(run.Streams.Verbose);
        Assert.DoesNotContain(KeyMark, run.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain(KeyMark, $"{run.Output.Single().BaseObject}", StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_key_directory_the_key_is_in_a_private_file_and_not_in_the_output()
    {
        using var session = new Session().Prepare();

        dynamic response = session.Get("New-CdfThing withkey @{ ThingName = 'a:1' } -KeyDirectory $args[0]", session.PathOf("keys")).Single();

        Assert.Null(response.PrivateKey);
        var file = Assert.Single(Directory.GetFiles(session.PathOf("keys")));
        using var pair = X509Certificate2.CreateFromPemFile(file);
        Assert.True(pair.HasPrivateKey);
        Assert.Equal(response.CertificatePem.Trim(), pair.ExportCertificatePem());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(session.PathOf("keys")));
        }
    }

    [Fact]
    public void A_key_that_cannot_be_written_is_not_lost()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $args[0]", session.PathOf("keys"));

        var run = session.Run("New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $args[0]", session.PathOf("keys"));

        Assert.StartsWith("Conflict,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(KeyMark, $"{run.Output.Single().Properties["PrivateKey"].Value}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_directory_that_is_a_file_is_refused_before_anything_is_registered()
    {
        using var session = new Session().Prepare();

        session.Error("New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $args[0]", session.Write("file", string.Empty));

        Assert.Empty(session.Get("Get-CdfThing"));
    }

    [Fact]
    public void A_signing_request_is_taken_as_text_or_as_a_file()
    {
        using var session = new Session().Prepare();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var csr = new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

        session.Get("New-CdfThing sensor-csr @{ ThingName = 'a' } -Csr $args[0]", csr);
        dynamic response = session.Get("New-CdfThing sensor-csr @{ ThingName = 'b' } -Csr $args[0]", session.Write("b.csr", csr)).Single();

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void A_device_certificate_is_signed_by_the_given_CA()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThingType sensor; New-CdfThingGroup sensors");
        session.Get("Set-CdfTemplate sensor $args[0]", Repository.PathOf("module", "templates", "sensor.json"));

        dynamic response = session.Get("""
            $ca = New-CdfCertificateAuthority -CommonName Factory
            New-CdfThing sensor @{ ThingName = 'a'; SerialNumber = '1' } -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = 'device a'; daysExpiry = '30' } }
            """).Single();

        using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
        Assert.Equal("CN=Factory", certificate.Issuer);
        Assert.Equal("CN=device a", certificate.Subject);
    }

    [Theory]
    [InlineData("@{ caID = 'x'; certinfo = @{ commonname = 'a' }; typo = 1 }", "typo")]
    [InlineData("@{ certInfo = 'text' }", "hashtable")]
    [InlineData("@{ certInfo = @{ daysExpiry = 'soon' } }", "soon")]
    [InlineData("@{ certInfo = @{ name = 'x' } }", "name")]
    public void A_CDF_parameter_that_does_not_exist_or_fit_is_named(string parameters, string named)
    {
        using var session = new Session().Prepare();

        var error = session.Error($"New-CdfThing plain @{{ ThingName = 'a' }} -CdfParameters {parameters}");

        Assert.StartsWith("InvalidRequest,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(named, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Things_are_got_by_name_and_by_pattern()
    {
        using var session = new Session().Prepare();
        session.AddThings("a1", "a2", "b1");

        Assert.Equal(3, session.Get("Get-CdfThing").Count);
        Assert.Equal(["a1", "a2"], session.Get("(Get-CdfThing A*).ThingName").Select(name => $"{name}"));
        Assert.Equal(["b1", "a2"], session.Get("('b1', 'a2' | Get-CdfThing).Name").Select(name => $"{name}"));
        Assert.Empty(session.Get("Get-CdfThing x*"));
    }

    [Fact]
    public void A_missing_thing_is_an_error_and_the_others_are_got()
    {
        using var session = new Session().Prepare();
        session.AddThings("a", "b");

        var run = session.Run("Get-CdfThing a, missing, b");

        Assert.Equal(2, run.Output.Count);
        var error = Assert.Single(run.Errors);
        Assert.Equal("NotFound,CdfProvisioning.PowerShell.GetCdfThingCommand", error.FullyQualifiedErrorId);
        Assert.Equal("missing", error.TargetObject);
    }

    [Fact]
    public void Things_are_got_by_type_and_group()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThingType sensor; New-CdfThingGroup sensors; Set-CdfTemplate sensor $args[0]", Repository.PathOf("module", "templates", "sensor.json"));
        session.Get("""
            $ca = New-CdfCertificateAuthority -CommonName Factory
            New-CdfThing sensor @{ ThingName = 'typed'; SerialNumber = '1' } -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = 'x' } }
            """);
        session.AddThings("other");

        Assert.Equal("typed", session.Get("(Get-CdfThing -ThingType sensor).Name").Single().BaseObject);
        Assert.Equal("typed", session.Get("(Get-CdfThing t* -Group sensors).Name").Single().BaseObject);
    }

    [Fact]
    public void Things_are_removed_through_the_pipeline()
    {
        using var session = new Session().Prepare();
        session.AddThings("a1", "a2", "b1");
        session.Get("New-CdfThing withkey @{ ThingName = 'a3' }");

        session.Get("Get-CdfThing a* | Remove-CdfThing -Confirm:$false");

        Assert.Equal("b1", Assert.Single(session.Get("(Get-CdfThing).ThingName")).BaseObject);
    }

    [Fact]
    public void Removing_with_WhatIf_removes_nothing()
    {
        using var session = new Session().Prepare();
        session.AddThings("a");

        session.Get("Get-CdfThing | Remove-CdfThing -WhatIf");

        Assert.Single(session.Get("Get-CdfThing"));
    }

    [Fact]
    public void Removing_what_is_not_there_is_not_found()
    {
        using var session = new Session();

        Assert.StartsWith("NotFound,", session.Error("Remove-CdfThing nosuch -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificates_status_is_set_in_any_case_of_letters()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThing withkey @{ ThingName = 'a' }");

        Assert.Equal("INACTIVE", session.Get("(Get-CdfThing a | Set-CdfThingCertificateStatus -Status inactive -PassThru).CertificateStatus").Single().BaseObject);
        Assert.Equal("INACTIVE", session.Get("(Get-CdfThing a).CertificateStatus").Single().BaseObject);
        Assert.Empty(session.Get("Set-CdfThingCertificateStatus a ACTIVE -WhatIf"));
        Assert.Equal("INACTIVE", session.Get("(Get-CdfThing a).CertificateStatus").Single().BaseObject);
    }
}
