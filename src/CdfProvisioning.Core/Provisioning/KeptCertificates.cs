using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Finds the certificate that a registered device keeps, where registering it once more would make another.</summary>
internal sealed class KeptCertificates(IDeviceRegistry registry)
{
    /// <summary>
    /// The parameters with which <see cref="DesiredTemplate.Keeping"/> brings the device up to date: with the certificate that was made for
    /// its CSR, or else with the one that it has; of several with the newest active one. One that was deactivated is kept too: whoever did it
    /// did not want the device to get another.
    /// </summary>
    /// <returns>Null if it has none.</returns>
    /// <exception cref="CdfException">InvalidRequest: the parameters do not fit the template.</exception>
    public async ValueTask<IReadOnlyDictionary<string, string>?> FindAsync(
        ProvisioningTemplate template, DesiredTemplate desired, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? cdfParameters,
        CancellationToken cancellationToken)
    {
        if (desired.Keeping is null)
            return null;
        var device = DeviceParameters.Of(template, parameters, cdfParameters);
        if (template.FindThingName(device.Template) is not { } thingName)
            return null;
        var csr = desired.HasRequest ? template.Resolve(device.Template).Certificate?.CertificateSigningRequest : template.Cdf.AcmPcaMode is null ? null : device.Cdf.Csr;
        if (await FindAsync(thingName, csr, desired.FilledWithKept.Any(name => name.EndsWith("Pem", StringComparison.Ordinal)), cancellationToken) is not var (arn, pem))
            return null;

        var id = Arn.CertificateId(arn)!;
        var kept = new GivenParameters(parameters.Count + 1 + desired.FilledWithKept.Count);
        foreach (var (name, value) in parameters)
            kept[name] = value;
        kept[DesiredTemplate.KeptCertificate] = id;
        foreach (var name in desired.FilledWithKept)
            kept[name] = name switch { "CertificateId" => id, "CertificateArn" => arn, _ => pem! };
        return kept;
    }

    private async ValueTask<(string Arn, string? Pem)?> FindAsync(string thingName, string? csr, bool needsPem, CancellationToken cancellationToken)
    {
        List<string> arns;
        try
        {
            arns = await registry.PrincipalsAsync(thingName, cancellationToken).Where(principal => Arn.CertificateId(principal) is not null).ToListAsync(cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return null;
        }

        if (arns.Count == 0 || (arns.Count == 1 && csr is null && !needsPem))
            return arns.Count == 0 ? null : (arns[0], null);
        var key = csr is null ? default : SigningRequest.Parse(csr).PublicKey.Der;
        CertificateDescription? best = null;
        foreach (var arn in arns)
        {
            if (await registry.FindCertificateAsync(Arn.CertificateId(arn)!, cancellationToken) is not { } certificate)
                continue;
            if (csr is not null && !ParsedCertificate.FromPem(certificate.CertificatePem!, "The certificate").PublicKey.Der.Span.SequenceEqual(key.Span))
                continue;
            if (best is null || (IsActive(certificate), certificate.CreationDate ?? default).CompareTo((IsActive(best), best.CreationDate ?? default)) > 0)
                best = certificate;
        }

        return best is null ? null : (best.CertificateArn!, best.CertificatePem);
    }

    private static bool IsActive(CertificateDescription certificate) => certificate.Status == CertificateStatus.Active;
}
