using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>Compiles a certificate resource.</summary>
internal sealed class CertificateCompiler(PropertyCompiler compiler, TemplateProblems problems)
{
    public CertificateTemplate Compile(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(
            problems, "CertificateSigningRequest", "CertificateId", "CertificatePem", "CACertificatePem", "Status", "ThingPrincipalType");
        var request = properties["CertificateSigningRequest"];
        var certificateId = properties["CertificateId"];
        var pem = properties["CertificatePem"];
        var caPem = properties["CACertificatePem"];
        if (new[] { request, certificateId, pem }.Count(p => p is not null) != 1)
            problems.Error(properties.Place, $"Resource '{id}' needs exactly one of CertificateSigningRequest, CertificateId and CertificatePem.");
        if (caPem is not null && pem is null)
            problems.Error(caPem.Place, "CACertificatePem goes with CertificatePem only.");

        var overrides = new OverrideSettingsReader(resource["OverrideSettings"], problems);
        var statusOverride = overrides.Read("Status", canMerge: false);
        overrides.WarnOfUnread();
        return new(
            id,
            compiler.Text(id, request, CheckNotEmpty),
            compiler.Text(id, certificateId, IotNames.CheckCertificateId),
            compiler.Text(id, pem, CheckNotEmpty),
            compiler.Text(id, caPem, CheckNotEmpty),
            compiler.Text(id, properties["Status"], KeywordSet.CertificateStatus.Check),
            compiler.Text(id, properties["ThingPrincipalType"], KeywordSet.ThingPrincipalType.Check),
            statusOverride);
    }

    private static void CheckNotEmpty(string value)
    {
        if (value.Length == 0)
            throw CdfErrorCode.InvalidRequest.Error("The value is empty.");
    }
}
