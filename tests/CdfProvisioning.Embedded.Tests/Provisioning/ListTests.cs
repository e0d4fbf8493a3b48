using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Lists whose rows bring along what the CDF extensions need, and those whose rows say where the device is.</summary>
public sealed class ListTests
{
    public static TheoryData<string> Extensions => [.. ExtensionTemplates.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Every_extension_works_in_a_list(string extension)
    {
        await using var factory = await Factory.OpenAsync();

        var task = await RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), Rows(20));

        Assert.Equal((20, 0), (task.SuccessCount, task.FailureCount));
        for (var i = 0; i < 20; i++)
        {
            var thing = await factory.Connection.Things.GetAsync($"d{i}", Cancellation);
            Assert.Equal(5, thing.Policies.Count);
            if (extension is "createDeviceCertificate" or "acmpca with CA" or "acmpca without CA")
                Assert.Equal($"CN=device d{i}", SubjectOf(thing));
            if (extension != "CSR" && extension != "registerDeviceCertificateWithoutCA")
                using (var pair = X509Certificate2.CreateFromPemFile(Path.Combine(factory.KeyFolder, $"d{i}.pem")))
                    Assert.Equal(thing.Certificates.Single().CertificatePem!.Trim(), pair.ExportCertificatePem());
        }
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_row_that_fails_leaves_nothing_and_the_others_go_on(string extension)
    {
        await using var factory = await Factory.OpenAsync();
        var rows = Rows(3);
        await factory.InvokeAsync(new CreateThingRequest("d1"));
        await factory.InvokeAsync(new AddThingToThingGroupRequest("spares", ThingName: "d1"));
        var template = ExtensionTemplates.All[extension].Replace("\"ThingGroups\": \"REPLACE\"", "\"ThingGroups\": \"FAIL\"", StringComparison.Ordinal);
        var before = await factory.FactsAsync();

        var task = await RunAsync(factory, template, factory.CommonParameters(), rows);

        Assert.Equal((2, 1), (task.SuccessCount, task.FailureCount));
        var facts = await factory.FactsAsync();
        Assert.Equal(before.Where(f => f.Split(' ').Contains("d1")), facts.Where(f => f.Split(' ').Contains("d1")));
        Assert.Equal(2, facts.Count(f => f.EndsWith("is INACTIVE", StringComparison.Ordinal)));
        Assert.False(File.Exists(Path.Combine(factory.KeyFolder, "d1.pem")));
    }

    [Fact]
    public async Task A_column_counts_before_what_is_common_to_all_rows_and_an_empty_field_does_not()
    {
        await using var factory = await Factory.OpenAsync();
        var rows = Rows(2);
        rows[0]["cdf.certInfo.commonName"] = "of my own";
        rows[0]["CDF.CERTINFO.COUNTRY"] = "DE";
        rows[1]["cdf.certInfo.commonName"] = "";

        await RunAsync(factory, ExtensionTemplates.All["createDeviceCertificate"], factory.CommonParameters(), rows);

        Assert.Equal("CN=of my own, C=DE", SubjectOf(await factory.Connection.Things.GetAsync("d0", Cancellation)));
        Assert.Equal("CN=device d1", SubjectOf(await factory.Connection.Things.GetAsync("d1", Cancellation)));
    }

    [Fact]
    public async Task ACM_PCA_signs_the_request_of_each_row_without_a_key_folder()
    {
        await using var factory = await Factory.OpenAsync();
        var rows = Rows(3);
        for (var i = 0; i < 2; i++)
            rows[i]["cdf.csr"] = Make.Csr($"request {i}");

        var task = await RunAsync(factory, ExtensionTemplates.All["acmpca without CA"], factory.CommonParameters(), rows, keepsKeys: false);

        var results = await ResultsAsync(factory, task);
        Assert.Equal([true, true, false], results.Select(r => r.Succeeded));
        Assert.Contains("key folder", results[2].Error, StringComparison.Ordinal);
        Assert.Equal("CN=request 1", SubjectOf(await factory.Connection.Things.GetAsync("d1", Cancellation)));
    }

