using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Aws.Tests;

/// <summary>An HTTP server on loopback that answers as the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedRequest> _received;
    private readonly Loopback _server;

    private ScriptedServer(Loopback server, ConcurrentQueue<ReceivedRequest> received)
    {
        (_server, _received) = (server, received);
        Url = server.Url;
    }

    public Uri Url { get; }

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <param name="replies">The answers, of which the last is given again and again.</param>
    public static Task<ScriptedServer> StartAsync(params Reply[] replies)
    {
        var next = -1;
        return StartAsync(_ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]);
    }

    /// <param name="answer">What to answer a request.</param>
    public static async Task<ScriptedServer> StartAsync(Func<ReceivedRequest, Reply> answer)
    {
        var received = new ConcurrentQueue<ReceivedRequest>();
        var server = await Loopback.StartAsync(async context =>
        {
            var request = await ReceivedRequest.ReadAsync(context);
            received.Enqueue(request);
            await answer(request).SendAsync(context);
        });
        return new ScriptedServer(server, received);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
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
    public string ContentType { get; init; } = "application/json";

    /// <summary>Sends only so many bytes of the body and then breaks the connection.</summary>
    public int? BreaksAfter { get; init; }

    /// <summary>Answers only when the client has given up.</summary>
    public bool NeverComes { get; init; }

    /// <summary>Sends the head and never the body.</summary>
    public bool BodyNeverComes { get; init; }

    public static Reply Ok(string body = "{}") => new(200, body);

    public static Reply Error(int status, string type, string message = "as scripted") => new(status, $$"""{"message":"{{message}}"}""", type);

    public static Reply Xml(int status, string body) => new(status, body) { ContentType = "application/xml" };

    public static Reply Throttled { get; } = Error(400, "ThrottlingException", "Rate exceeded");

    public async Task SendAsync(HttpContext context)
    {
        if (NeverComes)
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
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
