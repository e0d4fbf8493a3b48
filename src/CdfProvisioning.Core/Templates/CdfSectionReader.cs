using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Templates;

/// <summary>Reads the CDF section of a template.</summary>
internal static class CdfSectionReader
{
    public static CdfSection Read(TemplateNode? section, TemplateProblems problems)
    {
        var cdf = CdfSection.None;
        if (section is null || !section.MustBeObject(problems))
            return cdf;
        foreach (var (name, _, value) in section.Members)
        {
            switch (name)
            {
                case "createDeviceCertificate":
                    cdf = cdf with { CreateDeviceCertificate = IsTrue(value, problems) };
                    break;
                case "createDeviceAWSCertificate":
                    cdf = cdf with { CreateDeviceAwsCertificate = IsTrue(value, problems) };
                    break;
                case "registerDeviceCertificateWithoutCA":
                    cdf = cdf with { RegisterDeviceCertificateWithoutCA = IsTrue(value, problems) };
                    break;
                case "clientIdMustMatchThingName":
                    cdf = cdf with { ClientIdMustMatchThingName = IsTrue(value, problems) };
                    break;
                case "acmpca":
                    cdf = cdf with { AcmPcaMode = Mode(value, problems) };
                    break;
                case "attachAdditionalPolicies":
                    cdf = cdf with { AttachAdditionalPolicies = Policies(value, problems) };
                    break;
                default:
                    problems.Warn(
                        value.Place,
                        $"There is no CDF extension '{IotNames.Shown(name)}', and it is ignored: there are createDeviceCertificate, createDeviceAWSCertificate, " +
                        "registerDeviceCertificateWithoutCA, acmpca, attachAdditionalPolicies and clientIdMustMatchThingName.");
                    break;
            }
        }

        return WithOneCertificate(cdf, section, problems);
    }

    /// <summary>The original looks for them in this order, and the first that it finds makes the certificate (its things.service.ts, preProcessSteps).</summary>
    private static CdfSection WithOneCertificate(CdfSection cdf, TemplateNode section, TemplateProblems problems)
    {
        List<string> makers = [];
        if (cdf.CreateDeviceCertificate)
            makers.Add("createDeviceCertificate");
        if (cdf.CreateDeviceAwsCertificate)
            makers.Add("createDeviceAWSCertificate");
        if (cdf.RegisterDeviceCertificateWithoutCA)
            makers.Add("registerDeviceCertificateWithoutCA");
        if (cdf.AcmPcaMode is not null)
            makers.Add("acmpca");
        if (makers.Count < 2)
            return cdf;
        problems.Warn(section.Place, $"Only one extension can make the certificate, and {makers[0]} does: {string.Join(", ", makers.Skip(1))} is ignored.");
        return cdf with
        {
            CreateDeviceAwsCertificate = makers[0] == "createDeviceAWSCertificate",
            RegisterDeviceCertificateWithoutCA = makers[0] == "registerDeviceCertificateWithoutCA",
            AcmPcaMode = null,
        };
    }

    private static bool IsTrue(TemplateNode node, TemplateProblems problems)
    {
        if (node.Kind is not (JsonValueKind.True or JsonValueKind.False))
            problems.Error(node.Place, "This must be true or false.");
        return node.Kind == JsonValueKind.True;
    }

    private static AcmPcaMode? Mode(TemplateNode node, TemplateProblems problems)
    {
        if (!node.MustBeObject(problems))
            return null;
        node.WarnOfUnknownMembers(problems, "mode");
        switch (node["mode"])
        {
            case { Kind: JsonValueKind.String, Text: "REGISTER_WITH_CA" }:
                return AcmPcaMode.RegisterWithCA;
            case { Kind: JsonValueKind.String, Text: "REGISTER_WITHOUT_CA" }:
                return AcmPcaMode.RegisterWithoutCA;
            case var mode:
                problems.Error((mode ?? node).Place, "acmpca needs a \"mode\" of \"REGISTER_WITH_CA\" or \"REGISTER_WITHOUT_CA\".");
                return null;
        }
    }

    /// <summary>A list, or <c>{ "policies": [...] }</c>: the original's code reads the one, its documentation shows the other.</summary>
    private static List<AdditionalPolicy> Policies(TemplateNode node, TemplateProblems problems)
    {
        var list = node.Kind == JsonValueKind.Object ? node["policies"] : node;
        if (list is not { Kind: JsonValueKind.Array })
        {
            problems.Error((list ?? node).Place, "attachAdditionalPolicies takes a list of policies, or { \"policies\": [...] }.");
            return [];
        }

        return [.. list.Items.Select(i => Policy(i, problems)).OfType<AdditionalPolicy>()];
    }

    private static AdditionalPolicy? Policy(TemplateNode node, TemplateProblems problems)
    {
        if (!node.MustBeObject(problems))
            return null;
        node.WarnOfUnknownMembers(problems, "name", "document");
        var document = node["document"]?.MustBeText(problems);
        var name = node["name"]?.MustBeText(problems) ?? (document is null ? null : PolicyNameText.Of(document));
        if (name is null)
        {
            problems.Error(node.Place, "An additional policy needs a name, a document, or both.");
            return null;
        }

        Check(IotNames.CheckPolicyName, name, node["name"] ?? node, problems);
        if (document is not null)
        {
            Check(PolicyDocument.Check, document, node["document"]!, problems);
            PolicyCompiler.WarnOf(document, node["document"]!, problems);
        }

        return new(name, document);
    }

    private static void Check(Action<string> check, string value, TemplateNode node, TemplateProblems problems)
    {
        try
        {
            check(value);
        }
        catch (CdfException e)
        {
            problems.Error(node.Place, e.Message);
        }
    }
}
