namespace CdfProvisioning.Files;

/// <summary>Says in our own words what the file system said of a file.</summary>
internal static class FileFailures
{
    public static bool IsExpected(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Does what need not succeed.</summary>
    /// <returns>False if the file system did not let it.</returns>
    public static bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return false;
        }
    }

    /// <summary>What the file system said, as a sentence.</summary>
    public static string Said(Exception cause) => cause.Message.EndsWith('.') ? cause.Message : $"{cause.Message}.";

    public static CdfException CannotRead(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be read: {Said(cause)}", cause);

    public static CdfException CannotWrite(string what, string path, Exception cause) =>
        CdfErrorCode.Unavailable.Error($"{what} '{path}' cannot be written: {Said(cause)} Make the folder writable or free some space.", cause);
}
