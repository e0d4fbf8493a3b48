using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>The sessions with the AWS CLI that the README shows, run as they are printed.</summary>
public sealed partial class ReadmeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sessions_work_as_printed()
    {
        foreach (var program in new[] { "aws", "openssl", "curl", "bash" })
            Assert.SkipUnless(await ClientProcess.SucceedsAsync(program, program == "openssl" ? "version" : "--version"), $"{program} is not installed.");
        await using var host = await AwsHost.StartAsync();
        using var folder = new TemporaryFolder();
        var templates = Directory.CreateDirectory(folder.File("module/templates"));
        foreach (var template in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "module", "templates")))
            File.Copy(template, Path.Combine(templates.FullName, Path.GetFileName(template)));

        var output = await ClientProcess.OutputOfAsync("bash", ["-eu"], $"cd '{folder.Path}'\n{Sessions().Replace("http://127.0.0.1:4566", host.Endpoint.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)}");

        var registry = host.Connection.Registry;
        var principal = Assert.Single((await registry.InvokeAsync(new ListThingPrincipalsRequest("sensor-1"), Cancellation)).Principals!);
        Assert.Contains(principal, output, StringComparison.Ordinal);
        await registry.InvokeAsync(new DescribeThingRequest("meter-1000"), Cancellation);
        Assert.Equal(3, ReportLine().Count(output));
    }

    private static string Sessions()
    {
        var section = Resource.Read("README.md").Split("## AWS's own protocol")[1].Split("\n## ")[0];
        return string.Join('\n', Block().Matches(section).Select(block => block.Groups[1].Value));
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("\"ResourceArns\":\\{\"thing\":\"arn:aws:iot:us-east-1:123456789012:thing/meter-[1-3]\"")]
    private static partial Regex ReportLine();
}
