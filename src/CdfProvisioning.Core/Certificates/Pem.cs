using System.Security.Cryptography;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

internal static class Pem
{
    /// <summary>The most text AWS IoT takes as a certificate.</summary>
    private const int Limit = 65_536;

    /// <summary>The bytes of the one PEM block in a text. Text before it is tolerated, as openssl writes it; text after it is not.</summary>
    /// <exception cref="CdfException">There is no whole block, another kind of block, or more than one.</exception>
    public static byte[] Decode(string pem, ReadOnlySpan<string> labels, string what, IotErrorType errorType)
    {
        if (pem.Length > Limit)
            throw errorType.Error($"{what} has {pem.Length} characters; the limit is {Limit}.");
        if (!PemEncoding.TryFind(pem, out var fields))
            throw errorType.Error($"{what} is not PEM text: it must run from -----BEGIN {labels[0]}----- to -----END {labels[0]}-----, line breaks included.");

        var label = pem[fields.Label];
        if (!labels.Contains(label))
            throw errorType.Error($"{what} must be a PEM block of type {labels[0]}, but it is of type {label}.");

        var rest = pem.AsSpan(fields.Location.End.Value);
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
