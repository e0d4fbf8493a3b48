using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class KeyUriTests
{
    [Fact]
    public void Attributes_are_read_before_and_after_the_question_mark_and_decoded()
    {
        var uri = KeyUri.Parse("pkcs11:token=The%20Software%20PKCS%2311;object=m%C3%BCll;id=%69%01%ff?module-path=/usr/lib/x.so&pin-source=file:/etc/pin");

        Assert.Equal(("The Software PKCS#11", "müll", "/usr/lib/x.so", "file:/etc/pin", null), (uri["token"], uri["object"], uri["module-path"], uri["pin-source"], uri["serial"]));
        Assert.Equal([0x69, 0x01, 0xff], uri.Bytes("id")!);
    }

    [Fact]
    public void A_URI_may_have_no_attributes_and_characters_of_any_language()
    {
        Assert.Null(KeyUri.Parse("awskms:")["key-id"]);
        Assert.Equal("🔑ß", KeyUri.Parse("pkcs11:object=🔑ß")["object"]);
        Assert.Equal(("\ufffd", "a"), (KeyUri.Parse("pkcs11:object=\ud83d")["object"], KeyUri.Parse("pkcs11:object=\ud83d;token=a")["token"]));
    }

    [Theory]
    [InlineData("factory", 1, "no scheme")]
    [InlineData("azure:key=ca", 1, "'azure'")]
    [InlineData("pkcs11:token=factory;;object=ca", 22, "nothing where an attribute belongs")]
    [InlineData("pkcs11:token=factory;objet=ca", 22, "there is no attribute 'objet'")]
    [InlineData("pkcs11:token=factory;object", 22, "no '='")]
    [InlineData("pkcs11:token=factory;token=two", 22, "twice")]
    [InlineData("pkcs11:token=fac%2", 17, "hexadecimal")]
    [InlineData("pkcs11:token=fac%zz;object=ca", 17, "hexadecimal")]
    [InlineData("pkcs11:token=my factory", 16, "%20")]
    [InlineData("pkcs11:token=factory;pin-source=/etc/pin", 22, "after the '?'")]
    [InlineData("pkcs11:object=ca?token=factory", 18, "before the '?'")]
    [InlineData("awskms:alias=factory", 8, "'alias'")]
    public void What_is_malformed_is_named_by_its_position(string text, int position, string problem)
    {
        var error = Assert.Throws<CdfException>(() => KeyUri.Parse(text));

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains($"at position {position} of {text.Length}", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_PIN_is_refused_since_the_URI_is_kept_and_is_not_repeated()
    {
        var error = Assert.Throws<CdfException>(() => KeyUri.Parse("pkcs11:object=ca?pin-value=271828"));

        Assert.Contains("(pin-value at position 18)", error.Message, StringComparison.Ordinal);
        Assert.Contains("?pin-source=file:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("271828", error.Message, StringComparison.Ordinal);
    }
}
