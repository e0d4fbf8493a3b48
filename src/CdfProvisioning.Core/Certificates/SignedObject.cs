using System.Formats.Asn1;

namespace CdfProvisioning.Certificates;

/// <summary>The outer form that certificates and CSRs share: content, how it is signed, signature.</summary>
/// <param name="Content">The signed bytes.</param>
/// <param name="AlgorithmIdentifier">Encoded.</param>
/// <param name="Signature">As the algorithm makes it.</param>
internal sealed record SignedObject(ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> AlgorithmIdentifier, ReadOnlyMemory<byte> Signature)
{
    /// <exception cref="AsnContentException">The bytes have another form.</exception>
    public static SignedObject Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var content = reader.PeekEncodedValue();
        reader.ReadSequence();
        var algorithm = reader.PeekEncodedValue();
        reader.ReadSequence();
        if (!reader.TryReadPrimitiveBitString(out var unusedBits, out var signature) || unusedBits != 0)
            throw new AsnContentException("its signature is not a whole number of bytes");
        reader.ThrowIfNotEmpty();
        return new SignedObject(content, algorithm, signature);
    }
}
