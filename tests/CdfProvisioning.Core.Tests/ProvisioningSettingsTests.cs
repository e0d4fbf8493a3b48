using Xunit;

namespace CdfProvisioning.Tests;

public sealed class ProvisioningSettingsTests
{
    [Fact]
    public void The_variables_of_the_original_service_are_read()
    {
        var settings = ProvisioningSettings.From(new Dictionary<string, string>
        {
            ["DEVICE_CERTIFICATE_EXPIRY_DAYS"] = "30",
            ["FEATURES_DELETE_CERTIFICATES"] = "true",
            ["AWS_S3_TEMPLATES_PREFIX"] = "templates/",
            ["AWS_S3_TEMPLATES_SUFFIX"] = ".tpl",
            ["AWS_S3_BULKREQUESTS_PREFIX"] = "bulk/",
            ["PCA_ROOT"] = "arn:pca",
            ["CA_ROOT"] = "arn:ca",
        });

        Assert.Equal(30, settings.DeviceCertificateExpiryDays);
        Assert.True(settings.DeleteCertificates);
        Assert.False(settings.DeletePolicies);
        Assert.Equal(("templates/", ".tpl", "bulk/"), (settings.TemplatePrefix, settings.TemplateSuffix, settings.BulkRequestPrefix));
        Assert.Equal("arn:pca", settings.PrivateCaAliases["root"]);
        Assert.Equal("arn:ca", settings.CaAliases["Root"]);
    }

    [Fact]
    public void Without_variables_the_defaults_are_those_of_the_original() =>
        Assert.Equivalent(new ProvisioningSettings(), ProvisioningSettings.From(new Dictionary<string, string>()));

    [Theory]
    [InlineData("DEVICE_CERTIFICATE_EXPIRY_DAYS", "a year")]
    [InlineData("DEVICE_CERTIFICATE_EXPIRY_DAYS", "0")]
    [InlineData("FEATURES_DELETE_POLICIES", "yes")]
    public void A_variable_that_makes_no_sense_is_named(string name, string value)
    {
        var error = Assert.Throws<CdfException>(() => ProvisioningSettings.From(new Dictionary<string, string> { [name] = value }));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }
}
