using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>A piece of an object.</summary>
internal readonly partial record struct ByteRange(long Start, long Length)
{
    /// <summary>The piece that a GET or HEAD asks for, by <c>Range</c> or by <c>partNumber</c>; null for the whole.</summary>
    /// <exception cref="CdfException">InvalidRange, InvalidPartNumber: there is no such piece. InvalidRequest: both are given.</exception>
    public static ByteRange? Of(S3Request request, StoredObject stored)
    {
        var range = request.Header("Range");
        if (request.Number("partNumber") is not { } number)
            return range is null ? null : Parse(range, stored.Size);
        if (range is not null)
            throw S3Errors.InvalidRequest.Error("Cannot specify both Range header and partNumber query parameter");
        var parts = stored.PartSizes ?? [stored.Size];
        if (stored.Size == 0 && number == 1)
            return null;
        return number > 0 && number <= parts.Count
            ? new(parts.Take(number - 1).Sum(), parts[number - 1])
            : throw S3Errors.InvalidPartNumber.Error($"The requested partnumber is not satisfiable: {number} of {parts.Count}.");
    }

    /// <summary>The piece that a part of an upload is to be copied from; null for the whole.</summary>
    /// <exception cref="CdfException">InvalidArgument, InvalidRequest.</exception>
    public static ByteRange? OfCopySource(S3Request request, StoredObject source)
    {
        const string header = "x-amz-copy-source-range";
        if (request.Header(header) is not { } range)
            return null;
        if (SingleRange(range) is not { From: { } from, To: { } to })
            throw S3Request.InvalidArgument(header, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy");
        return to < source.Size
            ? new(from, to - from + 1)
            : throw S3Errors.InvalidRequest.Error($"The specified copy range is invalid for the source object size: {range} of {source.Size} bytes.");
    }

    /// <summary>As S3 does, what cannot be read, and more than one range, are as good as none.</summary>
    private static ByteRange? Parse(string range, long size)
    {
        if (SingleRange(range) is not { } only)
            return null;
        var start = only.From ?? Math.Max(0, size - only.To!.Value);
        var end = only.From is null ? size - 1 : Math.Min(only.To ?? long.MaxValue, size - 1);
        return start < size
            ? new(start, end - start + 1)
            : throw S3Errors.InvalidRange.Error($"The requested range is not satisfiable: {range} of {size} bytes.");
    }

    private static RangeItemHeaderValue? SingleRange(string range) =>
        RangeHeaderValue.TryParse(BeyondInt64().Replace(range, "9223372036854775807"), out var parsed) && parsed is { Unit: "bytes", Ranges.Count: 1 } ? parsed.Ranges.First() : null;

    /// <summary>RFC 9110, 14.1.1 sets no bound to a position: what .NET cannot read lies beyond every object.</summary>
    [GeneratedRegex("[0-9]{19,}")]
    private static partial Regex BeyondInt64();
}
