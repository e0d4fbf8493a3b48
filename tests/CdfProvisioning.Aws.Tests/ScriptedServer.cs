using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CdfProvisioning.Aws.Tests;

/// <summary>An HTTP server on loopback that answers as the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();

    private ScriptedServer(WebApplication application) => _application = application;

    public Uri Url { get; private init; } = null!;

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    public static Task<ScriptedServer> StartAsync(params Reply[] replies)
    {
        var next = -1;
        return StartAsync(_ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]);
    }

    /// <param name="answer">What to answer a request.</param>
    public static async Task<ScriptedServer> StartAsync(Func<ReceivedRequest, Reply> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        ScriptedServer? server = null;
        application.Run(async context =>
        {
            var request = await ReceivedRequest.ReadAsync(context);
            server!._received.Enqueue(request);
            await answer(request).SendAsync(context);
        });
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server = new ScriptedServer(application) { Url = new Uri(address) };
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }
}

/// <summary>A request as it came over the wire.</summary>
internal sealed record ReceivedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Target.Split('?')[0];

    public static async Task<ReceivedRequest> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        return new(
            context.Request.Method,
            context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
    }
}

/// <summary>An answer of the scripted server.</summary>
internal sealed record Reply(int Status, string Body, string? ErrorType = null, DateTimeOffset? Date = null)
{
    /// <summary>Sends only so many bytes of the body and then breaks the connection.</summary>
    public int? BreaksAfter { get; init; }

    /// <summary>Answers only when the client has given up.</summary>
    public bool NeverComes { get; init; }

    /// <summary>Sends the head and never the body.</summary>
    public bool BodyNeverComes { get; init; }

    public static Reply Ok(string body = "{}") => new(200, body);

    public static Reply Error(int status, string type, string message = "as scripted") => new(status, $$"""{"message":"{{message}}"}""", type);

    public static Reply Throttled { get; } = Error(400, "ThrottlingException", "Rate exceeded");

    public async Task SendAsync(HttpContext context)
    {
        if (NeverComes)
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(Body);
        response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        if (ErrorType is not null)
            response.Headers["x-amzn-ErrorType"] = ErrorType;
        response.Headers.Date = (Date ?? DateTimeOffset.UtcNow).ToString("R");
        if (BodyNeverComes)
        {
            await response.StartAsync();
            await response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (BreaksAfter is { } bytes)
        {
            await response.WriteAsync(Body[..bytes]);
            await response.Body.FlushAsync();
            context.Abort();
            return;
        }
        await response.WriteAsync(Body);
    }
}
