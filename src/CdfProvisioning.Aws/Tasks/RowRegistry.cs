using CdfProvisioning.Iot;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>The registry as one row uses it: a certificate whose id was not known when the row was begun is noted as soon as it is.</summary>
internal sealed class RowRegistry(IDeviceRegistry registry, RowJournal journal, PreparedRow row) : IDeviceRegistry
{
    private string? _noted = row.CertificateId;

    /// <summary>The last certificate that was noted.</summary>
    public string? CertificateId { get; private set; }

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        await NoteAsync(row.CertificateId);
        var response = await registry.InvokeAsync(request, cancellationToken);
        await NoteAsync((response as CreateCertificateFromCsrResponse)?.CertificateId);
        return response;
    }

    public ValueTask DisposeAsync() => default;

    private async ValueTask NoteAsync(string? certificateId)
    {
        if (certificateId is null || certificateId == _noted)
            return;
        CertificateId = _noted = certificateId;
        await journal.NoteCertificateAsync(row, certificateId);
    }
}
