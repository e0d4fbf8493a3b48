namespace CdfProvisioning.Templates;

/// <summary>What a CDF section needs of the resources: said when the template is checked, not when the first device comes.</summary>
internal static class CdfRequirements
{
    public static void Check(TemplateNode root, CdfSection cdf, TemplateProblems problems)
    {
        if (root["CDF"] is not { } section)
            return;
        var resources = root["Resources"]!.Members;
        var thing = resources.FirstOrDefault(r => r.Value["Type"]?.Text == ResourceTypes.Thing)?.Value;
        var certificate = resources.FirstOrDefault(r => r.Value["Type"]?.Text == ResourceTypes.Certificate)?.Value;

        var maker = CertificateMaker(cdf);
        if (certificate is null && cdf.Any)
        {
            problems.Error(section.Place, "The CDF extensions need a resource of type AWS::IoT::Certificate: add one.");
        }
        else if (certificate is not null && maker is not null)
        {
            var filled = cdf.FilledParameters[0];
            if (certificate["Properties"]?[filled] is not { } property || !property.IsRefTo(filled))
                problems.Error(
                    (certificate["Properties"]?[filled] ?? certificate).Place,
                    $"The certificate that {maker} makes is not used: declare the parameter {filled} and write \"{filled}\": {{ \"Ref\": \"{filled}\" }}.");
        }

        if (cdf.ClientIdMustMatchThingName && thing is null)
            problems.Error(section.Place, "clientIdMustMatchThingName needs a resource of type AWS::IoT::Thing: add one.");
    }

    private static string? CertificateMaker(CdfSection cdf) => cdf switch
    {
        { CreateDeviceCertificate: true } => "createDeviceCertificate",
        { CreateDeviceAwsCertificate: true } => "createDeviceAWSCertificate",
        { RegisterDeviceCertificateWithoutCA: true } => "registerDeviceCertificateWithoutCA",
        { AcmPcaMode: not null } => "acmpca",
        _ => null,
    };
}
