using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdfProvisioning.Server.Rest;

/// <summary>The routes below <c>/things</c>.</summary>
internal sealed class ThingRoutes(ThingService things, UndeliveredKeys undelivered)
{
    /// <summary>How many clients' systems are waited for while their connections go on: each takes two file descriptors.</summary>
    private const int MaxDelivering = 256;

    private int _delivering;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Post("/things", ProvisionAsync);
        routes.Get("/things/{thingName}", GetAsync, new(TakesBody: false, MediaTypes.Cdf, MediaTypes.Json));
        routes.Delete("/things/{thingName}", DeleteAsync);
        routes.Patch("/things/{thingName}/certificates", PatchCertificatesAsync);
    }

    private async Task ProvisionAsync(HttpContext context)
    {
        var request = await context.ReadAsync(RestJson.Default.ProvisionRequest);
        if (request.GroupPath is null)
            RestAnswers.Required(request.ProvisioningTemplateId, "provisioningTemplateId");
        if (request.Parameters is null)
            request = request with { Parameters = new Dictionary<string, string>() };

        var device = await things.ProvisionAsync(request, undelivered, context.RequestAborted);
        var response = device.Response;
        var receipt = device.Place is null ? null : Receipt.Of(context);
        try
        {
            await context.AnswerCreatedAsync(
                response.ThingName is null ? null : $"/things/{Uri.EscapeDataString(response.ThingName)}",
                response with { ResourceArns = OriginalNames.AddTo(response.ResourceArns) },
                RestJson.Default.ProvisionResponse);
            await context.Response.CompleteAsync();
        }
        catch
        {
            receipt?.Dispose();
            context.Features.Set(new ServerNote(Task.FromResult(device.Keep("its client was gone"))));
            throw;
        }

        if (receipt is null)
            return;
        var delivery = DeliverAsync(device, receipt, context.Response.ContentLength!.Value, context.RequestAborted);
        context.Features.Set(new ServerNote(delivery));
        if (Volatile.Read(ref _delivering) > MaxDelivering)
            await delivery;
    }

    private async Task<string?> DeliverAsync(UndeliveredDevice device, Receipt receipt, long answerLength, CancellationToken aborted)
    {
        Interlocked.Increment(ref _delivering);
        try
        {
            if (!await receipt.HasComeAsync(answerLength, aborted))
                return device.Keep("its client was gone");
            device.Deliver();
            return null;
        }
        finally
        {
            receipt.Dispose();
            Interlocked.Decrement(ref _delivering);
        }
    }

    private async Task GetAsync(HttpContext context) => await context.AnswerAsync(
        StatusCodes.Status200OK, await things.GetAsync(context.Value("thingName"), context.RequestAborted), RestJson.Default.Thing);

    private async Task DeleteAsync(HttpContext context)
    {
        await things.RemoveAsync(context.Value("thingName"), context.RequestAborted);
        context.AnswerNoContent();
    }

    private async Task PatchCertificatesAsync(HttpContext context)
    {
        var request = await context.ReadAsync(RestJson.Default.PatchCertificateRequest);
        var status = RestAnswers.Required(request.CertificateStatus, "certificateStatus");
        await things.SetCertificateStatusAsync(context.Value("thingName"), status, context.RequestAborted);
        context.AnswerNoContent();
    }
}
