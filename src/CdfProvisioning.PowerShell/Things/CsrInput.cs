using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Hands a CSR to a template: as the CDF parameter csr if ACM PCA is to sign it, and else as the parameter CSR.</summary>
internal static class CsrInput
{
    public static IReadOnlyDictionary<string, string> Add(IReadOnlyDictionary<string, string> parameters, string csr, ProvisioningTemplate? template)
    {
        var name = template?.Cdf.AcmPcaMode is null ? "CSR" : $"{DeviceParameters.CdfPrefix}csr";
        return new Dictionary<string, string>(parameters) { [name] = csr };
    }
}
