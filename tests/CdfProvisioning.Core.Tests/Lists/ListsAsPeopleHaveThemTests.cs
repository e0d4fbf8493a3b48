using System.Text;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>What Excel, Windows PowerShell, SQL clients and other people's scripts write.</summary>
public sealed class ListsAsPeopleHaveThemTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Name,Serial\ns1,0042\n")]
    [InlineData("Name;Serial\ns1;0042\n")]
    [InlineData("Name\tSerial\ns1\t0042\n")]
    [InlineData("Name|Serial\r\ns1|0042\r\n")]
    [InlineData("sep=;\nName;Serial\ns1;0042\n")]
    [InlineData("SEP=,\r\nName,Serial\r\ns1,0042")]
    [InlineData("#TYPE System.Management.Automation.PSCustomObject\n\"Name\",\"Serial\"\n\"s1\",\"0042\"\n")]
    [InlineData("\n\r\n,,\nName,Serial\ns1,0042\n")]
    [InlineData("Name,Serial,\ns1,0042,\n")]
    [InlineData("Name,Serial,,,\ns1,0042\n")]
    [InlineData("Name,Serial\ns1,0042,\n")]
    [InlineData(" Name \t, Serial\ns1 ,  0042\n")]
    [InlineData("Name,Serial\n,\n  , \ns1,0042\n\n,,\n\"\",\"\"\n")]
    [InlineData("\"Name\",\"Serial\"\r\n\"s1\",\"0042\"\r\n")]
    public async Task A_table_is_recognised(string text)
    {
        var row = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(new Dictionary<string, string> { ["Name"] = "s1", ["Serial"] = "0042" }, row);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    public async Task Unicode_is_recognised(string name, bool hasMark)
    {
        var encoding = Encoding.GetEncoding(name);
        foreach (var text in new[] { "Name;Ort\ns1;Köln 😀\n", """[{"Name":"s1","Ort":"Köln 😀"}]""", """{"Name":"s1","Ort":"Köln 😀"}""" })
        {
            byte[] bytes = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
            Assert.Equal("Köln 😀", Assert.Single(await ReadAsync(bytes))["Ort"]);
        }
    }

    [Fact]
    public async Task Another_encoding_is_read_where_it_is_named_and_refused_where_not()
    {
        var bytes = Encoding.Latin1.GetBytes("Name,Ort\ns1,Köln\n");
        Assert.Equal("Köln", Assert.Single(await ReadAsync(bytes, new() { Encoding = Encoding.Latin1 }))["Ort"]);

        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(bytes));
        Assert.Contains("line 2, column 5: what is there (byte F6) is not UTF-8", error.Message);
        error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("Name,Ort\ns1,\ud800x\n")]));
        Assert.Contains("line 2, column 4: what is there is not utf-16", error.Message);
    }

    [Theory]
    [InlineData("PK\x3\x4....", "workbook (.xlsx)")]
    [InlineData("%PDF-1.7", "PDF")]
    [InlineData("\x1f\u008b\x8....", "gzip")]
    [InlineData("<?xml version", "XML")]
    [InlineData("a,b\n1,\0\n", "not a text")]
    public async Task What_is_no_list_is_named(string start, string kind)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(Encoding.Latin1.GetBytes(start)));
        Assert.Contains(kind, error.Message);
    }

    [Fact]
    public async Task Blank_rows_are_counted()
    {
        var reader = new DeviceListReader();
        var rows = await reader.ReadAsync(new MemoryStream("Name,Serial\nw1,1\n,\n,\n\nw2,\n"u8.ToArray()), "list", DeviceListFormat.Csv, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(2, rows.Count);
        Assert.Equal(2, reader.BlankRows); // an empty line is none
    }

    [Fact]
    public async Task An_empty_cell_is_none_unless_it_is_meant()
    {
        var bytes = "Name,Serial\nw1,\n"u8.ToArray();
        var row = Assert.IsType<GivenParameters>(Assert.Single(await ReadAsync(bytes)));
        Assert.Equal(["Serial"], row.WithoutValue);
        Assert.False(row.ContainsKey("Serial"));
        Assert.Equal("", Assert.Single(await ReadAsync(bytes, new() { EmptyAsText = true }))["Serial"]);
    }

    [Fact]
    public async Task A_separator_is_found_only_where_none_is_given()
    {
        Assert.Equal("1;2", Assert.Single(await ReadAsync("a;b,c\n1;2,3\n"u8.ToArray(), new() { Delimiter = ',' }))["a;b"]);
        Assert.Equal("3", Assert.Single(await ReadAsync("a^b\n1^3\n"u8.ToArray(), new() { Delimiter = '^' }))["b"]);
    }

    [Fact]
    public async Task An_object_may_take_many_lines()
    {
        var rows = await ReadAsync("{\n \"Name\": \"s1\"\n}\n{ \"Name\":\n \"s2\" }"u8.ToArray(), format: DeviceListFormat.Json);
        Assert.Equal(["s1", "s2"], rows.Select(row => row["Name"]));
    }

    /// <summary>Not a matter of time: with a comparison of each column with each other this does not end while anyone waits.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_header_may_have_very_many_columns()
    {
        var header = string.Join(',', Enumerable.Range(1, 60_000).Select(i => $"column{i}"));
        var rows = await ReadAsync(Encoding.UTF8.GetBytes($"{header}\n{string.Join(',', Enumerable.Range(1, 60_000))}\n")).WaitAsync(TestContext.Current.CancellationToken);
        var row = Assert.Single(rows);
        Assert.Equal("60000", row["column60000"]);
    }

    [Theory]
    [InlineData("Sight", "Site")]
    [InlineData("SerialNo", "SerialNumber")]
    [InlineData("Serial No.", "SerialNumber")]
    [InlineData("thing_name", "ThingName")]
    [InlineData("ThignName", "ThingName")]
    [InlineData("Colour", null)]
    [InlineData("x", null)]
    public void The_nearest_name_is_found(string name, string? nearest) =>
        Assert.Equal(nearest, NearestName.Of(name, ["ThingName", "SerialNumber", "Site", "CertificatePem"]));

    [Fact]
    public void Names_have_no_case_where_they_differ_by_more()
    {
        var template = ProvisioningTemplate.Compile("""
            {"Parameters":{"Name":{"Type":"String"},"a":{"Type":"String"},"A":{"Type":"String"},"Spare":{"Type":"String"}},
             "Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"},"AttributePayload":{"a":{"Ref":"a"},"b":{"Ref":"A"}}}}}}
            """);
        var names = new ParameterNames(template, new CdfProvisioningParameters { CertInfo = new() { CommonName = "{Label}" } });

        Assert.Equal(["Name", "a", "A", "Label", null, null, null], new[] { "nAME", "a", "A", "label", "Spare", "cdf.caId", "other" }.Select(names.Find));
    }

    private static async Task<List<IReadOnlyDictionary<string, string>>> ReadAsync(byte[] bytes, DeviceListOptions? options = null, DeviceListFormat? format = null) =>
        await new DeviceListReader(options).ReadAsync(new MemoryStream(bytes), "list", format, Cancellation).ToListAsync(Cancellation);
}
