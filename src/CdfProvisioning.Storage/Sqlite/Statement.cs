using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>
/// A prepared statement, prepared once and run many times. Values are handed to SQLite itself: through SQLitePCL each costs a
/// look-up of the provider, two of the handle's count, and an array for each text, which together is a tenth of what a row of a list does.
/// </summary>
internal sealed partial class Statement(sqlite3_stmt handle) : IDisposable
{
    public const string Library = "e_sqlite3";
    private const int MaxTextOnStack = 1_024;

    /// <summary>SQLITE_TRANSIENT: SQLite takes a copy at once.</summary>
    private const nint Transient = -1;

    private readonly nint _statement = handle.DangerousGetHandle();

    /// <summary>SQLite's index of each of <c>$1</c>, <c>$2</c>, ...: it counts them in the order in which the text first names them.</summary>
    private readonly int[] _indexes = [.. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(handle)).Select(n => raw.sqlite3_bind_parameter_index(handle, $"${n}"))];

    public Row Row => new(_statement);

    public void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            if (Bind(_indexes[i], values[i]) is var code and not raw.SQLITE_OK)
                throw new ArgumentException($"Value ${i + 1} cannot be bound (SQLite error {code}).", nameof(values));
    }

    /// <returns>SQLITE_ROW, SQLITE_DONE or an error code.</returns>
    public int Step() => Step(_statement);

    public void Reset() => _ = Reset(_statement);

    public void Dispose() => handle.Dispose();

    private int Bind(int position, object? value) => value switch
    {
        null => BindNull(_statement, position),
        string text => BindText(position, text),
        long number => BindNumber(_statement, position, number),
        int number => BindNumber(_statement, position, number),
        bool flag => BindNumber(_statement, position, flag ? 1 : 0),
        byte[] bytes => BindBlob(position, bytes),
        ReadOnlyMemory<byte> bytes => BindBlob(position, bytes.Span),
        Guid id => BindBlob(position, id.ToByteArray()),
        DateTimeOffset time => BindNumber(_statement, position, time.ToUnixTimeMilliseconds()),
        _ => throw new NotSupportedException($"A {value.GetType()} cannot be stored."),
    };

    private int BindText(int position, string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var utf8 = length <= MaxTextOnStack ? stackalloc byte[length] : new byte[length];
        return BindText(_statement, position, utf8, Encoding.UTF8.GetBytes(text, utf8), Transient);
    }

    /// <summary>An empty span has no address, which SQLite would take for NULL.</summary>
    private int BindBlob(int position, ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, position, 0) : BindBlob(_statement, position, bytes, bytes.Length, Transient);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int BindNull(nint statement, int position);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int BindNumber(nint statement, int position, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int BindText(nint statement, int position, ReadOnlySpan<byte> text, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int BindBlob(nint statement, int position, ReadOnlySpan<byte> bytes, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int Reset(nint statement);
}
