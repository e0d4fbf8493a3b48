using System.Text.Json;

namespace CdfProvisioning.Lists;

/// <summary>What is wrong with a list's JSON, in words that have one number for each thing.</summary>
internal static class JsonProblems
{
    /// <param name="exception">What the reader says.</param>
    /// <param name="name">What errors call the list.</param>
    /// <param name="row">The row, counted from 1.</param>
    /// <param name="line">The line, counted from 1.</param>
    public static CdfException Of(JsonException exception, string name, long row, long? line) =>
        CdfErrorCode.InvalidRequest.Error($"'{name}', row {row}{(line is null ? "" : $", line {line}")}: {Describe(exception.Message)}.", exception);

    /// <summary>Without the reader's own places (<c>LineNumber: 0 | BytePositionInLine: 7</c>).</summary>
    private static string Describe(string message)
    {
        var end = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        if (end > 0)
            message = message[..end];
        end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (end > 0 ? message[..end] : message).TrimEnd('.', ' ', '|');
    }
}
