using System.Diagnostics;

namespace CdfProvisioning.PowerShell.Tests;

/// <summary>A run of CdfProvisioning.Shell in a process of its own.</summary>
internal sealed record ShellProcess(int ExitCode, string Output, string Error)
{
    private static readonly string Program = Repository.PathOf(
        "src", "CdfProvisioning.Shell", "bin", Configuration, Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "CdfProvisioning.Shell.dll");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static Process Start(string home, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = home,
        };
        start.Environment["CDF_HOME"] = home;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs the shell with CDF_HOME and the current folder set to <paramref name="home"/>.</summary>
    public static async Task<ShellProcess> RunAsync(string home, params string[] arguments)
    {
        using var process = Start(home, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ShellProcess(process.ExitCode, await output, await error);
    }
}
