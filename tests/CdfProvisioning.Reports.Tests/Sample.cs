using System.Globalization;
using CdfProvisioning.Fleet;

namespace CdfProvisioning.Tests;

/// <summary>A report of a fleet, with whatever text could make a page do something.</summary>
internal static class Sample
{
    public const string Hostile = "<img src=\"http://elsewhere.example/x.png\" onerror=\"document.title='taken'\"></script><script>document.title='taken'</script>";

    public static readonly DateTimeOffset Now = new(2026, 11, 26, 8, 0, 0, TimeSpan.Zero);

    public static FleetReport Report { get; } = new()
    {
        Connection = new("Embedded", "123456789012", "eu-central-1", "/home/me/.local/share/CdfProvisioning", ""),
        Time = Now,
        FurtherLists = 12,
        Totals = new()
        {
            Things = 1_004_211,
            ThingsByType = [new("sensor", 812_400), new("gateway", 41_003), new("a-type-with-a-name-that-goes-on-and-on-until-it-is-cut-somewhere", 150_000), new(Hostile, 3), new(null, 805)],
            ThingsByGroup = [.. Enumerable.Range(1, 18).Select(i => new NamedCount($"hall-{i}", i * i * 137L)), new("empty", 0)],
            ByStatus = [new("ACTIVE", 1_003_900, 1_003_410), new("INACTIVE", 412, 380), new("REVOKED", 25, 0)],
            ThingsWithoutCertificate = 421,
            Expiry = new(57, 3_204, [.. Enumerable.Range(0, 30).Select(i => new MonthCount(new DateOnly(2026, 11, 1).AddMonths(i), ((i * 7919) % 13) * 9_000L)), new(new(2049, 12, 1), 400_000), new(new(9999, 12, 1), 20)]),
            Policies = [new("sensors", Now.AddDays(-3), 1_003_000, [], 1_002_800), new("gateways", Now.AddDays(-400), 0, ["hall-1", "hall-2"], 9_200), new(Hostile, null, 1, [], 1)],
        },
        Lists =
        [
            List("sensor", BulkRegistrationStatus.Completed, 1_000_000, 999_100, 900, 640, new("Thing '…' exists already.", 700), new("The serial number is missing.", 199), new(Hostile, 1)),
            List(Hostile, BulkRegistrationStatus.Interrupted, 50_000, 12_003, 0, 20),
            List("gateway", BulkRegistrationStatus.Failed, 10, 0, 0, 0),
            List("own-certificate", BulkRegistrationStatus.InProgress, 400_000, 210_000, 5_000, 300, new FailureReason("Certificate … is registered already.", 5_000)),
        ],
    };

    private static ListTotals List(string template, BulkRegistrationStatus status, long rows, long succeeded, long failed, int seconds, params FailureReason[] reasons) => new ListTotals(
        new BulkRegistrationTask
        {
            TaskId = Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-0000-0000-{rows:D12}")).ToString(),
            Status = status,
            ProvisioningTemplateId = template,
            RowCount = rows,
            SuccessCount = succeeded,
            FailureCount = failed,
            CreationDate = Now.AddHours(-rows / 1_000.0),
            LastModifiedDate = Now.AddHours(-rows / 1_000.0).AddSeconds(seconds),
        },
        reasons);
}
