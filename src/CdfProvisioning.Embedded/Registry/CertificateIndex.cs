using System.Globalization;
using CdfProvisioning.Fleet;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Finds certificates by expiry, status, CA, attachment and the beginning of their id, a page at a time.</summary>
internal static class CertificateIndex
{
    private const int PageSize = 1_000;

    /// <summary>Where a page ended.</summary>
    public sealed record Position(long NotAfter, long Key);

    public static (IReadOnlyList<string> Ids, Position? Next) Read(Session session, CertificateFilter filter, Position? after)
    {
        var byExpiry = filter.ExpiresBefore is not null;
        var values = new List<object?>();
        var conditions = new List<string>();
        if (after is not null)
            conditions.Add(byExpiry ? $"(not_after, id) > ({Value(after.NotAfter)}, {Value(after.Key)})" : $"id > {Value(after.Key)}");
        if (filter.ExpiresBefore is { } limit)
            conditions.Add($"not_after < {Value(limit.ToUnixTimeMilliseconds())}");
        if (filter.Status is not null)
            conditions.Add($"status = {Value(filter.Status)}");
        if (filter.CaId is not null)
            conditions.Add($"ca_id = (SELECT id FROM ca_certificate WHERE fingerprint = {Value(Convert.FromHexString(filter.CaId))})");
        if (filter.NotAttached)
            conditions.Add("NOT EXISTS (SELECT 1 FROM thing_principal WHERE certificate_id = certificate.id)");
        if (filter.IdPrefix is { } prefix)
            conditions.Add($"fingerprint BETWEEN {Value(Convert.FromHexString(prefix.PadRight(64, '0')))} AND {Value(Convert.FromHexString(prefix.PadRight(64, 'f')))}");
        var rows = session.Query(
            $"SELECT id, not_after, fingerprint FROM certificate {(conditions.Count > 0 ? $"WHERE {string.Join(" AND ", conditions)}" : "")} ORDER BY {(byExpiry ? "not_after, id" : "id")} LIMIT {PageSize}",
            row => (Position: new Position(row.Int64(1), row.Int64(0)), Id: Convert.ToHexStringLower(row.Blob(2))),
            values.ToArray());
        return ([.. rows.Select(row => row.Id)], rows.Count == PageSize ? rows[^1].Position : null);

        string Value(object value)
        {
            values.Add(value);
            return "$" + values.Count.ToString(CultureInfo.InvariantCulture);
        }
    }
}
