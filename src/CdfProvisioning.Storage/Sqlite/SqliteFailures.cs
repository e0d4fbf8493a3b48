using CdfProvisioning.Iot;
using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>Says in the user's words what SQLite reports by number.</summary>
internal static class SqliteFailures
{
    private const string NotWritable = "NotWritable";

    /// <summary>Whether the file itself is in trouble, so that the transaction as a whole is lost.</summary>
    public static bool IsOfTheFile(int code) => Primary(code) is not (raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE or raw.SQLITE_MISUSE);

    public static CdfException Error(string file, int code, string detail) => Primary(code) switch
    {
        raw.SQLITE_FULL => Unavailable($"The disk is full: nothing can be added to the {file}. Free some space and try again; what was written before is safe."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => NotOurs(file, detail),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH or raw.SQLITE_CANTOPEN => CannotWrite(file, detail),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Unavailable($"Another process has been writing to the {file} for too long. Wait until it is done and try again."),
        raw.SQLITE_IOERR => Unavailable($"The {file} cannot be read or written ({detail}). Check the disk and try again."),
        raw.SQLITE_NOMEM => Unavailable($"There is too little memory to work on the {file}."),
        _ => IotErrorType.InternalFailure.Error($"The {file} could not do this: {detail} (SQLite error {code})."),
    };

    public static CdfException NotOurs(string file, string detail) =>
        Unavailable($"The {file} is damaged, or another kind of file ({detail}). Restore it from a backup, or choose another file.");

    public static CdfException CannotWrite(string file, string detail, Exception? cause = null)
    {
        var error = Unavailable($"The {file} cannot be opened for writing ({detail}). Check that its folder exists and that you may write to the folder and the file, or choose another file.", cause);
        error.Data[NotWritable] = true;
        return error;
    }

    /// <summary>Whether the file may be readable all the same.</summary>
    public static bool IsNotWritable(CdfException error) => error.Data.Contains(NotWritable);

    public static CdfException Gone(string file) => Unavailable(
        $"The {file} was deleted, replaced or cut short while it was open, so nothing more is written to it. Put it back, or restore it from a backup, and open it anew.");

    public static CdfException Unavailable(string message, Exception? cause = null) => CdfErrorCode.Unavailable.Error(message, cause);

    private static int Primary(int code) => code & 0xff;
}
