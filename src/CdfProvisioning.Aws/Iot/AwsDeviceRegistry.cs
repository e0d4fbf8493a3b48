using CdfProvisioning.Aws.Client;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Iot;

/// <summary>AWS IoT's own registry. Every operation travels as its entry in <see cref="IotOperations"/> says.</summary>
internal sealed class AwsDeviceRegistry : IDeviceRegistry
{
    private readonly AwsServiceClient _client;
    private readonly AwsServiceClient _unrepeated;

    /// <param name="settings">Where, and as whom.</param>
    /// <param name="rates">Keeps calls apart, if given.</param>
    /// <param name="retries">How often a failed call is made again; the SDK's setting if not given.</param>
    public AwsDeviceRegistry(AwsSettings settings, RequestRates? rates = null, int? retries = null)
    {
        _client = Client(isRepeated: true);
        _unrepeated = Client(isRepeated: false);

        AwsServiceClient Client(bool isRepeated)
        {
            var config = settings.Apply(new AwsServiceConfig(AwsService.Iot) { IsRepeated = isRepeated });
            if (retries is { } count)
            {
                config.MaxErrorRetry = count;
                config.ThrottleRetries = false; // the rates see to it
            }
            return new AwsServiceClient(AwsService.Iot, config, rates);
        }
    }

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        CheckTemplate(request);
        IotModel.Check(request);
        return (TResponse)await ClientFor(request).SendAsync(IotCall.Of(request), cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _unrepeated.Dispose();
        return default;
    }

    /// <summary>AWS IoT would refuse the whole request without a word about what to do.</summary>
    private static void CheckTemplate<TResponse>(IIotRequest<TResponse> request)
    {
        var template = request switch
        {
            RegisterThingRequest register => register.TemplateBody,
            StartThingRegistrationTaskRequest start => start.TemplateBody,
            _ => null,
        };
        if (template?.Length > TemplateCompiler.MaxAwsLength)
            throw CdfErrorCode.InvalidTemplate.Error(
                $"The provisioning template has {template.Length:N0} characters beside its CDF section; AWS IoT takes {TemplateCompiler.MaxAwsLength:N0}. Shorten it: white space counts, and a policy can be made once and named.");
    }

    /// <summary>
    /// These make another certificate or task each time they are heard: the same CSR again, too, gives a distinct
    /// certificate (API Reference, CreateCertificateFromCsr). Or they are refused when they are heard again, as if somebody else
    /// had made what they made.
    /// </summary>
    private AwsServiceClient ClientFor<TResponse>(IIotRequest<TResponse> request) => request switch
    {
        CreateKeysAndCertificateRequest or CreateCertificateFromCsrRequest or RegisterThingRequest or StartThingRegistrationTaskRequest
            or RegisterCertificateRequest or RegisterCertificateWithoutCARequest or RegisterCACertificateRequest or CreatePolicyRequest => _unrepeated,
        _ => _client,
    };
}
