using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>Lists whose rows bring along what every extension needs.</summary>
internal static class DeviceLists
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static List<Dictionary<string, string>> Rows(params IEnumerable<string> thingNames) => [.. thingNames.Select(name => new Dictionary<string, string>
    {
        ["ThingName"] = name,
        ["CSR"] = Make.Csr(name),
        ["cdf.certificatePem"] = Make.ForeignCertificate(name),
    })];

    /// <summary>What all rows of a list have in common.</summary>
    public static CdfProvisioningParameters CommonParameters(this Factory factory) =>
        factory.CdfParameters("") with { CertificatePem = null, CertInfo = new CertInfo { CommonName = "device {ThingName}" } };

    /// <summary>Registers a list and waits for its end; keys go to the folder <c>keys</c> of the factory, if they are to be kept.</summary>
    public static async Task<BulkRegistrationTask> RunAsync(
        this BulkRegistrationService lists, Factory factory, string? template, CdfProvisioningParameters? common, IEnumerable<Dictionary<string, string>> rows, bool keepsKeys = true)
    {
        if (template is not null)
            await factory.Connection.Templates.PutAsync("list", template, Cancellation);
        var task = await lists.StartAsync(
            new BulkRegistrationRequest(template is null ? null : "list", keepsKeys ? factory.KeyFolder : null, common),
            rows.Select(IReadOnlyDictionary<string, string> (row) => row).ToAsyncEnumerable(), Cancellation);
        return await lists.WaitAsync(task.TaskId, null, Cancellation);
    }

    public static async Task<List<BulkRegistrationResult>> ResultsAsync(this BulkRegistrationService lists, BulkRegistrationTask task) =>
        await lists.ResultsAsync(task.TaskId, failedOnly: false, Cancellation).ToListAsync(Cancellation);
}
