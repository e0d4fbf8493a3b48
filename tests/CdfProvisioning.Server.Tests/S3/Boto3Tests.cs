using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace CdfProvisioning.Tests.S3;

/// <summary>What boto3 sees: each check is a function of <c>boto3_checks.py</c>, and all run in one process.</summary>
public sealed partial class Boto3Tests(Boto3Tests.Run run) : IClassFixture<Boto3Tests.Run>
{
    private const string Script = "boto3_checks.py";

    public static TheoryData<string> Checks => [.. FunctionName().Matches(ReadScript()).Select(match => match.Groups["name"].Value)];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Boto3_finds(string check)
    {
        Assert.SkipWhen(run.Results is null, "boto3 is not installed.");
        Assert.Equal("", run.Results[check]);
    }

    private static string ReadScript()
    {
        using var resource = typeof(Boto3Tests).Assembly.GetManifestResourceStream(Script)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^def (?<name>[a-z]\w*)\(\)", RegexOptions.Multiline)]
    private static partial Regex FunctionName();

    /// <summary>The one run of the script.</summary>
    public sealed class Run : IAsyncLifetime
    {
        /// <summary>By check, what was wrong; null if there is no boto3.</summary>
        public IReadOnlyDictionary<string, string>? Results { get; private set; }

        public async ValueTask InitializeAsync()
        {
            if (!await ClientProcess.SucceedsAsync("python3", "-c", "import boto3"))
                return;
            await using var host = await S3Host.StartAsync();
            var output = await ClientProcess.OutputOfAsync("python3", ["-", host.Endpoint.AbsoluteUri, host.Folder], ReadScript());
            Results = JsonSerializer.Deserialize<Dictionary<string, string>>(output);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
