using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Signing;
using CdfProvisioning.Tests.Aws.S3;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>What boto3 sees: each check is a function of a script.</summary>
public sealed class Boto3Tests(Boto3Tests.Run run) : IClassFixture<Boto3Tests.Run>
{
    private const string AwsScript = "aws_checks.py";
    private const string S3Script = "s3_checks.py";

    public static TheoryData<string> AwsChecks => [.. PythonChecks.Names(AwsScript)];

    public static TheoryData<string> S3Checks => [.. PythonChecks.Names(S3Script)];

    [Theory]
    [MemberData(nameof(AwsChecks))]
    [MemberData(nameof(S3Checks))]
    public void Boto3_finds(string check)
    {
        Assert.SkipWhen(run.Results is null, "boto3 is not installed.");
        Assert.True(run.Results[check].Length == 0, run.Results[check]);
    }

    [Fact]
    public void Boto3_calls_every_operation_that_it_knows()
    {
        Assert.SkipWhen(run.Results is null, "boto3 is not installed.");
        var missing = IotOperations.All.Select(o => o.Name).Except(run.Called.Select(name => name.Split(':')[^1]));
        Assert.Empty(missing.Except(JavaScriptTests.NewerThanDebian));
    }

    /// <summary>The one run of the scripts, S3's over that service alone.</summary>
    public sealed class Run : IAsyncLifetime
    {
        /// <summary>By check, what was wrong; null if there is no boto3.</summary>
        public IReadOnlyDictionary<string, string>? Results { get; private set; }

        public IReadOnlyCollection<string> Called { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            await using var host = await AwsHost.StartAsync(new AwsCredentials(ClientProcess.AccessKey, ClientProcess.SecretKey)); // Secrets are for those who sign.
            if (await PythonChecks.RunAsync(AwsScript, host.Endpoint.AbsoluteUri, JsonSerializer.Serialize(await FilesAsync(host))) is not { } aws)
                return;
            Called = host.Called;
            await using var s3 = await S3Host.StartAsync();
            Results = aws.Concat((await PythonChecks.RunAsync(S3Script, s3.Endpoint.AbsoluteUri, s3.Folder))!).ToDictionary();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Keys, requests and certificates, which Python could not make without more packages.</summary>
        private static async Task<Dictionary<string, string>> FilesAsync(AwsHost host)
        {
            var ca = Make.Ca("Test CA");
            var code = (await host.Connection.Registry.InvokeAsync(new GetRegistrationCodeRequest(), CancellationToken.None)).RegistrationCode!;
            return new()
            {
                ["ca"] = ca.Certificate.Pem,
                ["key"] = ca.ExportKey(),
                ["code"] = code,
                ["verification"] = CertificateAuthorities.IssueVerification(ca, code).Pem,
                ["device"] = Make.Device(ca).Pem,
                ["stranger"] = Make.Device(Make.Ca("Stranger")).Pem,
                ["csr"] = Make.Csr(),
                ["folder"] = host.Folder,
            };
        }
    }
}
