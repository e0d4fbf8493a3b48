using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

/// <summary>All routes at once, and a look at the registry afterwards.</summary>
public sealed class ManyClientsTests
{
    private const int Clients = 8;
    private const int Rounds = 40;

    private readonly ConcurrentDictionary<string, bool> _things = new();
    private int _certificates;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_clients_at_once_leave_the_registry_as_they_were_told()
    {
        await using var server = await RunningServer.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => WorkAsync(server, client), Cancellation)));

        var names = await server.Connection.Things.ListNamesAsync("", Cancellation).ToListAsync(Cancellation);
        Assert.Equal(_things.Where(thing => thing.Value).Select(thing => thing.Key).Order(), names.Where(name => !name.StartsWith("shared", StringComparison.Ordinal)).Order());

        var certificates = new List<string>();
        string? marker = null;
        do
        {
            var page = await server.Connection.Registry.InvokeAsync(new ListCertificatesRequest(250, marker), Cancellation);
            certificates.AddRange(page.Certificates!.Select(certificate => certificate.CertificateArn!));
            marker = page.NextMarker;
        }
        while (marker is not null);
        Assert.Equal(_certificates, certificates.Count);

        var attached = new List<string>();
        foreach (var name in names)
            attached.AddRange(await server.Connection.Registry.PrincipalsAsync(name, Cancellation).ToListAsync(Cancellation));
        Assert.Subset(certificates.ToHashSet(), attached.ToHashSet());
        Assert.Equal(attached.Count, attached.Distinct().Count());
        Assert.DoesNotContain(server.Server.Info.Requests, request => request.Status >= 500);
    }

    private async Task WorkAsync(RunningServer server, int client)
    {
        var random = new Random(client);
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"client-{client}-{round}";
            switch (random.Next(5))
            {
                case 0:
                    await AddAsync(server, name);
                    await server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, $"/things/{name}");
                    break;
                case 1:
                    await AddAsync(server, name);
                    Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, $"/things/{name}")).StatusCode);
                    _things[name] = false;
                    break;
                case 2:
                    await AddAsync(server, name);
                    Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Patch, $"/things/{name}/certificates", """{"certificateStatus":"INACTIVE"}""")).StatusCode);
                    var thing = await server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, $"/things/{name}");
                    Assert.Equal("INACTIVE", (string?)thing["certificates"]![0]!["certificateStatus"]);
                    break;
                case 3:
                    await AddListAsync(server, name);
                    break;
                default:
                    await ContendAsync(server, random);
                    break;
            }
        }
    }

    private async Task AddAsync(RunningServer server, string name)
    {
        await server.ProvisionAsync(name, "keyed");
        Interlocked.Increment(ref _certificates);
        _things[name] = true;
    }

    private async Task AddListAsync(RunningServer server, string name)
    {
        string[] names = [.. Enumerable.Range(0, 5).Select(i => $"{name}-{i}")];
        var rows = new JsonArray([.. names.Select(row => new JsonObject { ["ThingName"] = row })]);
        var task = await server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", server.Request("keyed", rows.ToJsonString()));
        await server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings");
        var end = await server.WaitAsync(task);
        Assert.True(end.SuccessCount == names.Length, $"{end}");
        await server.GetAsync($"/bulkthings/{task["taskId"]}/results");
        Interlocked.Add(ref _certificates, names.Length);
        foreach (var row in names)
            _things[row] = true;
    }

    /// <summary>Works on things that others work on too: any answer but a server's failure will do.</summary>
    private async Task ContendAsync(RunningServer server, Random random)
    {
        var name = $"shared-{random.Next(3)}";
        var provisioned = await server.SendAsync(HttpMethod.Post, "/things", server.Request("keyed", $$"""{"ThingName":"{{name}}"}"""));
        if (provisioned.StatusCode == HttpStatusCode.Created)
            Interlocked.Increment(ref _certificates);
        await server.SendAsync(HttpMethod.Patch, $"/things/{name}/certificates", """{"certificateStatus":"INACTIVE"}""");
        await server.GetAsync($"/things/{name}");
        await server.SendAsync(HttpMethod.Delete, $"/things/{name}");
    }
}
