using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

public sealed class TemplateIdTests
{
    [Theory]
    [InlineData("sensor")]
    [InlineData("Sensor_v1.2-beta")]
    [InlineData("console")]
    [InlineData("com10")]
    public void A_template_id_is_letters_digits_dots_underscores_and_hyphens(string id) => TemplateId.Check(id);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../sensor")]
    [InlineData("a..b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/etc/passwd")]
    [InlineData("C:sensor")]
    [InlineData("sensor\0")]
    [InlineData(".hidden")]
    [InlineData("sensor.")]
    [InlineData("sensor ")]
    [InlineData("größe")]
    [InlineData("con")]
    [InlineData("NUL.json")]
    [InlineData("COM1")]
    [InlineData("lpt9.a.b")]
    public void A_template_id_cannot_leave_its_folder_on_any_platform(string id) =>
        Assert.Equal(CdfErrorCode.InvalidRequest, Assert.Throws<CdfException>(() => TemplateId.Check(id)).Code);

    [Fact]
    public void A_template_id_has_at_most_200_characters()
    {
        TemplateId.Check(new string('a', 200));
        Assert.Throws<CdfException>(() => TemplateId.Check(new string('a', 201)));
    }

    [Fact]
    public void A_refused_id_is_shown_on_one_line_and_no_longer_than_one_may_be()
    {
        Assert.StartsWith("Template id 'a?b?' is not allowed", Assert.Throws<CdfException>(() => TemplateId.Check("a\nb\u001b")).Message, StringComparison.Ordinal);
        Assert.StartsWith($"Template id '{new string('b', 200)}' is", Assert.Throws<CdfException>(() => TemplateId.Check(new string('b', 200) + "cc")).Message, StringComparison.Ordinal);
    }
}
