using System.Diagnostics;
using SQLitePCL;

namespace CdfProvisioning.Benchmarks;

/// <summary>
/// The fair peer of a list: the rows that it has left in the tables of things, certificates and results, put into the same tables with the
/// same indexes of another file, by prepared statements and nothing else, in one transaction.
/// </summary>
internal static class RawInserts
{
    private static readonly string[] Tables = ["task_input", "thing", "certificate", "thing_principal", "certificate_policy", "task_result"];

    /// <param name="registry">The file that a list has been registered in.</param>
    /// <param name="path">The file to make.</param>
    /// <param name="devices">How many devices the list has.</param>
    public static double DevicesPerSecond(string registry, string path, int devices)
    {
        var (statements, rows) = Read(registry);
        Check(raw.sqlite3_open(path, out var target));
        using (target)
        {
            Check(raw.sqlite3_exec(target, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 10000; PRAGMA cache_size = -32000"));
            foreach (var statement in statements)
                Check(raw.sqlite3_exec(target, statement));
            var clock = Stopwatch.StartNew();
            Check(raw.sqlite3_exec(target, "BEGIN"));
            foreach (var (table, values) in rows)
                Insert(target, table, values);
            Check(raw.sqlite3_exec(target, "COMMIT"));
            return devices / clock.Elapsed.TotalSeconds;
        }
    }

    private static (List<string> Statements, List<(string Table, List<object?[]> Values)> Rows) Read(string registry)
    {
        Check(raw.sqlite3_open_v2(registry, out var source, raw.SQLITE_OPEN_READONLY, null));
        using (source)
        {
            var statements = Select(source, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid").ConvertAll(row => (string)row[0]!);
            return (statements, [.. Tables.Select(table => (table, Select(source, $"SELECT * FROM {table}"))).Where(rows => rows.Item2.Count > 0)]);
        }
    }

    private static List<object?[]> Select(sqlite3 source, string sql)
    {
        Check(raw.sqlite3_prepare_v2(source, sql, out var select));
        using (select)
        {
            var rows = new List<object?[]>();
            while (raw.sqlite3_step(select) == raw.SQLITE_ROW)
                rows.Add([.. Enumerable.Range(0, raw.sqlite3_column_count(select)).Select(i => Value(select, i))]);
            return rows;
        }
    }

    private static object? Value(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(row, column),
        raw.SQLITE_TEXT => raw.sqlite3_column_text(row, column).utf8_to_string(),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(row, column).ToArray(),
        _ => null,
    };

    private static void Insert(sqlite3 target, string table, List<object?[]> rows)
    {
        Check(raw.sqlite3_prepare_v2(target, $"INSERT INTO {table} VALUES ({string.Join(", ", rows[0].Select(_ => "?"))})", out var insert));
        using (insert)
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                    Check(row[i] switch
                    {
                        long number => raw.sqlite3_bind_int64(insert, i + 1, number),
                        string text => raw.sqlite3_bind_text(insert, i + 1, text),
                        byte[] bytes => raw.sqlite3_bind_blob(insert, i + 1, bytes),
                        _ => raw.sqlite3_bind_null(insert, i + 1),
                    });
                Check(raw.sqlite3_step(insert));
                raw.sqlite3_reset(insert);
            }
    }

    private static void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            throw new InvalidOperationException($"SQLite error {code}.");
    }
}
