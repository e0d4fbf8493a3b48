using CdfProvisioning.Lists;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Server.Rest;

/// <summary>
/// A list that is being received. Its rows go straight into the task as soon as the body has said what the task needs to
/// know; rows that come before wait in a file.
/// </summary>
internal sealed class IncomingList(BulkRegistrationService lists, ITemplateStore templates, ServerOptions options, BulkRequestReader body) : IAsyncDisposable
{
    private StoredTemplate? _template;
    private BulkRegistrationDraft? _draft;
    private RowSpool? _waiting;

    public async ValueTask AddAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
    {
        if (_draft is null && await IsKnownAsync(cancellationToken))
            await CreateDraftAsync(cancellationToken);
        await (_draft?.AddAsync(row, cancellationToken) ?? (_waiting ??= new()).AddAsync(row, cancellationToken));
    }

    /// <param name="request">What tells the request from every other, if its client says so.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">NotFound, InvalidTemplate, InvalidRequest.</exception>
    public async ValueTask<BulkRegistrationTask> StartAsync(RequestIdentity? request, CancellationToken cancellationToken)
    {
        if (_draft is null)
            await CreateDraftAsync(cancellationToken);
        if (request is not null)
            await _draft!.IdentifyAsync(request, cancellationToken);
        return await lists.StartAsync(_draft!, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_waiting is not null)
            await _waiting.DisposeAsync();
        if (_draft is not null)
            await _draft.DisposeAsync();
    }

    /// <summary>Whether nothing that the body may still say matters to the task.</summary>
    private async ValueTask<bool> IsKnownAsync(CancellationToken cancellationToken)
    {
        if (body.TemplateId is null)
            return false;
        return body.CdfParameters is not null || !ProvisioningTemplate.Compile((await TemplateAsync(cancellationToken)).Body).Cdf.TakesParameters;
    }

    private async ValueTask<StoredTemplate> TemplateAsync(CancellationToken cancellationToken) =>
        _template ??= await templates.GetAsync(RestAnswers.Required(body.TemplateId, "provisioningTemplateId"), cancellationToken);

    /// <summary>Without a template the rows have to say which one applies, by their GroupPath.</summary>
    private async ValueTask CreateDraftAsync(CancellationToken cancellationToken)
    {
        var template = body.TemplateId is null && _waiting is not null ? null : await TemplateAsync(cancellationToken);
        var task = new NewTask(template?.TemplateId, template?.Body, options.KeyDirectory, body.CdfParameters, IsOfServer: true);
        _draft = await lists.CreateAsync(task with { KeyFile = options.KeyFile, KeyRecipient = options.KeyRecipient }, cancellationToken);
        if (_waiting is null)
            return;
        await foreach (var row in _waiting.ReadAllAsync(cancellationToken))
            await _draft.AddAsync(row, cancellationToken);
    }
}
