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
        CdfErrorCode.InvalidRequest.Error($"'{name}', row {row}{(line is null ? "" : $", line {line}")}: {JsonMessages.WithoutPlace(exception.Message)}.", exception);
}
