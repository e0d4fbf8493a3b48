using System.Text.RegularExpressions;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>Which columns of a list are what the template asks for, and what is said of the others before anything is registered.</summary>
public sealed class ListColumnsTests
{
    private const string Body = """
        {"Parameters":{"ThingName":{"Type":"String"},"Site":{"Type":"String","Default":"none"}},
         "Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"ThingName"},"AttributePayload":{"site":{"Ref":"Site"}}}}}}
        """;

    private static readonly ProvisioningTemplate Template = ProvisioningTemplate.Compile(Body);

    [Fact]
    public async Task Columns_are_the_parameters_of_the_template_whatever_their_case_and_the_spaces_around_them()
    {
        var row = await Columns().NameAsync(new() { [" thingname "] = "x", ["SITE"] = "y" });
        Assert.Equal(new Dictionary<string, string> { ["ThingName"] = "x", ["Site"] = "y" }, row);
    }

    [Fact]
    public async Task What_nothing_uses_is_said_once_a_list_and_kept_under_its_name()
    {
        var columns = Columns();
        for (var i = 0; i < 3; i++)
            Assert.Equal("1", (await columns.NameAsync(new() { ["ThingName"] = "x", [" Siet "] = "1" }))["Siet"]);

        Assert.Equal(["Nothing uses the column 'Siet': did you mean 'Site'?"], columns.TakeWarnings());
        Assert.Empty(columns.TakeWarnings());
    }

    [Fact]
    public async Task Members_that_an_object_has_of_its_type_are_not_warned_of()
    {
        var columns = Columns();
        await columns.NameAsync(new() { ["ThingName"] = "x", ["Colour"] = "1" }, isFromList: false);
        Assert.Empty(columns.TakeWarnings());
    }

