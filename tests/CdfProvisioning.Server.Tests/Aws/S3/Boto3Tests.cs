using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>What boto3 sees: each check is a function of <c>boto3_checks.py</c>, and all run in one process.</summary>
public sealed class Boto3Tests(Boto3Tests.Run run) : IClassFixture<Boto3Tests.Run>
{
    private const string Script = "boto3_checks.py";

    public static TheoryData<string> Checks => [.. PythonChecks.Names(Script)];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Boto3_finds(string check)
    {
        Assert.SkipWhen(run.Results is null, "boto3 is not installed.");
        Assert.Equal("", run.Results[check]);
    }

    /// <summary>The one run of the script.</summary>
    public sealed class Run : IAsyncLifetime
    {
        /// <summary>By check, what was wrong; null if there is no boto3.</summary>
        public IReadOnlyDictionary<string, string>? Results { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await using var host = await S3Host.StartAsync();
            Results = await PythonChecks.RunAsync(Script, host.Endpoint.AbsoluteUri, host.Folder);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
