using System.ComponentModel;
using System.Diagnostics;

namespace CdfProvisioning.Tests.S3;

/// <summary>A client of AWS's that is a program of its own.</summary>
internal static class ClientProcess
{
    /// <returns>False too if there is no such program.</returns>
    public static async Task<bool> SucceedsAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    public static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["AWS_ACCESS_KEY_ID"] = S3Host.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = S3Host.SecretKey,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = Path.DirectorySeparatorChar + "none",
            ["AWS_SHARED_CREDENTIALS_FILE"] = Path.DirectorySeparatorChar + "none",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_PAGER"] = "",
        },
    })!;
}
