using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using CdfProvisioning.Tests.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>CDF parameters as columns of a list and hashtables have them, and as they are common to many devices.</summary>
public sealed class CdfParameterTests
{
    private static readonly ProvisioningTemplate Template = ProvisioningTemplate.Compile(
        Sample.WithThing(""" "ThingName": { "Fn::Join": ["-", ["t", { "Ref": "Name" }, { "Ref": "Site" }]] } """));

    public static TheoryData<string> Members => [.. CdfParameterMembers.Names];

    [Fact]
    public void Every_member_of_the_original_is_there() => Assert.Equal(
        "acmpcaCaAlias acmpcaCaArn awsiotCaAlias awsiotCaArn caId certificatePem certificateStatus certInfo.commonName certInfo.country certInfo.daysExpiry certInfo.emailAddress "
        + "certInfo.keyAlgorithm certInfo.locality certInfo.organization certInfo.organizationalUnit certInfo.stateName csr",
        string.Join(' ', CdfParameterMembers.Names.Order(StringComparer.OrdinalIgnoreCase)));

    [Theory]
    [MemberData(nameof(Members))]
    public void A_member_is_set_by_its_name_in_any_case_and_no_other_with_it(string name)
    {
        Assert.True(CdfParameterMembers.IsKnown(name.ToUpperInvariant()));
        var given = new CdfProvisioningParameters().Set(name.ToUpperInvariant(), "17");
        Assert.Equal([KeyValuePair.Create(name, "17")], CdfParameterMembers.Given(given));
    }

    [Fact]
    public void Members_of_certInfo_are_set_beside_each_other()
    {
        var given = new CdfProvisioningParameters().Set("certInfo.commonName", "a").Set("certInfo.country", "DE").Set("certInfo.daysExpiry", "-3");
        Assert.Equal(new CertInfo { CommonName = "a", Country = "DE", DaysExpiry = -3 }, given.CertInfo);
    }

