using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using CdfProvisioning.Reports;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>The page of a report, as text and in a browser.</summary>
public sealed partial class ReportPageTests
{
    private const string Dark = "--blink-settings=preferredColorScheme=0";
    private const string Light = "--blink-settings=preferredColorScheme=1";

    [Theory]
    [InlineData(400, Light, "rgb(244, 246, 248)")]
    [InlineData(1600, Light, "rgb(244, 246, 248)")]
    [InlineData(400, Dark, "rgb(14, 18, 23)")]
    [InlineData(1600, Dark, "rgb(14, 18, 23)")]
    public async Task A_browser_shows_it_in_its_width_and_its_colors_and_sorts_its_tables(int width, string scheme, string background)
    {
        var (look, asked, server) = await LookAsync(width, scheme);

        Assert.Equal(width, look.Width);
        Assert.True(look.ContentWidth <= width, $"The page is {look.ContentWidth} wide.");
        Assert.Equal("", look.WideElements);
        Assert.Equal(background, look.Background);
        Assert.True(look.Charts >= 5);
        Assert.Equal("Fleet 2026-11-26", look.Title);

        // A figure's column has the largest first; the same header again, the smallest.
        Assert.Equal("sensor", look.First);
        Assert.Equal(["812400", "150000", "41003", "805", "3"], look.Down.Split(' '));
        Assert.Equal(["3", "805", "41003", "150000", "812400"], look.Up.Split(' '));
        Assert.Equal("ascending", look.AriaSort);

        Assert.Equal([server.Authority + "/", server.Authority + "/report.html"], asked.Where(url => !OfTheBrowser().IsMatch(url)).Order());
    }

    [Fact]
    public void What_it_is_told_is_text_to_it()
    {
        var page = ReportPage.Write(Sample.Report);

        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;img", page, StringComparison.Ordinal);
        Assert.Single(Scripts().Matches(page));
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'unsafe-inline'", page, StringComparison.Ordinal);
        Assert.Empty(Elsewhere().Matches(page));
    }

    [Fact]
    public void An_empty_fleet_has_a_page_too()
    {
        var page = ReportPage.Write(Sample.Report with
        {
            Lists = [],
            Totals = new() { Things = 0, ThingsByType = [], ThingsByGroup = [], ByStatus = [], ThingsWithoutCertificate = 0, Expiry = new(0, 0, []), Policies = [] },
        });

        Assert.Contains("<span class=\"quiet\">Things</span><b>0</b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<section", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_cannot_end_the_commands_they_are_in()
    {
        var page = System.Net.WebUtility.HtmlDecode(ReportPage.Write(Sample.Report with { Totals = Sample.Report.Totals with { ThingsByType = [new("it's ‘x’; Remove-CdfThing *", 1)] } }));

        Assert.Contains("Get-CdfThing -ThingType 'it''s ‘‘x’’; Remove-CdfThing *'", page, StringComparison.Ordinal);
    }

    /// <summary>Opens the page in a frame of that width, within one of the same server that looks at it.</summary>
    private static async Task<(Look Look, IReadOnlyList<string> Asked, Uri Server)> LookAsync(int width, string scheme)
    {
        var asked = new ConcurrentQueue<string>();
        var page = ReportPage.Write(Sample.Report);
        await using var server = await Loopback.StartAsync(async context =>
        {
            var isPage = context.Request.Path == "/report.html";
            if (context.Request.Path != "/favicon.ico")
                asked.Enqueue(context.Request.Host + context.Request.Path);
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(isPage ? page : Looking(width), context.RequestAborted);
        });

        // Whatever it asks anybody for, it asks us.
        var document = await Chromium.OpenAsync(server.Url, scheme, $"--proxy-server={server.Url.Authority}", "--proxy-bypass-list=<-loopback>", "--window-size=1700,1000");

        var json = Result().Match(document).Groups[1].Value;
        Assert.True(json.Length > 0, document);
        return (JsonSerializer.Deserialize<Look>(System.Net.WebUtility.HtmlDecode(json), JsonSerializerOptions.Web)!, [.. asked], server.Url);
    }

    private static string Looking(int width) => $$"""
        <!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><meta name="color-scheme" content="light dark">
        <iframe src="/report.html" style="width:{{width}}px;height:3000px;border:0"></iframe><pre id="result"></pre>
        <script>
          document.querySelector('iframe').addEventListener('load', event => {
            const page = event.target.contentDocument, view = event.target.contentWindow;
            const table = page.querySelector('table'), header = table.tHead.rows[0].cells[1];
            const column = () => [...table.tBodies[0].rows].map(row => row.cells[1].dataset.value).join(' ');
            header.querySelector('button').click();
            const first = table.tBodies[0].rows[0].cells[0].dataset.value, down = column();
            header.querySelector('button').click();
            document.getElementById('result').textContent = JSON.stringify({
              width: view.innerWidth, contentWidth: page.documentElement.scrollWidth,
              wideElements: [...page.querySelectorAll('section, .tile, table, td, code, svg')].filter(e => e.getBoundingClientRect().right > view.innerWidth + 1).map(e => e.tagName).join(' '),
              background: view.getComputedStyle(page.body).backgroundColor, charts: page.querySelectorAll('svg').length, title: page.title,
              first, down, up: column(), ariaSort: header.getAttribute('aria-sort') });
          });
        </script>
        """;

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Scripts();

    /// <summary>What would be fetched.</summary>
    [GeneratedRegex("""<\w+ (?:[\w-]+="[^"]*" )*(?:src|href|action|data)=(?!"data:,")""")]
    private static partial Regex Elsewhere();

    /// <summary>What Chromium asks its maker for by itself.</summary>
    [GeneratedRegex(@"^[^/]*\b(google|googleapis|gvt1|gstatic)\.com(:\d+)?(/|$)")]
    private static partial Regex OfTheBrowser();

    [GeneratedRegex("""<pre id="result">(\{.*?\})</pre>""")]
    private static partial Regex Result();

    private sealed record Look(int Width, int ContentWidth, string WideElements, string Background, int Charts, string Title, string First, string Down, string Up, string AriaSort);
}
