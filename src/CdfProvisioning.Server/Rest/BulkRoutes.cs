using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdfProvisioning.Server.Rest;

/// <summary>The routes below <c>/bulkthings</c>.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing that has to be disposed of.
internal sealed class BulkRoutes(BulkRegistrationService lists, ITemplateStore templates, ServerOptions options)
#pragma warning restore CA1001
{
    private const int FlushSize = 16 * 1024;
    private const string IdempotencyHeader = "Idempotency-Key";
    private const int LongestIdempotencyKey = 255;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Post("/bulkthings", CreateAsync);
        routes.Get("/bulkthings", ListAsync, new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));
        routes.Get("/bulkthings/{taskId}", context => AnswerAsync(context, lists.GetAsync), new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));
        routes.PostWithoutBody("/bulkthings/{taskId}/resume", context => AnswerAsync(context, lists.ResumeAsync));
        routes.PostWithoutBody("/bulkthings/{taskId}/stop", context => AnswerAsync(context, lists.StopAsync));
        routes.Get("/bulkthings/{taskId}/results", ResultsAsync, new(TakesBody: false, MediaTypes.JsonLines));
    }

    private async Task CreateAsync(HttpContext context)
    {
        var task = IdempotencyKey(context.Request) is { } key
            ? await CreateOnceAsync(context, key)
            : await ReceiveAsync(context, context.Request.BodyReader, list => list.StartAsync(request: null, context.RequestAborted));
        await context.AnswerCreatedAsync($"/bulkthings/{task.TaskId}", Public(task), RestJson.Default.BulkRegistrationTask);
    }

    /// <summary>The task of the same request, if a client sends it again within a day.</summary>
    /// <exception cref="CdfException">Conflict: the key was another request's.</exception>
    private async Task<BulkRegistrationTask> CreateOnceAsync(HttpContext context, string key)
    {
        using var hash = SHA256.Create();
        await using var hashed = new CryptoStream(context.Request.Body, hash, CryptoStreamMode.Read, leaveOpen: true);
        return await ReceiveAsync(context, PipeReader.Create(hashed), async list =>
        {
            var request = new RequestIdentity(key, Convert.ToHexStringLower(hash.Hash!));
            try
            {
                return await lists.FindAsync(request, context.RequestAborted) ?? await list.StartAsync(request, context.RequestAborted);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
            {
                // The same request came twice, and the other has been faster, here or in another server over the registry.
                if (await lists.FindAsync(request, context.RequestAborted) is { } task)
                    return task;
                throw;
            }
        });
    }

    private async Task<BulkRegistrationTask> ReceiveAsync(HttpContext context, PipeReader reader, Func<IncomingList, ValueTask<BulkRegistrationTask>> end)
    {
        var body = new BulkRequestReader(reader);
        await using var list = new IncomingList(lists, templates, options, body);
        await foreach (var row in body.RowsAsync(context.RequestAborted))
            await list.AddAsync(row, context.RequestAborted);
        return await end(list);
    }

    private static string? IdempotencyKey(HttpRequest request) => request.Headers[IdempotencyHeader] is not { Count: > 0 } values
        ? null
        : values is [{ Length: > 0 and <= LongestIdempotencyKey } key] && key.All(char.IsAscii)
            ? key
            : throw CdfErrorCode.InvalidRequest.Error($"The header {IdempotencyHeader} has to have one value of 1 to {LongestIdempotencyKey} ASCII characters.");

    private async Task ListAsync(HttpContext context)
    {
        var tasks = await lists.ListAsync(context.RequestAborted).Select(Public).ToListAsync(context.RequestAborted);
        await context.AnswerAsync(StatusCodes.Status200OK, new BulkRegistrationTaskList(tasks), RestJson.Default.BulkRegistrationTaskList);
    }

    private static async Task AnswerAsync(HttpContext context, Func<string, CancellationToken, ValueTask<BulkRegistrationTask>> ask)
    {
        var task = await ask(context.Value("taskId"), context.RequestAborted);
        await context.AnswerAsync(StatusCodes.Status200OK, Public(task), RestJson.Default.BulkRegistrationTask);
    }

    private async Task ResultsAsync(HttpContext context)
    {
        await using var results = lists.ResultsAsync(context.Value("taskId"), failedOnly: false, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        var writer = context.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(writer, RestJson.WriterOptions);
        while (await results.MoveNextAsync())
        {
            var result = results.Current;
            JsonSerializer.Serialize(json, result.Error is null ? result : result with { Error = PublicText.Of(result.Error) }, RestJson.Default.BulkRegistrationResult);
            json.Reset();
            "\n"u8.CopyTo(writer.GetSpan(1));
            writer.Advance(1);
            if (writer.UnflushedBytes >= FlushSize)
                await writer.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>
    /// A task as the API has it. Where the server keeps keys is no concern of its clients; and they know the states of AWS
    /// IoT's tasks, so that one that waits for the end of an interrupted task would wait for ever.
    /// </summary>
    private static BulkRegistrationTask Public(BulkRegistrationTask task)
    {
        var isInterrupted = task.Status == BulkRegistrationStatus.Interrupted;
        var message = !isInterrupted
            ? task.Message
            : (task.Message ?? $"The process that ran it has ended. {BulkRunner.HowToResume(task.TaskId)}")
                .Replace(BulkRunner.HowToResume(task.TaskId), $"POST /bulkthings/{task.TaskId}/resume goes on with it.", StringComparison.Ordinal);
        return task with
        {
            KeyDirectory = null,
            KeyFile = null,
            Status = isInterrupted ? BulkRegistrationStatus.Failed : task.Status,
            Message = message is null ? null : PublicText.Of(message),
        };
    }
}
