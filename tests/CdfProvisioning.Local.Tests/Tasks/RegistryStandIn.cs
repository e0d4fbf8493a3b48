using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Local.Storage;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>The few operations of a registry that a list needs, over the real file.</summary>
internal sealed class RegistryStandIn(Session? session) : ITransactionalRegistry, ITransactionRegistry
{
    private const string Account = "arn:aws:iot:us-east-1:123456789012";

    public ValueTask<IIotRequest<TResponse>> PrepareAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) => new(
        request is RegisterThingRequest register
            ? (IIotRequest<TResponse>)(object)new PreparedRegistration(ProvisioningTemplate.Compile(register.TemplateBody).Resolve(register.Parameters!))
            : request);

    public ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken) => new((TResponse)(object)(request switch
    {
        PreparedRegistration registration => (object)Register(registration.Resources),
        DescribeCertificateRequest describe => Describe(describe.CertificateId),
        _ => throw new NotSupportedException(),
    }));

    public ValueTask<T> TransactAsync<T>(Func<IDeviceRegistry, ValueTask<T>> work, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private RegisterThingResponse Register(ResolvedTemplate resources)
    {
        var arns = new Dictionary<string, string>();
        var thing = resources.Thing!;
        if (session!.Scalar<long>("SELECT count(*) FROM thing WHERE name = $1", thing.ThingName) == 0)
            session.Execute("INSERT INTO thing (name, uuid, version, created_at) VALUES ($1, $2, 1, 0)", thing.ThingName, Guid.NewGuid());
        arns.Add(thing.LogicalId, $"{Account}:thing/{thing.ThingName}");

        string? pem = null;
        if (resources.Certificate is { } certificate)
        {
            var parsed = ParsedCertificate.FromPem(pem = certificate.CertificatePem!, "The certificate");
            session.Execute(
                "INSERT INTO certificate (fingerprint, der, status, mode, created_at, modified_at, customer_version) VALUES ($1, $2, 'ACTIVE', 'DEFAULT', 0, 0, 1)",
                parsed.Fingerprint, parsed.Der);
            session.Execute(
                "INSERT INTO thing_principal (thing_id, certificate_id, exclusive) VALUES ((SELECT id FROM thing WHERE name = $1), $2, 0)",
                thing.ThingName, session.LastInsertId);
            arns.Add(certificate.LogicalId, $"{Account}:cert/{parsed.Id}");
        }
        if (thing.ThingTypeName is { } type)
            throw IotErrorType.ResourceRegistrationFailure.Error($"Thing type '{type}' not found.");
        return new RegisterThingResponse(pem, arns);
    }

    private DescribeCertificateResponse Describe(string? certificateId) =>
        session!.Scalar<long>("SELECT count(*) FROM certificate WHERE fingerprint = $1", Convert.FromHexString(certificateId!)) == 1
            ? new DescribeCertificateResponse(null)
            : throw IotErrorType.ResourceNotFound.Error("There is no such certificate.");

    private sealed record PreparedRegistration(ResolvedTemplate Resources) : IIotRequest<RegisterThingResponse>;
}
