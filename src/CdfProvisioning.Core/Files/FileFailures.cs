namespace CdfProvisioning.Files;

/// <summary>Says in our own words what the file system said of a file.</summary>
internal static class FileFailures
{
    public static bool IsExpected(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>What the file system said, as a sentence.</summary>
    public static string Said(Exception cause) => cause.Message.EndsWith('.') ? cause.Message : $"{cause.Message}.";

    public static CdfException CannotRead(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be read: {Said(cause)}", cause);

    public static CdfException CannotWrite(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be written: {Said(cause)} Make the folder writable or free some space.", cause);
}
