using System.Text.Json;
using System.Text.RegularExpressions;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Tests.Registry;
using CdfProvisioning.Tests.S3;
using Xunit;

namespace CdfProvisioning.Tests.AwsWire;

/// <summary>What boto3 sees: each check is a function of <c>boto3_checks.py</c>, and all run in one process.</summary>
public sealed partial class Boto3Tests(Boto3Tests.Run run) : IClassFixture<Boto3Tests.Run>
{
    private const string Script = "aws_boto3_checks.py";

    public static TheoryData<string> Checks => [.. FunctionName().Matches(ReadScript()).Select(match => match.Groups["name"].Value)];

    [Theory]
    [MemberData(nameof(Checks))]
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

        public IReadOnlyCollection<string> Called { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            if (!await ClientProcess.SucceedsAsync("python3", "-c", "import boto3"))
                return;
            await using var host = await AwsHost.StartAsync();
            using var python = ClientProcess.Start("python3", ["-", host.Endpoint.AbsoluteUri, JsonSerializer.Serialize(await FilesAsync(host))]);
            await python.StandardInput.WriteAsync(ReadScript());
            python.StandardInput.Close();
            Results = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(python.StandardOutput.BaseStream);
            Called = host.Called;
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
                ["key"] = ca.ExportPrivateKeyPem(),
                ["code"] = code,
                ["verification"] = CertificateAuthorities.IssueVerification(ca, code).Pem,
                ["device"] = Make.Device(ca).Pem,
                ["stranger"] = Make.Device(Make.Ca("Stranger")).Pem,
                ["csr"] = Make.Csr(),
            };
        }
    }
}
