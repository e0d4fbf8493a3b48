using System.Runtime.InteropServices;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CdfProvisioning.Pkcs11;

/// <summary>
/// The library of a maker of tokens. It is initialised once in a process, and its end ends all its sessions; so it is shared, and
/// goes with the last key that is in use. Only then does it see tokens that have been made since.
/// </summary>
internal sealed class TokenModule : IDisposable
{
    /// <summary>The variable of OpenSSL's PKCS#11 engine (libp11).</summary>
    private const string PathVariable = "PKCS11_MODULE_PATH";

    /// <summary>What knows the tokens that are configured for p11-kit.</summary>
    private const string Proxy = "p11-kit-proxy.so";

    private static readonly Lock Loading = new();
    private static readonly Dictionary<string, TokenModule> Loaded = [];

    private readonly string _path;
    private int _users;

    /// <summary>Pkcs11Interop loads libraries with libdl by the name that only development packages give it.</summary>
    static TokenModule() => NativeLibrary.SetDllImportResolver(
        typeof(Pkcs11InteropFactories).Assembly,
        (name, _, _) => name == "libdl" && (NativeLibrary.TryLoad("libdl.so.2", out var library) || NativeLibrary.TryLoad("libc", out library)) ? library : 0);

    private TokenModule(string path, IPkcs11Library library) => (_path, Library) = (path, library);

    public static Pkcs11InteropFactories Factories { get; } = new();

    public IPkcs11Library Library { get; }

    /// <exception cref="CdfException">InvalidRequest, NotFound: there is no such library, or it is none.</exception>
    public static TokenModule Load(KeyUri uri)
    {
        var path = PathOf(uri);
        lock (Loading)
        {
            if (!Loaded.TryGetValue(path, out var module))
                Loaded[path] = module = new TokenModule(path, Open(path));
            module._users++;
            return module;
        }
    }

    public void Dispose()
    {
        lock (Loading)
        {
            if (--_users > 0)
                return;
            Loaded.Remove(_path);
            Library.Dispose();
        }
    }

    private static IPkcs11Library Open(string path)
    {
        try
        {
            return Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, path, AppType.MultiThreaded);
        }
        catch (Exception e) when (e is LibraryArchitectureException or UnmanagedException)
        {
            throw CdfErrorCode.InvalidRequest.Error(
                Path.IsPathFullyQualified(path) && !File.Exists(path)
                    ? $"There is no PKCS#11 library '{path}'. Install the token's software, or name its library: module-path in the URI, or the environment variable {PathVariable}."
                    : $"The PKCS#11 library '{path}' cannot be loaded ({e.Message.TrimEnd('.')}). Name the library of the token's maker: ?module-path=/usr/lib/softhsm/libsofthsm2.so in the URI, or the environment variable {PathVariable}.",
                e);
        }
        catch (Pkcs11Exception e)
        {
            throw CdfErrorCode.Unavailable.Error($"The PKCS#11 library '{path}' cannot be initialised ({e.RV}). Look at its configuration.", e);
        }
    }

    private static string PathOf(KeyUri uri)
    {
        if (uri["module-path"] is { } path)
        {
            return Path.IsPathFullyQualified(path) ? path : throw CdfErrorCode.InvalidRequest.Error(
                $"The module-path '{IotNames.Shown(path)}' of the key URI is no full path of a PKCS#11 library, such as /usr/lib/softhsm/libsofthsm2.so; module-name takes a name.");
        }
        if (uri["module-name"] is { } name)
        {
            return name.Contains('/') || name.Contains('\\')
                ? throw CdfErrorCode.InvalidRequest.Error($"The module-name '{IotNames.Shown(name)}' of the key URI is a path: write module-path.")
                : RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? $"{name}.dll" : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? $"{name}.dylib" : $"{name}.so";
        }
        return Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } set ? set : Proxy;
    }
}
