namespace CdfProvisioning;

/// <summary>What .NET's reader says of JSON that it cannot read.</summary>
internal static class JsonMessages
{
    private static readonly string[] OfTheReader = [" LineNumber: ", " Path: ", " Change the reader options."];

    /// <summary>Without the reader's own places (<c>LineNumber: 0 | BytePositionInLine: 7</c>) and advice to its caller, and without a full stop.</summary>
    public static string WithoutPlace(string message)
    {
        foreach (var start in OfTheReader)
            if (message.IndexOf(start, StringComparison.Ordinal) is > 0 and var end)
                message = message[..end];
        return message.TrimEnd('.', ' ', '|');
    }
}
