using System.Diagnostics;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>An explicit test of the running test project in a process of its own, for tests of what a killed process leaves.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="test">The name of a test of <typeparamref name="T"/>, which is marked as explicit.</param>
    /// <param name="environment">What it is told.</param>
    public static ChildProcess Start<T>(string test, params IEnumerable<(string Name, string Value)> environment)
    {
        var executable = Path.Combine(AppContext.BaseDirectory, typeof(T).Assembly.GetName().Name! + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(executable, ["--explicit", "only", "--filter-method", $"*.{typeof(T).Name}.{test}"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>The next line that it writes and that begins so; it may not end before.</summary>
    public async Task<string> ReadLineAsync(string beginning)
    {
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(Cancellation);
            Assert.True(line is not null, $"The child process ended without writing '{beginning}'.");
        }
        while (!line.StartsWith(beginning, StringComparison.Ordinal));
        return line;
    }

    /// <summary>Kills it where it is, at some moment within a time; it may not have ended by itself.</summary>
    public async Task KillAsync(TimeSpan within = default)
    {
        await Task.Delay(Random.Shared.Next((int)within.TotalMilliseconds + 1), Cancellation);
        Assert.False(_process.HasExited);
        _process.Kill();
        await _process.WaitForExitAsync(Cancellation);
    }

    public void Dispose() => _process.Dispose();
}
