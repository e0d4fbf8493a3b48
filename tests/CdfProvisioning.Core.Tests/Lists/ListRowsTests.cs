using System.Text;
using System.Text.Json;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>Rows of tables and of JSON, to the letter.</summary>
public sealed class ListRowsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a,b;c;d\n1;2;3\n", "a,b")]
    [InlineData("\"a,a,a\";b;c\n1;2;3\n", "a,a,a")]
    [InlineData("a|b;c|d\n1|2|3\n", "a")]
    [InlineData("\"a;\"\"x\";b\n1;2\n", "a;\"x")]
    [InlineData("\"a\nb;;;;;\",c\n1,2\n", "a\nb;;;;;")]
    [InlineData("a\rb\r", null)]
    [InlineData("a\n1\n", "a")]
    public async Task The_separator_is_what_the_header_has_most_of_outside_of_quotes(string text, string? column)
    {
        var rows = await ReadAsync(text);
        if (column is not null)
            Assert.Equal("1", Assert.Single(rows)[column]);
        else
            Assert.Equal("b", Assert.Single(rows)["a"]);
    }

    [Fact]
    public async Task A_separator_that_was_named_counts_before_that_of_the_files_own_line_which_is_no_row()
    {
        Assert.Equal("2", Assert.Single(await ReadAsync("sep=;\na,b\n1,2\n", new() { Delimiter = ',' }))["b"]);
        Assert.Equal("2", Assert.Single(await ReadAsync("sep=|\na|b\n1|2\n"))["b"]);
        Assert.Equal("1", Assert.Single(await ReadAsync("sep=ab\n1\n"))["sep=ab"]);
        Assert.Equal("1", Assert.Single(await ReadAsync("sep=,b\n1,2\n"))["sep="]);
    }

    [Theory]
    [InlineData("#TYPE System.String\r\nsep=;\r\n;;\r\na;b\r\n1;2\r\n")]
    [InlineData("#type x\na,b\n1,2\n")]
    public async Task What_other_programs_put_before_the_header_is_skipped(string text) =>
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, Assert.Single(await ReadAsync(text)));

    [Fact]
    public async Task A_header_that_does_not_end_is_refused_and_a_long_one_is_read()
    {
        Assert.Equal("1", Assert.Single(await ReadAsync($"a,{new string('b', 100_000)}\n1,2\n"))["a"]);
        await using var endless = new EndlessStream("a"u8.ToArray(), 'b');
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(endless));
        Assert.Contains("'list', header:", error.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Given, 1_024_000, 16_000_000);
    }

    [Theory]
    [InlineData("a,b,A\n", "columns 1 and 3, 'a' and 'A', differ by case alone")]
    [InlineData("x,a, a \n", "columns 2 and 3 are both named 'a'")]
    [InlineData(",a\n", "column 1 has no name")]
    public async Task Columns_are_told_apart_and_counted_from_one(string text, string what) =>
        Assert.Contains($"'list', header: {what}", (await Assert.ThrowsAsync<CdfException>(() => ReadAsync(text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a,b\n1\n", "row 1: it has 1 cell, and the header 2 cells.")]
    [InlineData("a\n1,2\n", "row 1: it has 2 cells, and the header 1 cell. A text that has the separator in it belongs in quotes.")]
    [InlineData("a,b\n,\n\n1,2\n1,2,,3\n", "row 2: it has 4 cells, and the header 2 cells.")]
    public async Task A_row_of_another_length_is_counted_among_those_that_are_rows(string text, string what) =>
        Assert.Contains($"'list', {what}", (await Assert.ThrowsAsync<CdfException>(() => ReadAsync(text))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_empty_text_in_quotes_is_as_good_as_an_empty_cell()
    {
        var row = Assert.IsType<GivenParameters>(Assert.Single(await ReadAsync("a,b,c\n\"\", ,1\n")));
        Assert.Equal(["a", "b"], row.WithoutValue);
        Assert.Equal(["c"], row.Keys);
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_is_a_row_that_fails_where_the_others_go_on()
    {
        var text = "{\"a\":1}\n\n{\"a\":\n[]\n{\"a\":2} x\n{\"a\":3}\n";
        var rows = await ReadAsync(text, new() { KeepsMalformedLines = true });

        Assert.Equal(5, rows.Count);
        Assert.Equal(["1", "3"], rows.Where(row => row.Count > 0).Select(row => row["a"]));
        Assert.Equal([null, "row 2, line 3", "row 3, line 4", "row 4, line 5", null], rows.Select(row => GivenParameters.ProblemOf(row) is { } problem ? problem["'list', ".Length..problem.IndexOf(':', StringComparison.Ordinal)] : null));
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(text));
        Assert.Contains("row 2, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_JSON_without_end_ends_the_list_also_where_others_would_go_on()
    {
        await using var endless = new EndlessStream("{}\n{\"a\":\""u8.ToArray(), 'x');
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(endless, new() { KeepsMalformedLines = true }));
        Assert.Contains("line 2: the line is longer than 256,000 characters", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"a\":1},\n\n{\"a\":", "'list', row 2, line 3:")]
    [InlineData("[\"x\"]", "'list', row 1, line 1: it is a string, not an object.")]
    [InlineData("[{}, true]", "'list', row 2, line 1: it is a boolean, not an object.")]
    [InlineData("[{}, 5]", "'list', row 2, line 1: it is a number, not an object.")]
    public async Task What_is_wrong_with_an_array_is_told_with_row_and_line(string text, string what)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(text));
        Assert.StartsWith(what, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":3}""", "a")]
    [InlineData("""{"a":null,"a":3}""", "a")]
    [InlineData("""{"a":null,"a":null}""", "a")]
    [InlineData("""{"a":[],"b":1,"a":{}}""", "a")]
    public async Task A_member_may_be_there_once_whatever_it_is(string text, string member) =>
        Assert.Contains($"it has two members '{member}'", (await Assert.ThrowsAsync<CdfException>(() => ReadAsync(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_row_has_all_names_that_it_was_given_with_and_without_a_value_that_can_be_used()
    {
        var row = new GivenParameters { ["a"] = "x" };
        Assert.Equal((true, false), (row.Has("a"), row.Has("b")));
        foreach (var name in new[] { "b", "c" })
            row.AddWithoutValue(name);
        foreach (var name in new[] { "d", "e" })
            row.AddUnusable(name, "an object");

        Assert.Equal(["a", "b", "c", "d", "e"], row.Names);
        Assert.All(row.Names, name => Assert.True(row.Has(name)));
        Assert.Equal((false, false), (row.Has("f"), row.Has("A")));
        Assert.Equal(["b", "c"], row.WithoutValue);
        Assert.Equal(["d", "e"], row.Unusable.Select(u => u.Key));
    }

    [Fact]
    public void A_row_that_is_kept_comes_back_with_what_had_no_value_and_what_was_no_text()
    {
        var row = new GivenParameters { ["a"] = "x" };
        row.AddWithoutValue("b");
        row.AddUnusable("c", "an object");
        row.AddUnusable("d", "an array");

        var text = JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(row, ParametersJson.KeepingAll);

        Assert.Equal("""{"a":"x","b":null,"c":{},"d":[]}""", text);
        var again = Assert.IsType<GivenParameters>(JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(text, ParametersJson.KeepingAll));
        Assert.Equal(row.WithoutValue, again.WithoutValue);
        Assert.Equal(row.Unusable, again.Unusable);
        Assert.Equal("x", again["a"]);
    }

    [Fact]
    public void Why_a_row_could_not_be_read_is_kept_in_its_place()
    {
        IReadOnlyDictionary<string, string> row = new GivenParameters { Problem = "it is nonsense" };

        var text = JsonSerializer.Serialize(row, ParametersJson.KeepingAll);

        Assert.Equal("\"it is nonsense\"", text);
        Assert.Equal("it is nonsense", GivenParameters.ProblemOf(JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(text, ParametersJson.KeepingAll)!));
        Assert.Equal("{}", JsonSerializer.Serialize(row, ParametersJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(text, ParametersJson.Options));
    }

    [Fact]
    public async Task Rows_that_have_the_same_names_share_them()
    {
        var rows = await ReadAsync("""[{"Name":"1","Site":"2"},{"Name":"3","Site":"4"}]""");
        Assert.All(rows[0].Keys.Zip(rows[1].Keys), names => Assert.Same(names.First, names.Second));
    }

    private static Task<List<IReadOnlyDictionary<string, string>>> ReadAsync(string text, DeviceListOptions? options = null) =>
        ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), options);

    private static async Task<List<IReadOnlyDictionary<string, string>>> ReadAsync(Stream stream, DeviceListOptions? options = null) =>
        await new DeviceListReader(options).ReadAsync(stream, "list", null, Cancellation).ToListAsync(Cancellation);
}
