using CdfProvisioning.Provisioning;
using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>A prepared statement, prepared once and run many times.</summary>
internal sealed class Statement(sqlite3_stmt handle) : IDisposable
{
    /// <summary>SQLite's index of each of <c>$1</c>, <c>$2</c>, ...: it counts them in the order in which the text first names them.</summary>
    private readonly int[] _indexes = [.. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(handle)).Select(n => raw.sqlite3_bind_parameter_index(handle, $"${n}"))];

    public Row Row => new(handle);

    public void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            if (Bind(_indexes[i], values[i]) is var code and not raw.SQLITE_OK)
                throw new ArgumentException($"Value ${i + 1} cannot be bound (SQLite error {code}).", nameof(values));
    }

    /// <returns>SQLITE_ROW, SQLITE_DONE or an error code.</returns>
    public int Step() => raw.sqlite3_step(handle);

    public void Reset() => raw.sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();

    private int Bind(int position, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(handle, position),
        string text => raw.sqlite3_bind_text(handle, position, text),
        long number => raw.sqlite3_bind_int64(handle, position, number),
        int number => raw.sqlite3_bind_int(handle, position, number),
        bool flag => raw.sqlite3_bind_int(handle, position, flag ? 1 : 0),
        byte[] bytes => BindBlob(position, bytes),
        ReadOnlyMemory<byte> bytes => BindBlob(position, bytes.Span),
        Guid id => BindBlob(position, id.ToByteArray()),
        DateTimeOffset time => raw.sqlite3_bind_int64(handle, position, time.ToUnixTimeMilliseconds()),
        _ => throw new NotSupportedException($"A {value.GetType()} cannot be stored."),
    };

    /// <summary>An empty span has no address, which SQLite would take for NULL.</summary>
    private int BindBlob(int position, ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, position, 0) : raw.sqlite3_bind_blob(handle, position, bytes);
}
