using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Server.Aws.AcmPca;
using CdfProvisioning.Server.Aws.Ssm;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>
/// Every member of every operation, just inside and just outside what an installed botocore's model says of it. Bounds that
/// AWS has moved since that model, or had moved before it, are left out: ours are those of botocore 1.43.
/// </summary>
public sealed class BoundsTests
{
    private static readonly Dictionary<string, object> Services = new()
    {
        ["iot"] = new { operations = IotOperations.All.Select(o => o.Name), table = IotModel.Instance.Table },
        ["acm-pca"] = new { operations = new AcmPcaService(null!).OperationNames, table = AcmPcaModel.Instance.Table },
        ["ssm"] = new { operations = new SsmService(null!, answersSecrets: true).OperationNames, table = SsmModel.Instance.Table },
    };

    [Fact]
    public async Task What_the_model_refuses_is_refused_in_its_words_and_nothing_else_is()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("python3", "-c", "import boto3"), "boto3 is not installed.");
        await using var host = await AwsHost.StartAsync();
        var output = await ClientProcess.OutputOfAsync(
            "python3", [Path.Combine(AppContext.BaseDirectory, "bounds", "bounds_checks.py"), host.Endpoint.AbsoluteUri], JsonSerializer.Serialize(Services));

        foreach (var (service, result) in JsonNode.Parse(output)!.AsObject())
        {
            TestContext.Current.SendDiagnosticMessage("{0}: {1} inside, {2} outside", service, (int)result!["inside"]!, (int)result["outside"]!);
            Assert.True(result["wrong"]!.AsArray().Count == 0, string.Join(Environment.NewLine, result["wrong"]!.AsArray()));
            Assert.True((int)result["outside"]! > 5, "Hardly anything was sent.");
        }
    }
}
