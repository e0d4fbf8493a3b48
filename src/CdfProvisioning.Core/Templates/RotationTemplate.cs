using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>What of a template gives an existing thing a further certificate: its certificate and the extension that makes it, for a thing that is named; all else stays as it is.</summary>
internal static class RotationTemplate
{
    /// <summary>The parameter with the thing's name.</summary>
    public const string ThingName = "CdfThingName";

    /// <summary>The parameter with the id of the certificate that is to be replaced.</summary>
    public const string OldCertificate = "CdfRotatedCertificateId";

    private static readonly ConditionalWeakTable<ProvisioningTemplate, ProvisioningTemplate> Known = [];
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="CdfException">InvalidRequest: the template has no certificate.</exception>
    public static ProvisioningTemplate Of(ProvisioningTemplate template) => Known.GetValue(template, Make);

    private static ProvisioningTemplate Make(ProvisioningTemplate template)
    {
        var root = JsonNode.Parse(template.Body)!.AsObject();
        var resources = root["Resources"]!.AsObject();
        if (resources.FirstOrDefault(r => (string?)r.Value!["Type"] == ResourceTypes.Certificate) is not { Key: { } id, Value: JsonObject certificate })
            throw CdfErrorCode.InvalidRequest.Error($"The template has no resource of type {ResourceTypes.Certificate}: a template for a rotation says how the new certificates are made.");
        foreach (var other in resources.Where(r => r.Key != id).Select(r => r.Key).ToList())
            resources.Remove(other);
        resources["CdfThing"] = JsonNode.Parse($$$"""{ "Type": "{{{ResourceTypes.Thing}}}", "Properties": { "ThingName": { "Ref": "{{{ThingName}}}" } } }""");
        certificate["Properties"]!["Status"] = CertificateStatus.Active;
        if (root["Parameters"] is not JsonObject parameters)
            root["Parameters"] = parameters = [];
        foreach (var name in new[] { ThingName, OldCertificate })
            parameters[name] = new JsonObject { ["Type"] = "String" };
        if (root["CDF"] is JsonObject cdf)
        {
            cdf.Remove("attachAdditionalPolicies");
            cdf.Remove("clientIdMustMatchThingName");
        }

        return ProvisioningTemplate.Compile(root.ToJsonString(Json)).CopyingAttachments();
    }
}
