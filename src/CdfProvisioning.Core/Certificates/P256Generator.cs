using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CdfProvisioning.Certificates;

/// <summary>
/// Makes P-256 keys with one OpenSSL context a thread that is used again and again, in place of <c>ECDsa.Create</c>, which builds
/// the curve anew for every key: 15 microseconds against 98. Only on Linux, with the libcrypto 3 that .NET itself has loaded, and only if
/// the first key stands .NET's test; EVP_PKEY-EC(7), EVP_PKEY_keygen(3).
/// </summary>
internal sealed partial class P256Generator : SafeHandleZeroOrMinusOneIsInvalid
{
    public const int ScalarLength = 32;
    public const int PointLength = 65;

    private const string LibCrypto = "libcrypto.so.3";
    private const byte Uncompressed = 4;

    private static readonly Lazy<bool> Works = new(IsFitForUse);

    [ThreadStatic]
    private static P256Generator? _ofThisThread;

    private P256Generator(IntPtr context)
        : base(ownsHandle: true) => SetHandle(context);

    /// <summary>Makes a key pair.</summary>
    /// <param name="scalar">Gets the private key, which the caller clears.</param>
    /// <param name="point">Gets the public key, uncompressed.</param>
    /// <returns>False if this cannot be done here.</returns>
    public static bool TryGenerate(Span<byte> scalar, Span<byte> point) => Works.Value && TryMake(scalar, point);

    protected override bool ReleaseHandle()
    {
        FreeContext(handle);
        return true;
    }

    private static bool TryMake(Span<byte> scalar, Span<byte> point) => (_ofThisThread ??= TryOpen()) is { } generator && generator.Make(scalar, point);

    private static P256Generator? TryOpen()
    {
        var context = new P256Generator(NewContext(IntPtr.Zero, "EC", IntPtr.Zero));
        if (!context.IsInvalid && BeginKeys(context) == 1 && SetGroup(context, "P-256") == 1)
            return context;
        context.Dispose();
        return null;
    }

    private bool Make(Span<byte> scalar, Span<byte> point)
    {
        IntPtr key = default, number = default;
        try
        {
            return MakeKey(this, ref key) == 1
                && GetOctets(key, "pub", point, PointLength, out var length) == 1 && length == PointLength && point[0] == Uncompressed
                && GetNumber(key, "priv", ref number) == 1 && ToBytes(number, scalar, ScalarLength) == ScalarLength;
        }
        finally
        {
            ClearNumber(number);
            FreeKey(key);
        }
    }

    private static bool IsFitForUse()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || SafeEvpPKeyHandle.OpenSslVersion >> 28 != 3)
                return false;
            var (scalar, point) = (new byte[ScalarLength], new byte[PointLength]);
            if (!TryMake(scalar, point))
                return false;
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar, Q = new() { X = point[1..33], Y = point[33..] } });
            CryptographicOperations.ZeroMemory(scalar);
            return key.VerifyHash(point[..32], key.SignHash(point[..32]));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or CryptographicException or PlatformNotSupportedException or TypeInitializationException)
        {
            return false;
        }
    }

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_CTX_new_from_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr NewContext(IntPtr library, string name, IntPtr properties);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(IntPtr context);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_keygen_init")]
    private static partial int BeginKeys(P256Generator context);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_CTX_set_group_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetGroup(P256Generator context, string name);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_keygen")]
    private static partial int MakeKey(P256Generator context, ref IntPtr key);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(IntPtr key);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_octet_string_param", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetOctets(IntPtr key, string name, Span<byte> buffer, nuint size, out nuint length);

    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_bn_param", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetNumber(IntPtr key, string name, ref IntPtr number);

    [LibraryImport(LibCrypto, EntryPoint = "BN_bn2binpad")]
    private static partial int ToBytes(IntPtr number, Span<byte> buffer, int length);

    [LibraryImport(LibCrypto, EntryPoint = "BN_clear_free")]
    private static partial void ClearNumber(IntPtr number);
}
