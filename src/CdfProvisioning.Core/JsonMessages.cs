namespace CdfProvisioning;

/// <summary>What .NET's reader says of JSON that it cannot read.</summary>
internal static class JsonMessages
{
    /// <summary>Without the reader's own places (<c>LineNumber: 0 | BytePositionInLine: 7</c>), and without a full stop.</summary>
    public static string WithoutPlace(string message)
    {
        var end = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        if (end > 0)
            message = message[..end];
        end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (end > 0 ? message[..end] : message).TrimEnd('.', ' ', '|');
    }
}
