using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>A static method of the running test project in a process of its own, for tests of what a killed process leaves.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string TypeVariable = "CDF_TEST_CHILD_TYPE";
    private const string MethodVariable = "CDF_TEST_CHILD_METHOD";

    private const int ExitCodeOfKilled = 128 + 9;

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public bool HasExited => _process.HasExited;

    /// <param name="method">The name of a static method of <typeparamref name="T"/> that takes nothing and returns a task.</param>
    /// <param name="environment">What it is told.</param>
    public static ChildProcess Start<T>(string method, params IEnumerable<(string Name, string Value)> environment)
    {
        var executable = Path.Combine(AppContext.BaseDirectory, typeof(T).Assembly.GetName().Name! + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(executable) { RedirectStandardOutput = true };
        // The method runs before the test runner would begin, which takes half a second to start.
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[TypeVariable] = typeof(T).AssemblyQualifiedName;
        start.Environment[MethodVariable] = method;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>In the child process: runs the method to its end.</summary>
    public static void Run()
    {
        var type = Type.GetType(Environment.GetEnvironmentVariable(TypeVariable)!, throwOnError: true)!;
        var method = type.GetMethod(Environment.GetEnvironmentVariable(MethodVariable)!, BindingFlags.Static | BindingFlags.NonPublic)!;
        method.CreateDelegate<Func<Task>>()().GetAwaiter().GetResult();
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

    /// <summary>In the child process: kills it at some moment within a time, however busy the process of the tests is.</summary>
    public static void KillItself(TimeSpan within) => new Thread(() =>
    {
        Thread.Sleep(Random.Shared.Next((int)within.TotalMilliseconds + 1));
        Process.GetCurrentProcess().Kill();
    }).Start();

    /// <summary>Waits until it has killed itself; it may not end otherwise.</summary>
    public async Task KilledAsync()
    {
        await _process.WaitForExitAsync(Cancellation);
        Assert.Equal(OperatingSystem.IsWindows() ? -1 : ExitCodeOfKilled, _process.ExitCode);
    }

    public void Dispose() => _process.Dispose();
}
