using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Hands a device's CSR or certificate to a template: as the value that an extension takes, and else as the template's own parameter.</summary>
internal static class DeviceFiles
{
    /// <summary>In bytes; what is longer is neither.</summary>
    private const int MaxLength = 64 * 1024;

    private const string Csr = "CERTIFICATE REQUEST";
    private const string Certificate = "CERTIFICATE";

    /// <exception cref="CdfException">InvalidRequest: nothing in the template takes a CSR.</exception>
    public static string CsrParameter(ProvisioningTemplate? template) =>
        template is null ? "CSR" : template.Cdf.AcmPcaMode is not null ? $"{DeviceParameters.CdfPrefix}csr" : Parameter(template, "CSR", "a CSR");

    /// <exception cref="CdfException">InvalidRequest: nothing in the template takes a certificate.</exception>
    public static string CertificateParameter(ProvisioningTemplate? template) =>
        template is null ? "CertificatePem"
            : template.Cdf.RegisterDeviceCertificateWithoutCA ? $"{DeviceParameters.CdfPrefix}certificatePem"
            : Parameter(template, "CertificatePem", "a certificate");

    /// <summary>The PEM of a CSR; of a DER file too.</summary>
    public static string CsrPem(ReadOnlySpan<byte> content, string name) => Pem(content, name, Csr, "a CSR", "openssl req -new makes one");

    /// <summary>The PEM of a certificate; of a DER file too.</summary>
    public static string CertificatePem(ReadOnlySpan<byte> content, string name) => Pem(content, name, Certificate, "a certificate", "a file of -----BEGIN CERTIFICATE----- or DER has one");

    /// <exception cref="CdfException">NotFound, InvalidRequest, naming the file.</exception>
    public static async ValueTask<byte[]> ReadAsync(string path, string what, CancellationToken cancellationToken, long maxLength = MaxLength)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists || file.Length <= maxLength
                ? await File.ReadAllBytesAsync(path, cancellationToken)
                : throw CdfErrorCode.InvalidRequest.Error($"The file '{path}' is too long to be {what}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CdfErrorCode.NotFound.Error($"There is no file '{path}', which is to be {what}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The file '{path}', which is to be {what}, cannot be read: {e.Message}", e);
        }
    }

    private static string Parameter(ProvisioningTemplate template, string name, string what)
    {
        var names = new ParameterNames(template, common: null);
        return names.Find(name) ?? throw CdfErrorCode.InvalidRequest.Error(
            $"The template takes no {what[2..]}: it has no parameter '{name}' that one of its resources uses, and no extension that takes one. It uses: {ParameterNames.Listed(names.All)}.");
    }

    private static string Pem(ReadOnlySpan<byte> content, string name, string label, string what, string remedy)
    {
        if (content.IsEmpty || content.Trim(" \t\r\n"u8).IsEmpty)
            throw CdfErrorCode.InvalidRequest.Error($"{name} is empty, and not {what}: {remedy}.");
        if (content[0] == 0x30) // a SEQUENCE: DER
            return PemEncoding.WriteString(label, content);
        var text = Encoding.UTF8.GetString(content);
        return text.Contains("-----BEGIN", StringComparison.Ordinal) ? text
            : throw CdfErrorCode.InvalidRequest.Error($"{name} is not {what}: it has no -----BEGIN line, and is not DER either; {remedy}.");
    }
}
