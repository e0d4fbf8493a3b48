using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Fleet;

namespace CdfProvisioning.Reports;

/// <summary>A report as one HTML page that needs nothing else. Whatever it is told of the fleet is text to it.</summary>
internal sealed class ReportPage
{
    private const int MaxBars = 12;
    private const int MonthsShown = 24;

    private static readonly string Script = Resource("report.js");

    private readonly FleetReport _report;
    private readonly StringBuilder _page = new();

    private ReportPage(FleetReport report) => _report = report;

    private FleetTotals Totals => _report.Totals;

    public static string Write(FleetReport report)
    {
        var page = new ReportPage(report);
        page.Write();
        return page._page.ToString();
    }

    private void Write()
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));
        Html($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <link rel="icon" href="data:,">
            <title>Fleet {Text(_report.Time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))}</title>
            <style>
            {Resource("report.css")}</style>
            </head>
            <body>
            <header>
            <h1>Fleet</h1>
            <p class="quiet">{Text(_report.Connection.ToString())} · {Text(Time(_report.Time))}</p>
            </header>
            <main>
            """);
        Tiles();
        Html("<div class=\"columns\">");
        Counts("Things by type", "Type", Totals.ThingsByType, "no type", ReportCommands.OfType);
        Counts("Things by group", "Group", Totals.ThingsByGroup, "", name => ReportCommands.OfGroup(name!));
        Statuses();
        Expiry();
        Html("</div>");
        Lists();
        Policies();
        Html($"""
            </main>
            <footer class="quiet">Each figure counts what the command below it emits in PowerShell. Groups: the things directly in them. Times are UTC.</footer>
            <script>{Script}</script>
            </body>
            </html>
            """);
    }

    private void Tiles()
    {
        Html("<div class=\"tiles\">");
        Tile("Things", Totals.Things, ReportCommands.Things);
        Tile("ACTIVE certificates", Totals.ByStatus.FirstOrDefault(status => status.Status == "ACTIVE")?.Certificates ?? 0, ReportCommands.ActiveCertificates);
        if (Totals.Expiry is { } expiry)
        {
            Tile("ACTIVE, but expired", expiry.Expired, ReportCommands.Expired, expiry.Expired > 0 ? "bad" : "");
            Tile($"Expire in {FleetTotals.Soon.TotalDays} days", expiry.Soon, ReportCommands.Soon(_report.Time), expiry.Soon > 0 ? "warn" : "");
        }
        Tile("Policies", Totals.Policies.Count, ReportCommands.Policies);
        if (_report.FurtherLists is { } further)
            Tile("Lists", _report.Lists.Count + further, ReportCommands.Lists);
        Html("</div>");
    }

    private void Tile(string name, long count, string command, string look = "") =>
        Html($"<div class=\"tile {look}\"><span class=\"quiet\">{Text(name)}</span><b>{Number(count)}</b>{Command(command, count)}</div>");

    private void Counts(string title, string column, IReadOnlyList<NamedCount> counts, string unnamed, Func<string?, string> command)
    {
        if (counts.Count == 0)
            return;
        var most = counts.OrderByDescending(count => count.Count).ToList();
        Section(title);
        Html(Chart.Lying([.. most.Take(MaxBars).Select(count => count.Name ?? unnamed)], new ChartSeries("bar", [.. most.Take(MaxBars).Select(count => count.Count)])));
        Table(column, "Things");
        foreach (var (name, count) in most)
            Row(Name(name ?? unnamed) + Command(command(name), count), name ?? "", Cell(count));
        EndTable();
    }

    private void Statuses()
    {
        if (Totals.ByStatus.Count == 0 && Totals.ThingsWithoutCertificate is null or 0)
            return;
        var knowsThings = Totals.ThingsWithoutCertificate is not null;
        Section("Things and certificates by certificate status");
        var bars = Totals.ByStatus.Select(status => (Name: status.Status, Count: status.Things ?? status.Certificates)).ToList();
        if (Totals.ThingsWithoutCertificate is > 0 and var bare)
            bars.Add(("no certificate", bare));
        Html(Chart.Lying([.. bars.Select(bar => bar.Name)], new ChartSeries("bar", [.. bars.Select(bar => bar.Count)])));
        if (knowsThings)
            Table("Status", "Things", "Certificates");
        else
            Table("Status", "Certificates");
        foreach (var (status, certificates, things) in Totals.ByStatus)
        {
            var commands = (things is { } count ? Command(ReportCommands.ThingsOfStatus(status), count) : "") + Command(ReportCommands.OfStatus(status), certificates);
            if (knowsThings)
                Row(Name(status) + commands, status, Cell(things ?? 0), Cell(certificates));
            else
                Row(Name(status) + commands, status, Cell(certificates));
        }
        if (Totals.ThingsWithoutCertificate is > 0 and var without)
            Row(Name("no certificate") + Command(ReportCommands.ThingsWithoutCertificate, without), "", Cell(without), Cell(0));
        EndTable();
    }

    private void Expiry()
    {
        if (Totals.Expiry is not { } expiry || (expiry.Expired == 0 && expiry.ByMonth.Count == 0))
            return;
        var first = new DateOnly(_report.Time.UtcDateTime.Year, _report.Time.UtcDateTime.Month, 1);
        var end = first.AddMonths(MonthsShown);
        var months = expiry.ByMonth.ToDictionary(month => month.Month, month => month.Count);
        Section("ACTIVE certificates by the month in which they expire");
        if (expiry.Expired > 0 || expiry.ByMonth.Any(month => month.Month < end))
        {
            var shown = Enumerable.Range(0, MonthsShown).Select(first.AddMonths).ToList();
            Html(Chart.Upright(
                ["past", .. shown.Select(Label)],
                new ChartSeries("bad", [expiry.Expired, .. shown.Select(_ => 0L)]),
                new ChartSeries("bar", [0, .. shown.Select(month => months.GetValueOrDefault(month))])));
        }
        Table("Month", "Certificates");
        if (expiry.Expired > 0)
            Row(Name("expired") + Command(ReportCommands.Expired, expiry.Expired), "", Cell(expiry.Expired, isBad: true));
        foreach (var (month, count) in expiry.ByMonth.Where(month => month.Month < end))
            Row(Name($"{month:yyyy-MM}") + Command(ReportCommands.Month(_report.Time, month), count), $"{month:yyyy-MM}", Cell(count));
        foreach (var year in expiry.ByMonth.Where(month => month.Month >= end).GroupBy(month => month.Month.Year))
        {
            var count = year.Sum(month => month.Count);
            var name = year.Key.ToString(CultureInfo.InvariantCulture);
            Row(Name(year.Key == end.Year ? $"{name}, from {end:yyyy-MM}" : name) + Command(ReportCommands.Year(_report.Time, year.Key, end), count), $"{name}-99", Cell(count));
        }
        EndTable();

        static string Label(DateOnly month) => month.Month % 6 == 1 ? month.ToString("MMM yy", CultureInfo.InvariantCulture) : "";
    }

    private void Lists()
    {
        if (_report.Lists.Count == 0)
            return;
        Section("Lists, the newest first", isWide: true);
        Html(Chart.Lying(
            [.. _report.Lists.Take(MaxBars).Select(list => $"{list.Task.CreationDate.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)} {list.Task.ProvisioningTemplateId}")],
            new ChartSeries("good", [.. _report.Lists.Take(MaxBars).Select(list => list.Task.SuccessCount)]),
            new ChartSeries("bad", [.. _report.Lists.Take(MaxBars).Select(list => list.Task.FailureCount)])));
        Table("List", "Rows", "Succeeded", "Failed", "Rows/s");
        foreach (var list in _report.Lists)
        {
            var task = list.Task;
            Row(
                $"{Name(task.ProvisioningTemplateId ?? "its own template")} <span class=\"state {Look(task.Status)}\">{task.Status}</span> <span class=\"quiet\">{Text(Time(task.CreationDate))}</span>{Command(ReportCommands.List(task.TaskId), 1)}{(task.FailureCount > 0 ? Command(ReportCommands.Failures(task.TaskId), task.FailureCount) : "")}",
                task.CreationDate.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                Cell(task.RowCount), Cell(task.SuccessCount), Cell(task.FailureCount, isBad: task.FailureCount > 0), list.Rate is { } rate ? Cell((long)Math.Round(rate)) : Cell(null));
        }
        EndTable(isSection: false);
        if (_report.FurtherLists is > 0 and var further)
            Html($"<p class=\"quiet\">{Number(further)} older lists are not shown.</p>");
        if (_report.Lists.Any(list => list.Failures.Count > 0))
        {
            Html("<h3>Failures by reason</h3>");
            Table("Reason", "Rows");
            foreach (var list in _report.Lists)
                foreach (var (reason, count) in list.Failures)
                    Row(
                        $"{Name(reason)} <span class=\"quiet\">{Text(list.Task.ProvisioningTemplateId ?? "")} {Text(Time(list.Task.CreationDate))}</span>{Command(ReportCommands.Failures(list.Task.TaskId, reason), count)}",
                        reason, Cell(count, isBad: true));
            EndTable(isSection: false);
        }
        Html("</section>");
    }

    private void Policies()
    {
        if (Totals.Policies.Count == 0)
            return;
        var knowsDevices = Totals.Policies.All(policy => policy.Devices is not null);
        Section("Policies, the newest first", isWide: true);
        Html(Chart.Lying(
            [.. Totals.Policies.Take(MaxBars).Select(policy => policy.Name)],
            new ChartSeries("bar", [.. Totals.Policies.Take(MaxBars).Select(policy => policy.Devices ?? policy.Certificates)])));
        if (knowsDevices)
            Table("Policy", "Devices", "Certificates", "Groups");
        else
            Table("Policy", "Certificates", "Groups");
        foreach (var policy in Totals.Policies)
        {
            var name = $"{Name(policy.Name)} <span class=\"quiet\">{(policy.Created is { } created ? Text(Time(created)) : "")}</span>"
                + (policy.Devices is { } devices ? Command(ReportCommands.DevicesOfPolicy(policy), devices) : "") + Command(ReportCommands.CertificatesOfPolicy(policy.Name), policy.Certificates);
            if (knowsDevices)
                Row(name, policy.Name, Cell(policy.Devices), Cell(policy.Certificates), Cell(policy.Groups.Count));
            else
                Row(name, policy.Name, Cell(policy.Certificates), Cell(policy.Groups.Count));
        }
        EndTable();
    }

    private void Section(string title, bool isWide = false) => Html($"<section{(isWide ? " class=\"wide\"" : "")}><h2>{Text(title)}</h2>");

    /// <summary>The first column is text, the others are figures.</summary>
    private void Table(string first, params IReadOnlyList<string> columns) => Html(
        $"<div class=\"table\"><table><thead><tr><th scope=\"col\" data-sort=\"text\"><button type=\"button\">{Text(first)}</button></th>"
        + string.Concat(columns.Select(column => $"<th scope=\"col\" data-sort=\"number\"><button type=\"button\">{Text(column)}</button></th>")) + "</tr></thead><tbody>");

    private void Row(string first, string sortedBy, params IReadOnlyList<string> cells) => Html($"<tr><td data-value=\"{Text(sortedBy)}\">{first}</td>{string.Concat(cells)}</tr>");

    private void EndTable(bool isSection = true) => Html("</tbody></table></div>" + (isSection ? "</section>" : ""));

    private static string Cell(long? value, bool isBad = false) => value is { } number
        ? $"<td data-value=\"{number.ToString(CultureInfo.InvariantCulture)}\"{(isBad ? " class=\"bad\"" : number == 0 ? " class=\"none\"" : "")}>{Number(number)}</td>"
        : "<td data-value=\"-1\" class=\"none\">–</td>";

    private static string Name(string name) => $"<span>{Text(name)}</span>";

    private static string Command(string command, long count) => $"<code data-count=\"{count.ToString(CultureInfo.InvariantCulture)}\">{Text(command)}</code>";

    private static string Look(BulkRegistrationStatus status) => status switch
    {
        BulkRegistrationStatus.Completed => "good",
        BulkRegistrationStatus.Failed => "bad",
        BulkRegistrationStatus.Interrupted or BulkRegistrationStatus.Cancelled or BulkRegistrationStatus.Cancelling => "warn",
        _ => "",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private void Html(string html) => _page.Append(html).Append('\n');

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n"); // what a browser makes of them before it hashes a script
    }
}
