using System.Collections.Concurrent;
using CdfProvisioning.Aws.Credentials;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>Devices registered over connections that break: what the client sends again by itself, and what it must not.</summary>
public sealed class BrokenLineTests
{
    private const int Devices = 32;
    private const int ListDevices = 16;

    private readonly ConcurrentDictionary<string, int> _requests = new();

    public static TheoryData<string> Extensions => [.. ExtensionTemplates.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_request_is_cut_off_the_device_is_registered_as_a_whole_or_not_at_all(string extension) =>
        await CheckAsync(extension, isHeard: false);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_answer_is_cut_off_the_device_is_registered_as_a_whole_or_not_at_all(string extension) =>
        await CheckAsync(extension, isHeard: true);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_list_whose_line_is_cut_again_and_again_registers_every_device_once(string extension)
    {
        var requests = 0;
        var account = await AwsAccount.OpenAsync((context, serve) => Interlocked.Increment(ref requests) switch
        {
            var n when n % 11 == 0 => CutAsync(context, serve, isHeard: false),
            var n when n % 13 == 0 => CutAsync(context, serve, isHeard: true),
            _ => serve(context),
        });
        await using var factory = await Factory.OpenAsync(await account.ConnectAsync(), account.Registry, account);
        var names = Enumerable.Range(1, ListDevices).Select(i => $"d{i}").ToList();

        var lists = factory.Connection.BulkRegistrations;
        var task = await lists.RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), DeviceLists.Rows(names));

        while (task.Status == BulkRegistrationStatus.Interrupted)
            task = await lists.WaitAsync((await lists.ResumeAsync(task.TaskId, Cancellation)).TaskId, null, Cancellation);

        Assert.All(await lists.ResultsAsync(task), result => Assert.Null(result.Error));
        Assert.Equal((BulkRegistrationStatus.Completed, ListDevices), (task.Status, task.SuccessCount));
        await using var expected = await Factory.OpenAsync(region: "eu-west-1");
        foreach (var name in names)
            await expected.ProvisionAsync(ExtensionTemplates.All[extension], name);
        Assert.Equal((await expected.FactsAsync()).Comparable(), (await factory.FactsAsync()).Comparable());
    }

    /// <summary>Registers many devices at once, of which the first loses its first request, the second its second, and so on.</summary>
    private async Task CheckAsync(string extension, bool isHeard)
    {
        var account = await AwsAccount.OpenAsync((context, serve) => ServeAsync(context, serve, isHeard));
        await using var factory = await Factory.OpenAsync(await account.ConnectAsync(), account.Registry, account);
        var request = await factory.RequestAsync(ExtensionTemplates.All[extension], "");

        var failures = await Task.WhenAll(Enumerable.Range(1, Devices).Select(device => ProvisionAsync(account, device, request with
        {
            Parameters = new Dictionary<string, string> { ["ThingName"] = $"d{device}", ["CSR"] = Make.Csr($"d{device}") },
            CdfProvisioningParameters = factory.CdfParameters($"d{device}"),
        })));

        Assert.InRange(_requests[$"DEVICE{Devices}"], 11, Devices); // so all of them were cut off
        Assert.All(failures, failure => Assert.Contains("not sent again", failure ?? "not sent again", StringComparison.Ordinal));
        await using var expected = await Factory.OpenAsync(region: "eu-west-1");
        foreach (var device in Enumerable.Range(1, Devices).Where(device => failures[device - 1] is null))
            await expected.ProvisionAsync(ExtensionTemplates.All[extension], $"d{device}");
        Assert.Equal((await expected.FactsAsync()).Comparable(), (await factory.FactsAsync()).Comparable());
    }

    /// <returns>Why the device could not be registered, if it could not.</returns>
    private static async Task<string?> ProvisionAsync(AwsAccount account, int device, ProvisionRequest request)
    {
        await using var connection = await account.ConnectAsync(options => options with { Keys = new AwsKeys(TestSettings.AccessKey, TestSettings.SecretKey, $"DEVICE{device}") });
        try
        {
            await connection.Things.ProvisionAsync(request, Cancellation);
            return null;
        }
        catch (CdfException e)
        {
            return e.Message;
        }
    }

    /// <summary>Every device has its own session token, by which its requests are counted.</summary>
    private async Task ServeAsync(HttpContext context, RequestDelegate serve, bool isHeard)
    {
        var token = context.Request.Headers["X-Amz-Security-Token"].ToString();
        var number = _requests.AddOrUpdate(token, 1, (_, count) => count + 1);
        if (token != $"DEVICE{number - 1}") // the first request opens the connection
        {
            await serve(context);
            return;
        }

        await CutAsync(context, serve, isHeard);
    }

    private static async Task CutAsync(HttpContext context, RequestDelegate serve, bool isHeard)
    {
        if (isHeard)
        {
            context.Response.Body = Stream.Null;
            await serve(context);
        }
        context.Abort();
    }
}
