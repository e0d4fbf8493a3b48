using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>A client that is a program of its own, with credentials as AWS's clients find them.</summary>
internal static class ClientProcess
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static readonly string NoFile = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());

    /// <returns>Whether there is such a program, and it succeeds.</returns>
    public static async Task<bool> SucceedsAsync(string program, params string[] arguments)
    {
        try
        {
            return (await RunAsync(program, arguments, "")).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs a program that has to succeed.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>What it writes.</returns>
    public static async Task<string> OutputOfAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        var (exitCode, output, errors) = await RunAsync(program, arguments, input);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {output}{errors}");
        return output;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AWS_ACCESS_KEY_ID"] = AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
                ["AWS_DEFAULT_REGION"] = "us-east-1",
                ["AWS_CONFIG_FILE"] = NoFile,
                ["AWS_SHARED_CREDENTIALS_FILE"] = NoFile,
                ["AWS_PAGER"] = "",
            },
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
