using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CdfProvisioning.Iot;

/// <summary>What stands for a name or a certificate where a million have to be told apart: half of a SHA-256 hash, which nobody finds twice.</summary>
internal static class NameKey
{
    public static UInt128 Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>A certificate's id is such a hash already.</summary>
    public static UInt128 OfCertificate(string certificateId) => UInt128.Parse(certificateId.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
