using System.Security.Cryptography;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// Random ids (RFC 9562, version 4). The system is asked for the random bytes of many at a time: asked for each, as
/// <see cref="Guid.NewGuid"/> does, it takes as long as SQLite for a row of a list.
/// </summary>
internal static class RandomId
{
    private const int Size = 16;
    private const int Ahead = 64;

    [ThreadStatic]
    private static byte[]? _bytesOfThisThread;

    [ThreadStatic]
    private static int _used;

    public static Guid Next()
    {
        if (_bytesOfThisThread is null || _used == _bytesOfThisThread.Length)
        {
            RandomNumberGenerator.Fill(_bytesOfThisThread ??= new byte[Ahead * Size]);
            _used = 0;
        }

        var id = _bytesOfThisThread.AsSpan(_used, Size);
        _used += Size;
        id[6] = (byte)(id[6] & 0x0F | 0x40);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
