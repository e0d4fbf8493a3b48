using CdfProvisioning.Bulk;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// Finds out what became of a row that was begun and has no result: its registration was interrupted, or AWS gave no answer.
/// A device is known by its certificate; one without is registered again, which changes nothing.
/// </summary>
internal sealed class Reconciliation(IDeviceRegistry registry)
{
    /// <summary>
    /// The device, if the row registered it and its key is where it belongs. If not, certificates that were made for the row
    /// are removed, so that it can be registered as if for the first time.
    /// </summary>
    public async ValueTask<RegisteredDevice?> FindAsync(BegunRow begun, CancellationToken cancellationToken)
    {
        var row = begun.Row;
        string?[] made = row.MakesKey ? [row.KeyFileCertificateId] : [begun.CertificateId];
        var principals = await PrincipalsAsync(row.ThingName, cancellationToken);
        foreach (var principal in principals)
            if (Arn.CertificateId(principal) is { } id
                && await registry.FindCertificateAsync(id, cancellationToken) is { } certificate
                && (made.Contains(id) || IsGiven(row, certificate)))
                return new RegisteredDevice(registry, await ThingArnAsync(row.ThingName!, cancellationToken), certificate);

        string?[] leftovers = [begun.CertificateId, row.KeyFileCertificateId];
        foreach (var id in leftovers.OfType<string>().Distinct())
            await RemoveAsync(id, row.ThingName, principals, cancellationToken);
        return null;
    }

    private static bool IsGiven(PreparedRow row, CertificateDescription certificate) => row.GivenCertificate switch
    {
        { CertificateId: { } id } => id == certificate.CertificateId,
        { CertificatePem: { } pem } => ParsedCertificate.FromPem(pem, "The certificate").Id == certificate.CertificateId,
        { CertificateSigningRequest: { } csr } => SigningRequest.Parse(csr).PublicKey.Der.Span.SequenceEqual(
            ParsedCertificate.FromPem(certificate.CertificatePem!, "The certificate").PublicKey.Der.Span),
        _ => false,
    };

    private async ValueTask<List<string>> PrincipalsAsync(string? thingName, CancellationToken cancellationToken)
    {
        if (thingName is null)
            return [];
        try
        {
            return await registry.PrincipalsAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return [];
        }
    }

    private async ValueTask<string> ThingArnAsync(string thingName, CancellationToken cancellationToken) =>
        (await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken)).ThingArn!;

    /// <summary>Removes a certificate of the row's, which another thing than the row's own would keep from being removed.</summary>
    private async ValueTask RemoveAsync(string certificateId, string? thingName, List<string> principals, CancellationToken cancellationToken)
    {
        if (await registry.FindCertificateAsync(certificateId, cancellationToken) is not { } certificate)
            return;
        if (thingName is not null && principals.Contains(certificate.CertificateArn!))
            await registry.InvokeAsync(new DetachThingPrincipalRequest(thingName, certificate.CertificateArn!), cancellationToken);
        await registry.InvokeAsync(new UpdateCertificateRequest(certificateId, CertificateStatus.Inactive), cancellationToken);
        await registry.InvokeAsync(new DeleteCertificateRequest(certificateId, ForceDelete: true), cancellationToken);
    }
}
