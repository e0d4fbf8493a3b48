using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>Registries that older versions of the module made.</summary>
public sealed class OldRegistryTests : IDisposable
{
    private const string EndedList = "63b5be69-46fd-472a-8613-d2dbcc343158";
    private const string InterruptedList = "491f0774-3355-4038-b770-1684bf0e15fb";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Keys => _folder.File("keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_registry_of_format_3_has_its_things_certificates_policies_and_groups_still()
    {
        await using var connection = await OpenAsync();

        Assert.Equal(["sensor-1", "sensor-2"], await connection.Registry.ThingsAsync(thingType: null, attribute: null, Cancellation).Select(thing => thing.ThingName!).ToListAsync(Cancellation));
        var thing = await connection.Registry.InvokeAsync(new DescribeThingRequest("sensor-1"), Cancellation);
        Assert.Equal(("sensor", "Ulm"), (thing.ThingTypeName, thing.Attributes!["site"]));
        Assert.Equal(["factory"], (await connection.Registry.InvokeAsync(new ListThingGroupsForThingRequest("sensor-1"), Cancellation)).ThingGroups!.Select(group => group.GroupName));
        var principal = Assert.Single((await connection.Registry.InvokeAsync(new ListThingPrincipalsRequest("sensor-1"), Cancellation)).Principals!);
        Assert.Equal(["sensors"], (await connection.Registry.InvokeAsync(new ListAttachedPoliciesRequest(principal), Cancellation)).Policies!.Select(policy => policy.PolicyName));
        var certificate = (await connection.Registry.InvokeAsync(new DescribeCertificateRequest(principal.Split('/')[^1]), Cancellation)).CertificateDescription!;
        Assert.Equal("ACTIVE", certificate.Status);
        Assert.Equal(certificate.CertificateId, ParsedCertificate.FromPem(certificate.CertificatePem!, "The certificate").Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_that_format_3_left_interrupted_can_be_resumed_and_stopped(bool isResumed)
    {
        await using var connection = await OpenAsync();
        var lists = connection.BulkRegistrations;
        Assert.Equal(
            [(EndedList, BulkRegistrationStatus.Completed, 1, 1), (InterruptedList, BulkRegistrationStatus.Interrupted, 4, 0)],
            await lists.ListAsync(Cancellation).Select(task => (task.TaskId, task.Status, (int)task.RowCount, (int)task.SuccessCount)).OrderBy(task => task.Status).ToListAsync(Cancellation));
        Assert.Equal(["sensor-2"], await lists.ResultsAsync(EndedList, failedOnly: false, Cancellation).Select(result => result.ThingName!).ToListAsync(Cancellation));

        var task = isResumed
            ? await lists.WaitAsync((await lists.ResumeAsync(InterruptedList, Cancellation)).TaskId, null, Cancellation)
            : await lists.StopAsync(InterruptedList, Cancellation);

        Assert.Equal(isResumed ? (BulkRegistrationStatus.Completed, 4, 0) : (BulkRegistrationStatus.Cancelled, 0, 0), (task.Status, (int)task.SuccessCount, (int)task.FailureCount));
        string[] devices = isResumed ? ["device-1", "device-2", "device-3", "device-4"] : [];
        Assert.Equal([.. devices, "sensor-1", "sensor-2"], await connection.Registry.ThingsAsync(thingType: null, attribute: null, Cancellation).Select(thing => thing.ThingName!).Order().ToListAsync(Cancellation));
        Assert.Equal(devices, Directory.Exists(Keys) ? Directory.EnumerateFiles(Keys).Select(file => Path.GetFileNameWithoutExtension(file)).Order() : []);
    }

    /// <summary>The key of the registry's own CA is not among what is kept of it: certificates are to come from another.</summary>
    private async Task<Connection> OpenAsync()
    {
        OldFile.Make(Path.Combine(_folder.Path, "us-east-1", "registry.db"), "registry-3.sql", Keys);
        return await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.Path, Settings: new() { KeyAlgorithm = KeyAlgorithm.P384 }), Cancellation);
    }
}
