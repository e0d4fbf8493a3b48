using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The row a statement stands on; valid only while it is being mapped.</summary>
internal readonly struct Row(sqlite3_stmt statement)
{
    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => raw.sqlite3_column_int(statement, column);

    public bool Boolean(int column) => Int32(column) != 0;

    public string Text(int column) => TextOrNull(column)!;

    public string? TextOrNull(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public Guid Guid(int column) => new(raw.sqlite3_column_blob(statement, column));

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    /// <summary>The column as <typeparamref name="T"/>: a number, text or a blob; NULL is <typeparamref name="T"/>'s default.</summary>
    public T? Value<T>(int column)
    {
        if (IsNull(column))
            return default;
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        object value =
            type == typeof(string) ? Text(column) :
            type == typeof(long) ? Int64(column) :
            type == typeof(int) ? Int32(column) :
            type == typeof(bool) ? Boolean(column) :
            type == typeof(byte[]) ? Blob(column) :
            type == typeof(DateTimeOffset) ? Time(column) :
            throw new NotSupportedException($"A column cannot be read as {type}.");
        return (T)value;
    }
}
