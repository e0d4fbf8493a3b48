using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The headers <c>x-amz-checksum-*</c>, one an algorithm.</summary>
internal static class ChecksumHeaders
{
    private const string Prefix = "x-amz-checksum-";
    private const string TypeHeader = Prefix + "type";
    private const string AlgorithmHeader = Prefix + "algorithm";
    private const string ModeHeader = Prefix + "mode";

    public static string NameOf(ChecksumAlgorithm algorithm) => Prefix + WireNameOf(algorithm);

    public static string WireNameOf(ChecksumAlgorithm algorithm) => algorithm.ToString().ToLowerInvariant();

    /// <summary>The algorithm of the checksum in the headers; null if there is none.</summary>
    /// <exception cref="CdfException">InvalidRequest: more than one, or one that is not known here.</exception>
    public static ChecksumAlgorithm? AlgorithmOf(S3Request request)
    {
        string[] names =
        [
            .. request.Context.Request.Headers.Keys
                .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                .Select(name => name.ToLowerInvariant())
                .Where(name => name is not (TypeHeader or AlgorithmHeader or ModeHeader)),
        ];
        return names.Length switch
        {
            0 => null,
            1 => Parse(names[0][Prefix.Length..]),
            _ => throw S3Errors.InvalidRequest.Error("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."),
        };
    }

    /// <summary>The algorithm of the checksum that the trailer will have; null if it will have none.</summary>
    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static ChecksumAlgorithm? TrailerAlgorithmOf(S3Request request) => request.Header("x-amz-trailer")?.Trim().ToLowerInvariant() switch
    {
        null => null,
        { } name when name.StartsWith(Prefix, StringComparison.Ordinal) => Parse(name[Prefix.Length..]),
        _ => throw S3Errors.InvalidRequest.Error("The value specified in the x-amz-trailer header is not supported"),
    };

    /// <summary>The algorithm that a new upload or copy asks for; null if it leaves the choice to S3.</summary>
    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static ChecksumAlgorithm? RequestedAlgorithmOf(S3Request request) => request.Header(AlgorithmHeader) is { } name ? Parse(name) : null;

    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static string? TypeOf(S3Request request) => request.Header(TypeHeader) switch
    {
        null => null,
        ChecksumType.FullObject or ChecksumType.Composite => request.Header(TypeHeader),
        _ => throw S3Errors.InvalidRequest.Error($"Value for {TypeHeader} header is invalid."),
    };

    /// <exception cref="CdfException">InvalidRequest: the value cannot be one of that algorithm. BadDigest: it is another.</exception>
    public static void Check(ChecksumAlgorithm algorithm, string given, ContentDigests digests)
    {
        var computed = digests.Checksums[algorithm];
        var value = new byte[computed.Length];
        if (!Convert.TryFromBase64String(given, value, out var length) || length != computed.Length)
            throw S3Errors.InvalidRequest.Error($"Value for {NameOf(algorithm)} header is invalid.");
        if (!value.AsSpan().SequenceEqual(computed))
            throw S3Errors.BadDigest.Error($"The {algorithm} you specified did not match the calculated checksum.");
    }

    public static void Write(HttpResponse response, Checksum checksum)
    {
        response.Headers[NameOf(checksum.Algorithm)] = checksum.Value;
        response.Headers[TypeHeader] = checksum.Type;
    }

    /// <summary>Whether the client of a GET or HEAD wants the checksum.</summary>
    public static bool AreAskedFor(S3Request request) => string.Equals(request.Header(ModeHeader), "ENABLED", StringComparison.OrdinalIgnoreCase);

    private static ChecksumAlgorithm Parse(string name)
    {
        foreach (var algorithm in Enum.GetValues<ChecksumAlgorithm>())
            if (name.Equals(algorithm.ToString(), StringComparison.OrdinalIgnoreCase))
                return algorithm;
        throw S3Errors.InvalidRequest.Error(
            $"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{string.Join(", ", Enum.GetNames<ChecksumAlgorithm>())}]");
    }
}
