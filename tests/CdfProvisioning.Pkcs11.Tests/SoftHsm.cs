using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Pkcs11.Tests;

/// <summary>Tokens of SoftHSM, in a folder of their own. Tests are skipped where it is not installed.</summary>
public sealed partial class SoftHsm : IDisposable
{
    public const string Pin = "271828";

    private static readonly string? Library = new[] { "/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so" }.FirstOrDefault(File.Exists);

    private readonly TemporaryFolder _folder = new();

    public SoftHsm()
    {
        if (Library is null)
            return;
        Directory.CreateDirectory(_folder.File("tokens"));
        File.WriteAllText(_folder.File("softhsm2.conf"), $"directories.tokendir = {_folder.File("tokens")}\nlog.level = ERROR\n");
        File.WriteAllText(PinFile, Pin + "\n");
        // The library reads the environment of the process, of which .NET has a copy.
        _ = SetEnvironmentVariable("SOFTHSM2_CONF", _folder.File("softhsm2.conf"), 1);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", _folder.File("softhsm2.conf"));
    }

    public string PinFile => _folder.File("pin");

    /// <summary>What follows the question mark of a URI.</summary>
    public string Query => $"?module-path={Library}&pin-source=file:{PinFile}";

    public string QueryWithoutPin => $"?module-path={Library}";

    /// <summary>Makes a token.</summary>
    public static void MakeToken(string label) => Run("--init-token", "--free", "--label", label, "--so-pin", "0000", "--pin", Pin);

    /// <summary>Makes a key with openssl, and puts it into a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="label">What it is called there.</param>
    /// <param name="type">As openssl knows it, such as <c>ec -pkeyopt ec_paramgen_curve:P-256</c>.</param>
    /// <param name="id">Its id, in hexadecimal.</param>
    internal static void MakeKey(string token, string label, string type, string id = "01")
    {
        using var openssl = new OpenSsl();
        openssl.Run($"genpkey -algorithm {type} -out key.pem");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("key.pem"), openssl.Read("key.pem"));
        Run("--import", folder.File("key.pem"), "--token", token, "--label", label, "--id", id, "--pin", Pin);
    }

    public void Dispose() => _folder.Dispose();

    private static void Run(params string[] arguments)
    {
        Assert.SkipWhen(Library is null, "SoftHSM is not installed.");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("softhsm2-util", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"softhsm2-util: {output}{errors.GetAwaiter().GetResult()}");
        }
        catch (Win32Exception)
        {
            Assert.Skip("softhsm2-util is not installed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
