using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>A plan says yes where the registration succeeds and nowhere else, and what it shows is there afterwards: whatever is there, whatever the template.</summary>
public sealed class PlanAgreesWithRunTests
{
    [Fact]
    public async Task Of_one_device()
    {
        await using var factory = await Factory.OpenAsync();
        await using var check = await PlanCheck.OpenAsync(factory);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check.RunAsync(seed)));
        check.AssertBothHappened();
    }

    [Fact]
    public async Task Of_a_list_whose_rows_get_in_each_others_way()
    {
        await using var factory = await Factory.OpenAsync();
        await using var check = await PlanCheck.OpenAsync(factory);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check.RunListAsync(seed)));
        check.AssertBothHappened();
    }

    [Fact]
    public async Task A_list_that_is_repeated_is_the_same()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.Connection.Templates.PutAsync("makers", """
            {
              "Parameters": { "Name": { "Type": "String" }, "CertificateId": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "ThingGroups": [ "sensors" ], "AttributePayload": { "certificate": { "Ref": "CertificateId" } } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } },
                "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
              },
              "CDF": { "registerDeviceCertificateWithoutCA": true, "clientIdMustMatchThingName": true }
            }
            """, TestContext.Current.CancellationToken);
        List<Dictionary<string, string>> rows = [.. Enumerable.Range(0, 5).Select(i => new Dictionary<string, string> { ["Name"] = $"d{i}", ["cdf.certificatePem"] = Make.ForeignCertificate($"d{i}") })];

        Assert.Equal((5, 0, 0), await PlanAsync());
        Assert.Equal((5, 0), await RunAsync());
        var facts = await factory.FactsAsync();
        Assert.Equal((0, 0, 5), await PlanAsync());
        Assert.Equal((5, 0), await RunAsync());
        Assert.Equal(facts, await factory.FactsAsync());

        async Task<(long New, long Changed, long Same)> PlanAsync()
        {
            using var dryRun = await factory.Connection.BulkRegistrations.CreateDryRunAsync(new("makers"), TestContext.Current.CancellationToken);
            foreach (var row in rows)
                await dryRun.AddAsync(row, null, TestContext.Current.CancellationToken);
            var plan = await dryRun.EndAsync(TestContext.Current.CancellationToken);
            return (plan.NewCount, plan.ChangedCount, plan.SameCount);
        }

        async Task<(long, long)> RunAsync()
        {
            var lists = factory.Connection.BulkRegistrations;
            var task = await lists.StartAsync(new("makers"), rows.Select(IReadOnlyDictionary<string, string> (row) => row).ToAsyncEnumerable(), TestContext.Current.CancellationToken);
            task = await lists.WaitAsync(task.TaskId, null, TestContext.Current.CancellationToken);
            return (task.SuccessCount, task.FailureCount);
        }
    }
}
