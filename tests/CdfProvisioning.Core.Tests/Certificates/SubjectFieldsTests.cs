using CdfProvisioning.Certificates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class SubjectFieldsTests
{
    private static readonly SubjectFields Full = new("sensor-1", "Example, Ltd", "Plant \"7\"", "Zürich", "ZH", "CH", "ops@example.com");

    [Fact]
    public void A_subject_reads_from_the_device_up_to_its_country() => Assert.Equal(
        "emailAddress=ops@example.com, CN=sensor-1, OU=\"Plant \\\"7\\\"\", O=\"Example, Ltd\", L=Zürich, ST=ZH, C=CH", Full.ToName().ToString());

    [Fact]
    public void OpenSsl_reads_the_same_subject()
    {
        using var openssl = new OpenSsl();
        var key = DeviceKey.CreateP256();
        openssl.Write("device.pem", Make.Ca().Issue(Full.ToName(), key.SubjectPublicKeyInfo, Make.Now, Make.Now.AddDays(1), IssueProfile.Device).Pem);

        Assert.Equal(
            "subject=C=CH,ST=ZH,L=Zürich,O=Example, Ltd,OU=Plant \"7\",CN=sensor-1,emailAddress=ops@example.com\n",
            openssl.Run("x509 -in device.pem -noout -subject -nameopt sep_comma_plus,sname,utf8"));
        Assert.Contains("PRINTABLESTRING:CH", openssl.Run("x509 -in device.pem -noout -subject -nameopt multiline,show_type"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Country", "GBR"), InlineData("Country", "4B"), InlineData("Country", "")]
    [InlineData("CommonName", ""), InlineData("CommonName", "a\0b")]
    [InlineData("EmailAddress", "zürich@example.com")]
    public void A_field_that_X509_does_not_allow_is_named(string field, string value)
    {
        var fields = field switch
        {
            "Country" => new SubjectFields("x", Country: value),
            "EmailAddress" => new SubjectFields("x", EmailAddress: value),
            _ => new SubjectFields(value),
        };

        var error = Assert.Throws<CdfException>(fields.ToName);

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_common_name_may_have_64_characters_and_no_more()
    {
        var longest = string.Concat(Enumerable.Repeat("😀", 64));
        Assert.Equal(longest, new SubjectFields(longest).ToName().CommonName);

        var error = Assert.Throws<CdfException>(() => new SubjectFields(longest + "x").ToName());
        Assert.Contains("65 characters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_refused() => Assert.Throws<CdfException>(() => new SubjectFields("sensor\ud800").ToName());

    [Fact]
    public void What_steers_a_terminal_is_shown_and_not_obeyed()
    {
        const string Hostile = "sensor\u001b]0;title\u0007\n\u009b31m";
        Assert.Equal(@"CN=""sensor\1B]0;title\07\0A\C2\9B31m""", X509Name.Encode(("2.5.4.3", Hostile)).ToString());
        Assert.DoesNotContain(Assert.Throws<CdfException>(() => new SubjectFields(Hostile).ToName()).Message, char.IsControl);
    }

    [Fact]
    public void A_subject_without_any_field_is_refused() => Assert.Throws<CdfException>(() => new SubjectFields().ToName());

    [Fact]
    public void Any_text_is_kept_as_it_is_or_refused() => Prop.ForAll<string?, string?>((commonName, email) =>
    {
        var fields = new SubjectFields(commonName, EmailAddress: email);
        X509Name name;
        try
        {
            name = fields.ToName();
        }
        catch (CdfException)
        {
            return true;
        }

        var reread = X509Name.Read(name.Der);
        return reread.Equals(name) && reread.CommonName == commonName && reread.Find("1.2.840.113549.1.9.1") == email && reread.ToString().Length > 0;
    }).QuickCheckThrowOnFailure();
}