    [Fact]
    public async Task ACM_PCA_without_requests_and_without_a_key_folder_is_refused_before_the_first_row()
    {
        await using var factory = await Factory.OpenAsync();

        var error = await Assert.ThrowsAsync<CdfException>(() => RunAsync(factory, ExtensionTemplates.All["acmpca without CA"], factory.CommonParameters(), Rows(3), keepsKeys: false));

        Assert.Contains("cdf.csr", error.Message, StringComparison.Ordinal);
        Assert.Contains("KeyDirectory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_CDF_column_is_refused_with_those_there_are()
    {
        await using var factory = await Factory.OpenAsync();
        var rows = Rows(1);
        rows[0]["cdf.certInfo.comonName"] = "typo";

        var error = await Assert.ThrowsAsync<CdfException>(() => RunAsync(factory, ExtensionTemplates.All["createDeviceCertificate"], factory.CommonParameters(), rows));

        Assert.Contains("cdf.certInfo.comonName", error.Message, StringComparison.Ordinal);
        Assert.Contains("certInfo.commonName", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_to_a_column_that_there_is_not_is_the_rows_failure()
    {
        await using var factory = await Factory.OpenAsync();
        var common = factory.CommonParameters() with { CertInfo = new CertInfo { CommonName = "{Serial}" } };

        var task = await RunAsync(factory, ExtensionTemplates.All["createDeviceCertificate"], common, Rows(1));

        Assert.Contains("{Serial}", (await ResultsAsync(factory, task)).Single().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_row_gets_the_template_of_its_place()
    {
        await using var factory = await Factory.OpenAsync();
        await AssignAsync(factory, "plain", "/europe");
        await AssignAsync(factory, "plain-ulm", "/europe/ulm");
        string[] places = ["/europe/ulm/line-1", "/europe/bonn", "/asia", "", "/nowhere; /europe/ulm"];
        var rows = Rows(places.Length);
        for (var i = 0; i < places.Length; i++)
            rows[i]["GroupPath"] = places[i];

        var task = await RunAsync(factory, null, null, rows);

        var results = await ResultsAsync(factory, task);
        Assert.Equal([true, true, false, false, true], results.Select(r => r.Succeeded));
        Assert.Contains("/asia", results[2].Error, StringComparison.Ordinal);
        Assert.Contains("GroupPath", results[3].Error, StringComparison.Ordinal);
        Assert.Equal(
            ["plain-ulm", "plain", "plain-ulm"],
            await new[] { "d0", "d1", "d4" }.ToAsyncEnumerable().Select(async (name, _, token) => (await factory.Connection.Things.GetAsync(name, token)).Attributes["template"]).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_list_without_template_and_without_places_is_refused()
    {
        await using var factory = await Factory.OpenAsync();

        var error = await Assert.ThrowsAsync<CdfException>(() => RunAsync(factory, null, null, Rows(2)));

        Assert.Contains("GroupPath", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_whose_template_makes_keys_needs_a_key_folder()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.Connection.Templates.PutAsync("keys", ExtensionTemplates.All["createDeviceAWSCertificate"], Cancellation);
        await factory.Connection.TemplateAssignments.SetAsync("keys", ["/"], Cancellation);
        var rows = Rows(1);
        rows[0]["GroupPath"] = "/europe";

        var error = await Assert.ThrowsAsync<CdfException>(() => RunAsync(factory, null, null, rows, keepsKeys: false));

        Assert.Contains("/europe", error.Message, StringComparison.Ordinal);
        Assert.Contains("KeyDirectory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_dry_run_tells_what_the_run_would_do_and_changes_nothing(string extension)
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("d1"));
        var rows = Rows(6);
        rows[2]["ThingName"] = "d0";
        rows[3]["ThingName"] = "not allowed!";
        rows[4].Remove("ThingName");
        await factory.Connection.Templates.PutAsync("list", ExtensionTemplates.All[extension], Cancellation);
        var before = await factory.FactsAsync();

        var request = new BulkRegistrationRequest("list", factory.KeyFolder, factory.CommonParameters());
        using var dryRun = await factory.Connection.BulkRegistrations.CreateDryRunAsync(request, Cancellation);
        foreach (var row in rows)
            await dryRun.AddAsync(row, null, Cancellation);
        var check = await dryRun.EndAsync(Cancellation);

        Assert.Equal((6, 2, 1, 3), (check.RowCount, check.NewCount, check.ChangedCount, check.BadCount));
        Assert.Equal([3, 4, 5], check.BadRows.Select(r => r.Row));
        Assert.Contains("row 1", check.BadRows[0].Error, StringComparison.Ordinal);
        Assert.Equal(before, await factory.FactsAsync());
        Assert.False(Directory.Exists(factory.KeyFolder));

        var task = await RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), rows);
        Assert.Equal(check.BadRows.Select(r => r.Row), (await ResultsAsync(factory, task)).Where(r => !r.Succeeded).Select(r => r.Row));
    }

    private static List<Dictionary<string, string>> Rows(int count) => DeviceLists.Rows(Enumerable.Range(0, count).Select(i => $"d{i}"));

    private static async Task AssignAsync(Factory factory, string template, string path)
    {
        await factory.Connection.Templates.PutAsync(
            template,
            $$"""
            {
              "Parameters": { "ThingName": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "template": "{{template}}" } } }
              }
            }
            """,
            Cancellation);
        await factory.Connection.TemplateAssignments.SetAsync(template, [path], Cancellation);
    }

    private static Task<BulkRegistrationTask> RunAsync(
        Factory factory, string? template, CdfProvisioningParameters? common, IEnumerable<Dictionary<string, string>> rows, bool keepsKeys = true) =>
        factory.Connection.BulkRegistrations.RunAsync(factory, template, common, rows, keepsKeys);

    private static Task<List<BulkRegistrationResult>> ResultsAsync(Factory factory, BulkRegistrationTask task) =>
        factory.Connection.BulkRegistrations.ResultsAsync(task);

    private static string SubjectOf(Thing thing)
    {
        using var certificate = X509Certificate2.CreateFromPem(thing.Certificates.Single().CertificatePem);
        return certificate.Subject;
    }
}
