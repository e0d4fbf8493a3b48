namespace CdfProvisioning.Templates;

/// <summary>What a CDF section needs of the resources: said when the template is checked, not when the first device comes.</summary>
internal static class CdfRequirements
{
    public static void Check(TemplateNode root, CdfSection cdf, TemplateProblems problems)
    {
        if (root["CDF"] is not { } section)
            return;
        var resources = root["Resources"]?.Members ?? [];
        var thing = resources.FirstOrDefault(r => r.Value["Type"]?.Text == ResourceTypes.Thing)?.Value;
        var certificate = resources.FirstOrDefault(r => r.Value["Type"]?.Text == ResourceTypes.Certificate)?.Value;

        var makers = CertificateMakers(cdf).ToList();
        if (makers.Count > 1)
            problems.Error(section.Place, $"Only one extension can make the certificate: choose among {string.Join(", ", makers)}.");

        if (certificate is null && cdf.Any)
        {
            problems.Error(section.Place, "The CDF extensions need a resource of type AWS::IoT::Certificate: add one.");
        }
        else if (certificate is not null && makers.Count == 1)
        {
            var filled = cdf.FilledParameters[0];
            if (certificate["Properties"]?[filled] is not { } property || !property.IsRefTo(filled))
                problems.Error(
                    (certificate["Properties"]?[filled] ?? certificate).Place,
                    $"The certificate that {makers[0]} makes is not used: declare the parameter {filled} and write \"{filled}\": {{ \"Ref\": \"{filled}\" }}.");
        }

        if (cdf.ClientIdMustMatchThingName && thing is null)
            problems.Error(section.Place, "clientIdMustMatchThingName needs a resource of type AWS::IoT::Thing: add one.");
    }

    private static IEnumerable<string> CertificateMakers(CdfSection cdf)
    {
        if (cdf.CreateDeviceCertificate)
            yield return "createDeviceCertificate";
        if (cdf.CreateDeviceAwsCertificate)
            yield return "createDeviceAWSCertificate";
        if (cdf.RegisterDeviceCertificateWithoutCA)
            yield return "registerDeviceCertificateWithoutCA";
        if (cdf.AcmPcaMode is not null)
            yield return "acmpca";
    }
}
