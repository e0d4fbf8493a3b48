using System.Security.Cryptography;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

internal static class Pem
{
    /// <summary>The most text AWS IoT takes as a certificate.</summary>
    private const int Limit = 65_536;

    /// <summary>The bytes of the one PEM block in a text. Text before it is tolerated, as openssl writes it; text after it is not.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="labels">What the block may be.</param>
    /// <param name="what">What it is to the user, to begin a message with.</param>
    /// <param name="errorType">What is thrown.</param>
    /// <param name="hasChain">Whether more blocks of the kind may follow: a certificate's issuers, as AWS Private CA and the makers of devices hand them out.</param>
    /// <exception cref="CdfException">There is no whole block, another kind of block, or more than one.</exception>
    public static byte[] Decode(string pem, ReadOnlySpan<string> labels, string what, IotErrorType errorType, bool hasChain = false)
    {
        if (pem.Length > Limit)
            throw errorType.Error($"{what} has {pem.Length} characters; the limit is {Limit}.");
        if (!PemEncoding.TryFind(pem, out var fields))
            throw errorType.Error($"{what} is not PEM text: it must run from -----BEGIN {labels[0]}----- to -----END {labels[0]}-----, line breaks included.");

        var label = pem[fields.Label];
        if (!labels.Contains(label))
            throw errorType.Error($"{what} must be a PEM block of type {labels[0]}, but it is of type {label}.");

        var rest = pem.AsSpan(fields.Location.End.Value);
        while (hasChain && PemEncoding.TryFind(rest, out var next))
        {
            if (!rest[next.Label].SequenceEqual(label))
                throw errorType.Error($"{what} is followed by a PEM block of type {rest[next.Label]}; only the certificates of its chain may follow.");
            rest = rest[next.Location.End.Value..];
        }

        if (rest.Contains("-----BEGIN", StringComparison.Ordinal))
            throw errorType.Error($"{what} has more than one PEM block; give only one.");
        if (!rest.IsWhiteSpace())
            throw errorType.Error($"{what} has text after -----END {label}-----; remove it.");

        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    /// <summary>As AWS IoT returns PEM: lines of 64 characters, each ended by a line feed.</summary>
    public static string Encode(string label, ReadOnlySpan<byte> der) =>
        string.Create(PemEncoding.GetEncodedSize(label.Length, der.Length) + 1, der, (pem, der) =>
        {
            PemEncoding.TryWrite(label, der, pem, out var written);
            pem[written] = '\n';
        });
}
