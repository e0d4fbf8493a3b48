using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

/// <summary>The openssl command in a folder of its own: what other people's tools make, and what they say of ours.</summary>
internal sealed class OpenSsl : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Runs a command line whose arguments contain no spaces save those of <paramref name="subject"/>; skips the test where there is no openssl.</summary>
    public string Run(string arguments, string? subject = null)
    {
        var result = TryRun(arguments, subject);
        Assert.True(result.ExitCode == 0, $"openssl {arguments}: {result.Output}");
        return result.Output;
    }

    public (int ExitCode, string Output) TryRun(string arguments, string? subject = null)
    {
        var start = new ProcessStartInfo("openssl", arguments.Split(' '))
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (subject is not null)
        {
            start.ArgumentList.Add("-subj");
            start.ArgumentList.Add(subject);
        }

        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            Assert.Skip("openssl is not installed.");
            throw;
        }
    }

    /// <summary>A self-signed CA in ca.pem with its PKCS#8 key in ca.key.</summary>
    public void MakeCa(string keyType, string subject = "/C=GB/O=Example/CN=Example CA", string more = "") => Run(
        $"req -x509 -newkey {keyType} -nodes -keyout ca.key -out ca.pem -days 30 -addext keyUsage=critical,keyCertSign,cRLSign{more}", subject);

    public string Read(string file) => File.ReadAllText(_folder.File(file));

    public void Write(string file, string text) => File.WriteAllText(_folder.File(file), text);

    public void Dispose() => _folder.Dispose();
}
