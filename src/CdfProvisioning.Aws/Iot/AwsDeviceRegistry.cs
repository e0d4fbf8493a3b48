using CdfProvisioning.Aws.Client;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Iot;

/// <summary>AWS IoT's own registry. Every operation travels as its entry in <see cref="IotOperations"/> says.</summary>
internal sealed class AwsDeviceRegistry : IDeviceRegistry
{
    private readonly AwsServiceClient _client;
    private readonly AwsServiceClient _unrepeated;

    public AwsDeviceRegistry(AwsSettings settings, RequestRates? rates = null)
    {
        _client = new AwsServiceClient(AwsService.Iot, settings.Apply(new AwsServiceConfig(AwsService.Iot)), rates);
        _unrepeated = new AwsServiceClient(AwsService.Iot, settings.Apply(new AwsServiceConfig(AwsService.Iot) { IsRepeated = false }), rates);
    }

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) =>
        (TResponse)await ClientFor(request).SendAsync(IotCall.Of(request), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _unrepeated.Dispose();
        return default;
    }

    /// <summary>
    /// These make another certificate or task each time they are heard: the same CSR again, too, gives a distinct
    /// certificate (API Reference, CreateCertificateFromCsr).
    /// </summary>
    private AwsServiceClient ClientFor<TResponse>(IIotRequest<TResponse> request) => request switch
    {
        CreateKeysAndCertificateRequest or CreateCertificateFromCsrRequest or RegisterThingRequest or StartThingRegistrationTaskRequest => _unrepeated,
        _ => _client,
    };
}
