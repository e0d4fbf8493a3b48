using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CdfProvisioning.Iot;

/// <summary>What stands for a name where a million have to be told apart: half of a SHA-256 hash, which nobody finds twice.</summary>
internal static class NameKey
{
    public static UInt128 Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
