using System.Text.Json;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdfProvisioning.Server.Rest;

/// <summary>The routes below <c>/bulkthings</c>.</summary>
internal sealed class BulkRoutes(BulkRegistrationService lists, ITemplateStore templates, string? keyDirectory)
{
    private const int FlushSize = 16 * 1024;

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
        var body = new BulkRequestReader(context.Request.BodyReader);
        await using var list = new IncomingList(lists, templates, keyDirectory, body);
        await foreach (var row in body.RowsAsync(context.RequestAborted))
            await list.AddAsync(row, context.RequestAborted);
        var task = await list.StartAsync(context.RequestAborted);
        await context.AnswerCreatedAsync($"/bulkthings/{task.TaskId}", Public(task), RestJson.Default.BulkRegistrationTask);
    }

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
            JsonSerializer.Serialize(json, results.Current, RestJson.Default.BulkRegistrationResult);
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
    private static BulkRegistrationTask Public(BulkRegistrationTask task) => task.Status != BulkRegistrationStatus.Interrupted
        ? task with { KeyDirectory = null, Message = task.Message is null ? null : PublicText.Of(task.Message) }
        : task with
        {
            KeyDirectory = null,
            Status = BulkRegistrationStatus.Failed,
            Message = (task.Message ?? $"The process that ran it has ended. {BulkRunner.HowToResume(task.TaskId)}")
                .Replace(BulkRunner.HowToResume(task.TaskId), $"POST /bulkthings/{task.TaskId}/resume goes on with it.", StringComparison.Ordinal),
        };
}
