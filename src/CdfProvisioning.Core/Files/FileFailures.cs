namespace CdfProvisioning.Files;

/// <summary>Says in our own words what the file system said of a file.</summary>
internal static class FileFailures
{
    public static bool IsExpected(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static CdfException CannotRead(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be read: {cause.Message}", cause);

    public static CdfException CannotWrite(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be written: {cause.Message} Make the folder writable or free some space.", cause);
}