    [Fact]
    public void Days_are_a_number()
    {
        var error = Assert.Throws<CdfException>(() => new CdfProvisioningParameters().Set("certInfo.daysExpiry", "a year"));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("not 'a year'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certInfo.commonname2", "did you mean 'certInfo.commonName'? There are acmpcaCaAlias, acmpcaCaArn")]
    [InlineData("certinf", "did you mean 'certInfo'? There are acmpcaCaAlias")]
    [InlineData("q", "use acmpcaCaAlias, acmpcaCaArn")]
    public void An_unknown_member_is_named_with_the_one_that_may_be_meant(string name, string said)
    {
        Assert.False(CdfParameterMembers.IsKnown(name));
        var error = Assert.Throws<CdfException>(() => new CdfProvisioningParameters().Set(name, "x"));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.StartsWith($"There is no CDF parameter '{name}': {said}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createDeviceCertificate", "caId certInfo")]
    [InlineData("createDeviceAWSCertificate", "")]
    [InlineData("registerDeviceCertificateWithoutCA", "certificatePem certificateStatus")]
    [InlineData("REGISTER_WITH_CA", "acmpcaCaAlias acmpcaCaArn awsiotCaAlias awsiotCaArn certInfo csr")]
    [InlineData("REGISTER_WITHOUT_CA", "acmpcaCaAlias acmpcaCaArn certInfo csr")]
    public void Each_extension_takes_what_the_original_takes(string extension, string taken)
    {
        var cdf = CdfSection.None with
        {
            CreateDeviceCertificate = extension == "createDeviceCertificate",
            CreateDeviceAwsCertificate = extension == "createDeviceAWSCertificate",
            RegisterDeviceCertificateWithoutCA = extension == "registerDeviceCertificateWithoutCA",
            AcmPcaMode = extension switch { "REGISTER_WITH_CA" => AcmPcaMode.RegisterWithCA, "REGISTER_WITHOUT_CA" => AcmPcaMode.RegisterWithoutCA, _ => null },
        };
        Assert.Equal(
            taken.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            CdfParameterMembers.Names.Where(name => CdfParameterMembers.IsUsedBy(cdf, name)).Select(name => name.Split('.')[0]).Distinct().Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(taken.Length > 0, cdf.TakesParameters);
    }

    [Fact]
    public void A_devices_own_CDF_parameters_are_taken_out_of_its_parameters_and_count_before_the_common_ones()
    {
        var device = DeviceParameters.Of(
            Template,
            new Dictionary<string, string> { ["Name"] = "1", ["CDF.certinfo.commonName"] = "own", ["cdf.certInfo.country"] = "" },
            new() { CaId = "ca", CertInfo = new() { CommonName = "common", Country = "DE" } });
        Assert.Equal(["Name"], device.Template.Keys);
        Assert.Equal(new() { CaId = "ca", CertInfo = new() { CommonName = "own", Country = "DE" } }, device.Cdf);
    }

    [Theory]
    [InlineData("{Name}", "1")]
    [InlineData("CN={NAME}, {name}.", "CN=1, 1.")]
    [InlineData("{Site}", "north")]
    [InlineData("{site}!", "north!")]
    [InlineData("{ThingName}", "t-1-north")]
    [InlineData("{thingname}{Name}", "t-1-north1")]
    [InlineData("no name", "no name")]
    [InlineData("an open { alone", "an open { alone")]
    [InlineData("a } before {Name}", "a } before 1")]
    public void Names_in_braces_stand_for_the_devices_values(string common, string own) => Assert.Equal(
        own, DeviceParameters.Of(Template, new Dictionary<string, string> { ["Name"] = "1" }, new() { CertInfo = new() { CommonName = common } }).Cdf.CertInfo!.CommonName);

    [Fact]
    public void A_parameter_named_ThingName_is_what_ThingName_in_braces_stands_for() => Assert.Equal(
        "mine",
        DeviceParameters.Of(Template, new Dictionary<string, string> { ["Name"] = "1", ["ThingName"] = "mine" }, new() { CaId = "{ThingName}" }).Cdf.CaId);

    [Fact]
    public void Of_names_that_differ_by_case_alone_each_stands_for_its_own_value()
    {
        var parameters = new Dictionary<string, string> { ["Name"] = "1", ["a"] = "small", ["A"] = "big" };
        Assert.Equal("small big", DeviceParameters.Of(Template, parameters, new() { CaId = "{a} {A}" }).Cdf.CaId);
        parameters["ab"] = "x";
        parameters["AB"] = "y";
        Assert.Throws<CdfException>(() => DeviceParameters.Of(Template, parameters, new() { CaId = "{aB}" }));
    }

    [Fact]
    public void A_name_in_braces_that_the_device_lacks_is_refused_with_those_it_has()
    {
        var error = Assert.Throws<CdfException>(() => DeviceParameters.Of(
            Template, new Dictionary<string, string> { ["Name"] = "1", ["Other"] = "2" }, new() { CaId = "{Serial}" }));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("refers to '{Serial}', which is not among the device's parameters: Name, Other.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_things_name_that_is_made_of_the_certificate_cannot_be_in_its_subject()
    {
        var template = ProvisioningTemplate.Compile(
            """
            { "Parameters": { "CertificateId": { "Type": "String" } }, "CDF": { "registerDeviceCertificateWithoutCA": true },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "CertificateId" } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } } } }
            """);
        Assert.Contains(
            "refer to another parameter",
            Assert.Throws<CdfException>(() => DeviceParameters.Of(template, new Dictionary<string, string>(), new() { CaId = "{ThingName}" })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\ud800", 1)]
    [InlineData("a\ud83d", 2)]
    [InlineData("ab\udc00c", 3)]
    [InlineData("\ud83d\ude00\ud83dx", 3)]
    [InlineData("Gr\ufffdn", 3)]
    public void A_text_that_is_not_Unicode_is_refused_with_the_character(string value, int character)
    {
        var error = Assert.Throws<CdfException>(() => DeviceParameters.Of(Template, new Dictionary<string, string> { ["Name"] = value }, null));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains($"'Name' is not Unicode at its character {character}.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\ud83d\ude00")]
    [InlineData("a\ud83d\ude00\ud83d\ude00b")]
    [InlineData("\ue000\uf8ff")]
    public void Any_Unicode_is_a_value(string value) =>
        Assert.Equal(value, DeviceParameters.Of(Template, new Dictionary<string, string> { ["Name"] = value }, null).Template["Name"]);

    [Theory]
    [InlineData("Name", null, true)]
    [InlineData("Spare", null, false)]
    [InlineData("Spare", "{spare}", true)]
    [InlineData("cdf.caId", null, true)]
    public void A_value_that_is_no_text_matters_where_something_uses_it(string name, string? common, bool matters)
    {
        var given = new GivenParameters { ["Name"] = "1", ["Spare"] = "2" };
        given.Remove(name);
        given.AddUnusable(name, "an object");
        var error = Record.Exception(() => DeviceParameters.Of(Template, given, new() { CaId = common }));
        Assert.Equal(matters, error is CdfException { Code: CdfErrorCode.InvalidRequest });
        if (matters)
            Assert.StartsWith($"The value of '{name}' is an object", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_braces_are_found_in_every_CDF_parameter() => Assert.Equal(
        ["a", "b", "c"],
        DeviceParameters.PlaceholdersOf(new() { CaId = "{a}{b}", CertInfo = new() { CommonName = "{c}, {a}", Country = "{}" } }).Order());

    [Fact]
    public void Given_parameters_know_the_names_that_came_without_a_value()
    {
        var given = new GivenParameters(2) { ["a"] = "1" };
        Assert.Equal(["a"], given.Names);
        given.AddWithoutValue("b");
        Assert.Equal(["a", "b"], given.Names);
        given.AddUnusable("c", "an array");
        Assert.Equal(["a", "b", "c"], GivenParameters.NamesOf(given));
        Assert.Equal([true, true, true, false], new[] { "a", "b", "c", "d" }.Select(given.Has));
        Assert.Equal(["b"], given.WithoutValue);
        Assert.Equal([KeyValuePair.Create("c", "an array")], given.Unusable);

        var unusable = new GivenParameters();
        unusable.AddUnusable("c", "an array");
        Assert.Equal(["c"], unusable.Names);
        Assert.Equal(["x"], GivenParameters.NamesOf(new Dictionary<string, string> { ["x"] = "" }));
        Assert.Equal("why", GivenParameters.ProblemOf(new GivenParameters { Problem = "why" }));
        Assert.Null(GivenParameters.ProblemOf(new Dictionary<string, string>()));
    }
}
