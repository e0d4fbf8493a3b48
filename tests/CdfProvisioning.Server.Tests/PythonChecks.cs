using System.Text.Json;
using System.Text.RegularExpressions;

namespace CdfProvisioning.Tests;

/// <summary>A script of checks, each a function without underscore: all run in one process, behind what <c>checks.py</c> defines for all scripts.</summary>
internal static partial class PythonChecks
{
    /// <param name="script">The name of the script among this assembly's resources.</param>
    public static IEnumerable<string> Names(string script) => FunctionName().Matches(Resource.Read(script)).Select(match => match.Groups["name"].Value);

    /// <returns>By check, what was wrong; null if there is no boto3.</returns>
    public static async Task<IReadOnlyDictionary<string, string>?> RunAsync(string script, params string[] arguments) =>
        await ClientProcess.SucceedsAsync("python3", "-c", "import boto3")
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(await ClientProcess.OutputOfAsync("python3", ["-", .. arguments], $"{Resource.Read("checks.py")}\n\n{Resource.Read(script)}\n\n_run()\n"))
            : null;

    [GeneratedRegex(@"^def (?<name>[a-z]\w*)\(\)", RegexOptions.Multiline)]
    private static partial Regex FunctionName();
}
