using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The row a statement stands on; valid only while it is being mapped. Read without SQLitePCL for the same reason as <see cref="Statement"/> binds.</summary>
internal readonly unsafe partial struct Row(nint statement)
{
    public bool IsNull(int column) => ColumnType(statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => ColumnInt64(statement, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => (int)Int64(column);

    public bool Boolean(int column) => Int64(column) != 0;

    public string Text(int column) => TextOrNull(column)!;

    public string? TextOrNull(int column)
    {
        var text = ColumnText(statement, column);
        return text is null ? null : Encoding.UTF8.GetString(text, ColumnBytes(statement, column));
    }

    public byte[] Blob(int column) => Bytes(column).ToArray();

    /// <summary>A blob, valid only until the row is left.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => new(ColumnBlob(statement, column), ColumnBytes(statement, column));

    public Guid Guid(int column) => new(Bytes(column));

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

    [LibraryImport(Statement.Library, EntryPoint = "sqlite3_column_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int ColumnType(nint statement, int column);

    [LibraryImport(Statement.Library, EntryPoint = "sqlite3_column_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(Statement.Library, EntryPoint = "sqlite3_column_text")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial byte* ColumnText(nint statement, int column);

    [LibraryImport(Statement.Library, EntryPoint = "sqlite3_column_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Statement.Library, EntryPoint = "sqlite3_column_bytes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int ColumnBytes(nint statement, int column);
}