    [Fact]
    public async Task A_place_in_the_hierarchy_is_said_by_rows_where_the_list_has_no_template_and_else_by_nothing()
    {
        var places = new ListColumns(new RowTemplates(new NewTask(null, null), null!), null);
        Assert.True(places.Uses("whatever"));
        Assert.Equal(new Dictionary<string, string> { ["GroupPath"] = "", ["Name"] = "x" }, await places.NameAsync(new() { [" grouppath "] = "", ["Name "] = "x" }));
        Assert.Equal(["Name"], (await places.NameAsync(new() { ["Name "] = "x" })).Keys);
        Assert.Empty(places.TakeWarnings());

        var columns = Columns();
        await columns.NameAsync(new() { ["ThingName"] = "x", ["GroupPath"] = "/a" });
        Assert.Contains("'GroupPath'", Assert.Single(columns.TakeWarnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unused_columns_that_differ_by_spaces_alone_do_not_replace_each_other() =>
        Assert.Equal(
            new Dictionary<string, string> { ["Colour"] = "1", [" Colour"] = "2" }, await Columns().NameAsync(new() { ["Colour"] = "1", [" Colour"] = "2" }));

    [Fact]
    public async Task Of_very_many_columns_twenty_are_named()
    {
        var columns = Columns();
        var row = new GivenParameters { ["ThingName"] = "x" };
        for (var i = 0; i < 30; i++)
            row[$"Extra{i:00}"] = "1";
        await columns.NameAsync(row);

        var warnings = columns.TakeWarnings().ToList();
        Assert.Equal(21, warnings.Count);
        Assert.All(warnings[..20], (warning, i) => Assert.Contains($"'Extra{i:00}'", warning, StringComparison.Ordinal));
        Assert.Equal("Nothing uses further columns either, too many to name them.", warnings[^1]);
    }

    [Fact]
    public async Task Nobody_is_asked_what_the_columns_of_results_are_for()
    {
        var columns = Columns();
        await columns.NameAsync(new() { ["ThingName"] = "x", ["TaskId"] = "1", ["row"] = "1", ["Error"] = "no" });
        Assert.Empty(columns.TakeWarnings());

        columns = Columns();
        await columns.NameAsync(new() { ["ThingName"] = "x", ["Error"] = "no" });
        Assert.Contains("'Error'", Assert.Single(columns.TakeWarnings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_columns_that_are_one_parameter_are_refused_with_their_row()
    {
        var columns = Columns();
        await columns.NameAsync(new() { ["ThingName"] = "x" });
        var error = await Assert.ThrowsAsync<CdfException>(async () => await columns.NameAsync(new() { ["ThingName"] = "x", ["thingname"] = "y" }));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.StartsWith("Row 2: 'thingname' and another column are both 'ThingName'", error.Message, StringComparison.Ordinal);

        var parameters = new ListColumns(new RowTemplates(Template), null) { What = "parameter" };
        error = await Assert.ThrowsAsync<CdfException>(async () => await parameters.NameAsync(new() { ["ThingName"] = "x", ["thingname"] = "y" }));
        Assert.StartsWith("'thingname' and another parameter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_without_a_value_counts_as_there()
    {
        var row = new GivenParameters { ["ThingName"] = "x" };
        row.AddWithoutValue("site");
        Assert.Equal(["Site"], (await Columns().NameAsync(row)).WithoutValue);

        row.AddWithoutValue("thingName");
        await Assert.ThrowsAsync<CdfException>(async () => await Columns().NameAsync(row));
    }

    [Fact]
    public async Task A_value_that_is_no_text_is_wrong_only_where_it_is_used()
    {
        var unused = new GivenParameters { ["ThingName"] = "x" };
        unused.AddUnusable("Parts", "an array");
        Assert.Equal([new("Parts", "an array")], (await Columns().NameAsync(unused)).Unusable);

        var used = new GivenParameters { ["ThingName"] = "x" };
        used.AddUnusable("site", "an object");
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Columns().NameAsync(used));
        Assert.StartsWith("Row 1: The value of 'site (Site)' is an object", error.Message, StringComparison.Ordinal);

        var exact = new GivenParameters { ["ThingName"] = "x" };
        exact.AddUnusable("Site", "an object");
        error = await Assert.ThrowsAsync<CdfException>(async () => await Columns().NameAsync(exact));
        Assert.StartsWith("Row 1: The value of 'Site' is an object", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_map_gives_columns_other_names_and_tells_which_it_gave_none()
    {
        var columns = new ListColumns(new RowTemplates(Template), null, new Dictionary<string, string> { ["Serial"] = "ThingName", ["Place"] = "Site" });
        Assert.True(columns.Uses(" serial "));
        Assert.Equal(["Place"], columns.MappedInVain());

        Assert.Equal("x", (await columns.NameAsync(new() { ["SERIAL"] = "x" }))["ThingName"]);

        Assert.Equal(["Place"], columns.MappedInVain());
        Assert.False(columns.Uses("Colour"));
        Assert.True(columns.Uses("place"));
        Assert.Empty(columns.MappedInVain());
    }

    [Fact]
    public async Task A_column_that_is_used_otherwise_is_not_warned_of()
    {
        var columns = new ListColumns(new RowTemplates(Template), null, map: null, "File");
        await columns.NameAsync(new() { ["ThingName"] = "x", ["file"] = "a.pem" });
        Assert.Empty(columns.TakeWarnings());
        Assert.True(columns.Uses("File"));
    }

    [Theory]
    [InlineData("thingname", "It has 'thingname', which is not written the same way.")]
    [InlineData("ThingNmae", "Is it its column 'ThingNmae'?")]
    [InlineData("Colour", "It has: Colour.")]
    [InlineData(null, "nor any other that is used.")]
    public async Task A_column_that_the_template_needs_and_the_list_lacks_is_named_with_what_may_have_been_meant(string? column, string what)
    {
        var error = await RefusedAsync(new(null, Body), column is null ? [] : new() { [column] = "x" });
        Assert.StartsWith("The list has no column 'ThingName', which the template needs", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_that_are_inside_of_what_was_handed_in_are_found_there()
    {
        var answer = new GivenParameters { ["total"] = "1" };
        answer.AddUnusable("other", "an object");
        answer.AddUnusable("items", "an array");
        Assert.EndsWith("It has: total, other, items. If the devices are in 'items', hand that array in alone.", (await RefusedAsync(new(null, Body), answer)).Message, StringComparison.Ordinal);

        var two = await Assert.ThrowsAsync<CdfException>(async () => await Check(new(null, Body)).CheckAsync([answer, answer]));
        Assert.EndsWith("It has: total, other, items.", two.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_are_looked_at_in_the_first_rows_and_values_in_all()
    {
        var check = Check(new(null, Body));
        await check.CheckAsync([new GivenParameters { Problem = "unreadable" }]);
        await check.CheckAsync([new GivenParameters { ["ThingName"] = "x" }, new GivenParameters()]);
        await check.CheckAsync([new GivenParameters { ["Colour"] = "x", ["Site"] = "\ud800" }]); // half a character is this row's failure
        var wrong = new GivenParameters { ["ThingName"] = "x" };
        wrong.AddUnusable("Site", "an object");

        var error = await Assert.ThrowsAsync<CdfException>(async () => await check.CheckAsync([new GivenParameters(), wrong]));

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.StartsWith("Row 5: The value of 'Site' is an object", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CDF_column_that_there_is_not_is_refused_in_any_of_the_first_rows()
    {
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Check(new(null, Body)).CheckAsync(
            [new GivenParameters { ["ThingName"] = "x" }, new GivenParameters { ["cdf.nothing"] = "x" }]));
        Assert.StartsWith("Column 'cdf.nothing': ", error.Message, StringComparison.Ordinal);

        await Check(new(null, Body)).CheckAsync([new GivenParameters { ["ThingName"] = "x", ["cdf.caId"] = "x" }]);
    }

    [Theory]
    [InlineData("createDeviceCertificate", "\"CertificatePem\":{\"Ref\":\"CertificatePem\"},\"CACertificatePem\":{\"Ref\":\"CaCertificatePem\"}")]
    [InlineData("createDeviceAWSCertificate", "\"CertificateId\":{\"Ref\":\"CertificateId\"}")]
    public void A_template_that_makes_keys_needs_a_place_for_them_or_a_list_that_says_what_devices_are_to_be_like(string extension, string certificate)
    {
        var parameters = string.Join(',', Regex.Matches(certificate, "Ref\":\"(\\w+)").Select(name => $"\"{name.Groups[1].Value}\":{{\"Type\":\"String\"}}"));
        var body = Body.Replace("\"Resources\":{", $"\"CDF\":{{\"{extension}\":true}},\"Resources\":{{\"certificate\":{{\"Type\":\"AWS::IoT::Certificate\",\"Properties\":{{{certificate}}}}},", StringComparison.Ordinal)
            .Replace("\"Parameters\":{", $"\"Parameters\":{{{parameters},", StringComparison.Ordinal);
        var task = new NewTask("plant", body);
        var error = Assert.Throws<CdfException>(() => Check(task).CheckKeyDirectory());
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.StartsWith("Template 'plant' makes a private key for every device: say which folder they go to", error.Message, StringComparison.Ordinal);

        Check(task with { KeyDirectory = "keys" }).CheckKeyDirectory();
        Check(task with { KeyFile = "keys.jsonl" }).CheckKeyDirectory();
        Check(task with { IsDesiredState = true }).CheckKeyDirectory();
        Check(new("plant", Body)).CheckKeyDirectory();
    }

    private static ListColumns Columns() => new(new RowTemplates(Template), null);

    private static ListCheck Check(NewTask task) => new(task, new RowTemplates(ProvisioningTemplate.Compile(task.TemplateBody!)));

    private static Task<CdfException> RefusedAsync(NewTask task, GivenParameters row) =>
        Assert.ThrowsAsync<CdfException>(async () => await Check(task).CheckAsync([row]));
}
