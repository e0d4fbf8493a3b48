using System.Globalization;
using System.Text;
using CdfProvisioning.Fleet;

namespace CdfProvisioning.Reports;

/// <summary>The commands that emit what a figure counts.</summary>
internal static class ReportCommands
{
    public const string Things = "Get-CdfThing";
    public const string Certificates = "Get-CdfCertificate";
    public const string ActiveCertificates = "Get-CdfCertificate -Status ACTIVE";
    public const string Policies = "Get-CdfPolicy";
    public const string Lists = "Get-CdfBulkRegistration";
    public const string Expired = "Get-CdfCertificate -Status ACTIVE -ExpiresWithin 0d";
    public const string ThingsWithoutCertificate = "Get-CdfThing | Where-Object { -not $_.Certificates }";

    private const string QuotationMarks = "'\u2018\u2019\u201a\u201b"; // each ends a text in single quotes

    public static string OfType(string? type) => type is null ? "Get-CdfThing | Where-Object { -not $_.ThingType }" : $"Get-CdfThing -ThingType {Quoted(type)}";

    public static string OfGroup(string group) => $"Get-CdfThing -Group {Quoted(group)}";

    public static string OfStatus(string status) => $"Get-CdfCertificate -Status {status}";

    public static string ThingsOfStatus(string status) => $"({OfStatus(status)}).Things | Sort-Object -Unique -CaseSensitive";

    public static string Soon(DateTimeOffset now) => $"{Expiring(now, now + FleetTotals.Soon)} | Where-Object DaysLeft -ge 0";

    public static string Month(DateTimeOffset now, DateOnly month) =>
        $"{Expiring(now, new DateTimeOffset(month.AddMonths(1).ToDateTime(default), TimeSpan.Zero))} | Where-Object {{ $_.DaysLeft -ge 0 -and '{{0:yyyy-MM}}' -f $_.NotAfter -eq '{month:yyyy-MM}' }}";

    /// <param name="now">When the report was made.</param>
    /// <param name="year">The year.</param>
    /// <param name="from">Its first month that counts.</param>
    public static string Year(DateTimeOffset now, int year, DateOnly from)
    {
        var expiring = year < DateOnly.MaxValue.Year ? Expiring(now, new DateTimeOffset(year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero)) : ActiveCertificates;
        var isLater = from.Year == year ? $" -and '{{0:yyyy-MM}}' -f $_.NotAfter -ge '{from:yyyy-MM}'" : "";
        return $"{expiring} | Where-Object {{ $_.NotAfter.Year -eq {year.ToString(CultureInfo.InvariantCulture)}{isLater} }}";
    }

    public static string List(string taskId) => $"Get-CdfBulkRegistration {Quoted(taskId)}";

    public static string Failures(string taskId) => $"Get-CdfBulkRegistrationResult {Quoted(taskId)} -Failed";

    public static string Failures(string taskId, string reason) => $"{Failures(taskId)} | Where-Object Error -like {Quoted(Pattern(reason))}";

    public static string CertificatesOfPolicy(string policy) => $"Get-CdfCertificate | Where-Object Policies -ccontains {Quoted(policy)}";

    public static string DevicesOfPolicy(PolicyTotals policy)
    {
        var certificates = $"(Get-CdfCertificate | Where-Object Policies -ccontains {Quoted(policy.Name)}).Things";
        return policy.Groups.Count == 0
            ? $"{certificates} | Sort-Object -Unique -CaseSensitive"
            : $"@({certificates}) + @({string.Join(", ", policy.Groups.Select(Quoted))} | ForEach-Object {{ (Get-CdfThing -Group $_ -Recurse).ThingName }}) | Where-Object {{ $_ }} | Sort-Object -Unique -CaseSensitive";
    }

    private static string Expiring(DateTimeOffset now, DateTimeOffset end) =>
        string.Create(CultureInfo.InvariantCulture, $"Get-CdfCertificate -Status ACTIVE -ExpiresWithin {Math.Max(1, (int)Math.Ceiling((end - now).TotalDays))}d");

    private static string Pattern(string reason)
    {
        var pattern = new StringBuilder("*");
        foreach (var c in reason)
            switch (c)
            {
                case FailureReasons.Gap or ' ' or '\'':
                    if (c == ' ')
                        pattern.Append(' ');
                    else if (pattern[^1] != '*')
                        pattern.Append('*');
                    break;
                case '*' or '?' or '[' or ']' or '`':
                    pattern.Append('`').Append(c);
                    break;
                default:
                    pattern.Append(c);
                    break;
            }

        return pattern[^1] == '*' ? pattern.ToString() : pattern.Append('*').ToString();
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text)
            (QuotationMarks.Contains(c, StringComparison.Ordinal) ? quoted.Append(c) : quoted).Append(c);
        return quoted.Append('\'').ToString();
    }
}
