using CdfProvisioning.Bulk;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>The registry as one row uses it: a certificate whose id was not known is noted before anything is done with it.</summary>
internal sealed class RowRegistry(IDeviceRegistry registry, RowJournal journal, PreparedRow row) : IDeviceRegistry
{
    /// <summary>The last certificate that was made.</summary>
    public string? CertificateId { get; private set; }

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        var response = await registry.InvokeAsync(request, cancellationToken);
        var made = response switch
        {
            CreateCertificateFromCsrResponse r => r.CertificateId,
            RegisterCertificateResponse r => r.CertificateId,
            RegisterCertificateWithoutCAResponse r => r.CertificateId,
            _ => null,
        };
        if (made is not null && made != row.CertificateId)
        {
            CertificateId = made;
            await journal.NoteCertificateAsync(row, made);
        }
        return response;
    }

    public ValueTask DisposeAsync() => default;
}
