using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>A real browser without a window (Debian's package chromium).</summary>
internal static class Chromium
{
    /// <summary>Opens a page, waits for its scripts, and returns its document as it is then.</summary>
    /// <param name="page">The page.</param>
    /// <param name="further">Further arguments of the browser.</param>
    public static async Task<string> OpenAsync(Uri page, params IReadOnlyList<string> further)
    {
        using var profile = new TemporaryFolder();
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
            $"--user-data-dir={profile.Path}", "--virtual-time-budget=10000", "--timeout=30000", .. further, "--dump-dom", page.AbsoluteUri,
        ];
        Process? started = null;
        try
        {
            started = Process.Start(new ProcessStartInfo("chromium", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            Assert.Skip("chromium is not installed.");
        }

        using var browser = started!;
        var (document, errors) = (browser.StandardOutput.ReadToEndAsync(), browser.StandardError.ReadToEndAsync());
        try
        {
            await browser.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            browser.Kill(entireProcessTree: true);
            throw;
        }

        await errors;
        return await document;
    }
}
