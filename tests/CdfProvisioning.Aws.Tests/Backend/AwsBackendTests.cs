using System.Collections.Concurrent;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>The AWS backend on our AWS-compatible endpoint: IoT, S3, Systems Manager and STS over the wire.</summary>
public sealed class AwsBackendTests
{
    private const string Plain = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "Site": { "Type": "String", "Default": "ulm" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "site": { "Ref": "Site" } } } }
          }
        }
        """;

    private const string OwnCa = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } }
          },
          "CDF": { "createDeviceCertificate": true, "clientIdMustMatchThingName": true }
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_knows_the_account_of_its_credentials()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();

        Assert.Equal(("AWS", "123456789012", "eu-west-1"), (connection.Info.Backend, connection.Info.AccountId, connection.Info.Region));
        Assert.Equal("s3://my-templates/", connection.Info.TemplateLocation);
    }

    [Fact]
    public async Task A_device_is_provisioned_with_a_CA_whose_key_is_in_Systems_Manager()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        await connection.Templates.PutAsync("own-ca", OwnCa, Cancellation);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Factory CA"), TimeSpan.FromDays(1000), Cancellation);

        var response = await connection.Things.ProvisionAsync(Request("own-ca", "sensor-1", ca.CaId), Cancellation);

        Assert.NotNull(response.PrivateKey);
        var thing = await connection.Things.GetAsync("sensor-1", Cancellation);
        Assert.Equal("ACTIVE", Assert.Single(thing.Certificates).CertificateStatus);
        Assert.Equal("clientIdEnforcementPolicy_sensor-1", Assert.Single(thing.Policies).PolicyName);
    }

    [Fact]
    public async Task ACM_PCA_issues_a_certificate()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Factory CA"), TimeSpan.FromDays(1000), Cancellation);
        var caArn = $"arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/{ca.CaId}";
        var csr = SigningRequest.Create(new SubjectFields("sensor-1").ToName(), DeviceKey.CreateP256().PrivateKeyPem);

        var issued = await connection.PrivateCas.IssueAsync(caArn, csr, DateTimeOffset.UtcNow.AddDays(30), Cancellation);

        var issuer = ParsedCertificate.FromPem((await connection.PrivateCas.GetAsync(caArn, Cancellation)).CertificatePem, "The CA");
        Assert.True(ParsedCertificate.FromPem(issued.CertificatePem, "The certificate").IsSignedBy(issuer));
    }

    [Fact]
    public async Task A_role_is_assumed()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync(options => options with { RoleArn = "arn:aws:iam::123456789012:role/provisioner" });

        Assert.Empty(await connection.Templates.ListIdsAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Without_a_template_bucket_a_template_cannot_be_had()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync(options => options with { TemplateBucket = null });

        var failure = await Assert.ThrowsAsync<CdfException>(async () => await connection.Templates.GetAsync("sensor", Cancellation));

        Assert.Contains("-TemplateBucket", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_without_a_CDF_section_is_AWSs_work()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        await connection.Templates.PutAsync("plain", Plain, Cancellation);

        var task = await RunAsync(connection, "plain", [.. Names(300), "not a name"]);

        Assert.Equal((BulkRegistrationStatus.Completed, 300L, 1L, 301L), (task.Status, task.SuccessCount, task.FailureCount, task.RowCount));
        var results = await connection.BulkRegistrations.ResultsAsync(task.TaskId, failedOnly: false, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(Names(300).Order(), results.Where(r => r.Succeeded).Select(r => r.ThingName!).Order());
        Assert.Equal(301, results.Single(r => !r.Succeeded).Row);
        Assert.Equal(300, await connection.Things.ListNamesAsync("", Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Two_lists_of_AWSs_wait_for_each_other_and_say_so()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        var seen = new Messages();

        var (firstEnd, second) = await StartTwoAsync(connection, seen);
        BulkRegistrationTask[] ends = [await connection.BulkRegistrations.WaitAsync(second.TaskId, seen, Cancellation), await firstEnd];

        Assert.All(ends, task => Assert.Equal(BulkRegistrationStatus.Completed, task.Status));
        Assert.Equal([10L, 40_000L], ends.Select(task => task.SuccessCount));
        Assert.Contains(seen.All, message => message.StartsWith("It waits for AWS IoT's thing registration task", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_waits_for_another_can_be_stopped()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        var (firstEnd, second) = await StartTwoAsync(connection, new Messages());

        await connection.BulkRegistrations.StopAsync(second.TaskId, Cancellation);

        Assert.Equal(BulkRegistrationStatus.Cancelled, (await connection.BulkRegistrations.WaitAsync(second.TaskId, null, Cancellation)).Status);
        Assert.Equal(BulkRegistrationStatus.Completed, (await firstEnd).Status);
    }

    [Fact]
    public async Task A_list_of_AWSs_can_be_followed_from_another_computer_by_AWSs_id()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        await using var elsewhere = await account.ConnectAsync(options => options with { JournalFolder = account.File("elsewhere") });
        await connection.Templates.PutAsync("plain", Plain, Cancellation);
        await RunAsync(connection, "plain", Names(20));

        var seen = Assert.Single(await elsewhere.BulkRegistrations.ListAsync(Cancellation).ToListAsync(Cancellation));

        Assert.Equal((BulkRegistrationStatus.Completed, 20L, 20L), (seen.Status, seen.SuccessCount, seen.RowCount));
        Assert.Equal(20, await elsewhere.BulkRegistrations.ResultsAsync(seen.TaskId, failedOnly: false, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task A_list_with_a_CDF_section_is_registered_from_here()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        await connection.Templates.PutAsync("own-ca", OwnCa, Cancellation);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Factory CA"), TimeSpan.FromDays(1000), Cancellation);

        var started = await connection.BulkRegistrations.StartAsync(
            new BulkRegistrationRequest("own-ca", account.File("keys"), Parameters(ca.CaId)), Rows(Names(100)), Cancellation);
        var task = await connection.BulkRegistrations.WaitAsync(started.TaskId, null, Cancellation);

        Assert.Equal((BulkRegistrationStatus.Completed, 100L, 0L), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(100, Directory.EnumerateFiles(account.File("keys")).Count());
        Assert.Single((await connection.Things.GetAsync("device-100", Cancellation)).Policies);
    }

    [Fact]
    public async Task A_thing_with_300_certificates_and_groups_below_groups_is_read_whole()
    {
        await using var account = await AwsAccount.OpenAsync();
        await using var connection = await account.ConnectAsync();
        var registry = connection.Registry;
        await registry.InvokeAsync(new CreateThingRequest("hub"), Cancellation);
        await registry.InvokeAsync(new CreateThingGroupRequest("europe"), Cancellation);
        await registry.InvokeAsync(new CreateThingGroupRequest("germany", "europe"), Cancellation);
        await registry.InvokeAsync(new CreateThingGroupRequest("ulm", "germany"), Cancellation);
        await registry.InvokeAsync(new AddThingToThingGroupRequest("ulm", ThingName: "hub"), Cancellation);
        for (var i = 0; i < 300; i++)
        {
            var made = await registry.InvokeAsync(new CreateKeysAndCertificateRequest(i % 2 == 0), Cancellation);
            await registry.InvokeAsync(new AttachThingPrincipalRequest("hub", made.CertificateArn!), Cancellation);
        }

        var thing = await connection.Things.GetAsync("hub", Cancellation);

        Assert.Equal(300, thing.Certificates.Count);
        Assert.Equal(150, thing.Certificates.Count(c => c.CertificateStatus == "INACTIVE"));
        Assert.Equal(["europe", "germany"], Assert.Single(thing.Groups).Ancestors);
    }

    private static IEnumerable<string> Names(int count) => Enumerable.Range(1, count).Select(i => $"device-{i}");

    private static IAsyncEnumerable<IReadOnlyDictionary<string, string>> Rows(IEnumerable<string> names) =>
        names.Select(IReadOnlyDictionary<string, string> (name) => new Dictionary<string, string> { ["ThingName"] = name }).ToAsyncEnumerable();

    private static CdfProvisioningParameters Parameters(string caId) =>
        new() { CaId = caId, CertInfo = new() { CommonName = "device", DaysExpiry = 30 } };

    private static ProvisionRequest Request(string template, string thingName, string caId) =>
        new(template, new Dictionary<string, string> { ["ThingName"] = thingName }, Parameters(caId));

    private static async Task<BulkRegistrationTask> StartAsync(Connection connection, string template, IEnumerable<string> names) =>
        await connection.BulkRegistrations.StartAsync(new BulkRegistrationRequest(template), Rows(names), Cancellation);

    private static async Task<BulkRegistrationTask> RunAsync(Connection connection, string template, IEnumerable<string> names) =>
        await connection.BulkRegistrations.WaitAsync((await StartAsync(connection, template, names)).TaskId, null, Cancellation);

    /// <summary>What tasks say of themselves.</summary>
    /// <summary>Starts a long list and, when AWS runs it, a short one, which has to wait.</summary>
    private static async Task<(Task<BulkRegistrationTask> FirstEnd, BulkRegistrationTask Second)> StartTwoAsync(Connection connection, Messages seen)
    {
        await connection.Templates.PutAsync("plain", Plain, Cancellation);
        var first = await StartAsync(connection, "plain", Names(40_000));
        var firstEnd = connection.BulkRegistrations.WaitAsync(first.TaskId, seen, Cancellation).AsTask();
        await seen.First;
        return (firstEnd, await StartAsync(connection, "plain", Names(10).Select(name => "second-" + name)));
    }

    private sealed class Messages : IProgress<BulkRegistrationTask>
    {
        private readonly ConcurrentDictionary<string, bool> _all = new();
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ICollection<string> All => _all.Keys;

        public Task First => _first.Task;

        public void Report(BulkRegistrationTask value)
        {
            if (value.Message is not { } message)
                return;
            _all[message] = true;
            _first.TrySetResult();
        }
    }
}
