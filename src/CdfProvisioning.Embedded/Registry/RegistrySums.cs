using System.Globalization;
using CdfProvisioning.Embedded.Registry.Index;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Sums what there is in a registry, by queries.</summary>
internal static class RegistrySums
{
    /// <summary>The things that have a policy, by a certificate or by a group of theirs or above it.</summary>
    private const string DevicesOfPolicy = """
        SELECT count(*) FROM (
            SELECT thing_id FROM certificate_policy JOIN thing_principal ON thing_principal.certificate_id = certificate_policy.certificate_id WHERE policy_id = $1
            UNION
            SELECT thing_id FROM thing_group_member WHERE group_id IN (
                WITH RECURSIVE below(id) AS (
                    SELECT group_id FROM thing_group_policy WHERE policy_id = $1
                    UNION SELECT thing_group.id FROM thing_group JOIN below ON thing_group.parent_id = below.id)
                SELECT id FROM below))
        """;

    public static FleetTotals Sum(Session session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var things = session.Scalar<long>("SELECT count(*) FROM thing");
        cancellationToken.ThrowIfCancellationRequested();
        var byType = session.Query("SELECT name, (SELECT count(*) FROM thing WHERE type_id = thing_type.id) FROM thing_type ORDER BY name", Named);
        if (things - byType.Sum(type => type.Count) is var untyped and > 0)
            byType.Add(new(null, untyped));
        cancellationToken.ThrowIfCancellationRequested();
        var byGroup = session.Query("SELECT id, name, query FROM thing_group ORDER BY name", row => (Key: row.Int64(0), Name: row.Text(1), Query: row.TextOrNull(2)))
            .ConvertAll(group => new NamedCount(group.Name, CountOfGroup(session, group.Key, group.Query)));
        cancellationToken.ThrowIfCancellationRequested();
        var (byStatus, expiry) = Certificates(session, now, cancellationToken);
        return new()
        {
            Things = things,
            ThingsByType = byType,
            ThingsByGroup = byGroup,
            ByStatus = byStatus,
            ThingsWithoutCertificate = things - session.Scalar<long>("SELECT count(DISTINCT thing_id) FROM thing_principal"),
            Expiry = expiry,
            Policies = Policies(session, cancellationToken),
        };
    }

    private static long CountOfGroup(Session session, long group, string? query)
    {
        if (query is null)
            return session.Scalar<long>("SELECT count(*) FROM thing_group_member WHERE group_id = $1", group);
        var values = new List<object?>();
        var where = IndexSql.Where(query, values);
        return session.Scalar<long>($"SELECT count(*) FROM thing WHERE {where}", [.. values]);
    }

    private static (IReadOnlyList<StatusTotals> ByStatus, ExpiryTotals Expiry) Certificates(Session session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var certificates = session.Query(
            """
            SELECT status, strftime('%Y-%m', not_after / 1000, 'unixepoch'), not_after < $1, count(*), count(CASE WHEN not_after >= $1 AND not_after < $2 THEN 1 END)
            FROM certificate GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            row => (Status: row.Text(0), Month: row.Text(1), IsExpired: row.Boolean(2), Count: row.Int64(3), Soon: row.Int64(4)), now, now + FleetTotals.Soon);
        cancellationToken.ThrowIfCancellationRequested();
        var things = session.Query(
            """
            SELECT status, count(*) FROM (SELECT DISTINCT thing_id, status FROM thing_principal JOIN certificate ON certificate.id = certificate_id) GROUP BY status
            """,
            row => (row.Text(0), row.Int64(1))).ToDictionary();
        cancellationToken.ThrowIfCancellationRequested();
        var active = certificates.FindAll(group => group.Status == CertificateStatus.Active);
        return (
            [.. certificates.GroupBy(group => group.Status).Select(status => new StatusTotals(status.Key, status.Sum(group => group.Count), things.GetValueOrDefault(status.Key)))],
            new(
                active.Where(group => group.IsExpired).Sum(group => group.Count),
                active.Sum(group => group.Soon),
                [.. active.Where(group => !group.IsExpired).Select(group => new MonthCount(DateOnly.ParseExact(group.Month, "yyyy-MM", CultureInfo.InvariantCulture), group.Count))]));
    }

    private static List<PolicyTotals> Policies(Session session, CancellationToken cancellationToken)
    {
        var policies = session.Query(
            "SELECT id, name, created_at, (SELECT count(*) FROM certificate_policy WHERE policy_id = policy.id) FROM policy ORDER BY created_at DESC, name",
            row => (Key: row.Int64(0), Name: row.Text(1), Created: row.Time(2), Certificates: row.Int64(3)));
        return policies.ConvertAll(policy =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var groups = session.Query(
                "SELECT name FROM thing_group_policy JOIN thing_group ON thing_group.id = group_id WHERE policy_id = $1 ORDER BY name", row => row.Text(0), policy.Key);
            return new PolicyTotals(policy.Name, policy.Created, policy.Certificates, groups, session.Scalar<long>(DevicesOfPolicy, policy.Key));
        });
    }

    private static NamedCount Named(Row row) => new(row.Text(0), row.Int64(1));
}
