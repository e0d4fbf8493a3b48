using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdfProvisioning.Templates;

/// <summary>
/// A template taken as what devices are to be like, not as what is done to register them. What it says of an existing thing counts
/// unless its OverrideSettings say otherwise (attributes and groups are added to those that are there, type and billing group are replaced), and a
/// device that has a certificate keeps it where the template would make another.
/// </summary>
internal sealed class DesiredTemplate
{
    /// <summary>The parameter that names the certificate that a device keeps.</summary>
    public const string KeptCertificate = "CdfKeptCertificateId";

    private static readonly ConditionalWeakTable<ProvisioningTemplate, DesiredTemplate> Known = [];
    private static readonly string[] CertificateMakers = ["createDeviceCertificate", "createDeviceAWSCertificate", "registerDeviceCertificateWithoutCA", "acmpca"];
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HashSet<string> _refused = [];

    private DesiredTemplate(ProvisioningTemplate template)
    {
        var root = JsonNode.Parse(template.Body)!.AsObject();
        foreach (var (_, resource) in root["Resources"]!.AsObject())
            if ((string?)resource!["Type"] == ResourceTypes.Thing)
                SetOverrides(resource.AsObject());
        Registering = ProvisioningTemplate.Compile(root.ToJsonString(Json)).SettingBillingGroup();
        MakesCertificate = template.Cdf is { CreateDeviceCertificate: true } or { CreateDeviceAwsCertificate: true } or { AcmPcaMode: not null };
        HasRequest = !MakesCertificate && CertificateIn(root)?["Properties"]?["CertificateSigningRequest"] is not null;
        if (!MakesCertificate && !HasRequest)
            return;
        KeepCertificate(root);
        Keeping = ProvisioningTemplate.Compile(root.ToJsonString(Json)).SettingBillingGroup();
        FilledWithKept = [.. template.FilledParameters.Where(Keeping.UsedParameters.Contains)];
    }

    /// <summary>What a device is registered from that has no certificate, or whose certificate is known beforehand.</summary>
    public ProvisioningTemplate Registering { get; }

    /// <summary>What a device is brought up to date by that keeps its certificate; null where there is no certificate to keep, or the device brings it along.</summary>
    public ProvisioningTemplate? Keeping { get; }

    /// <summary>Whether an extension has the certificate made.</summary>
    public bool MakesCertificate { get; }

    /// <summary>Whether the certificate is made from a CSR that is a parameter of the template.</summary>
    public bool HasRequest { get; }

    /// <summary>The parameters, otherwise filled in by an extension, that <see cref="Keeping"/> uses.</summary>
    public IReadOnlyList<string> FilledWithKept { get; } = [];

    public static DesiredTemplate Of(ProvisioningTemplate template) => Known.GetValue(template, t => new(t));

    /// <summary>The template for a row, which says if its device keeps its certificate.</summary>
    public ProvisioningTemplate For(IReadOnlyDictionary<string, string> row) => Keeping is { } keeping && row.ContainsKey(KeptCertificate) ? keeping : Registering;

    /// <summary>Whether the template refuses (FAIL) to change this of an existing thing: a property of a plan's change, such as Attributes.site.</summary>
    public bool Refuses(string property) => _refused.Contains(property.Split('.')[0]);

    private void SetOverrides(JsonObject thing)
    {
        var properties = thing["Properties"]!.AsObject();
        if (thing["OverrideSettings"] is not JsonObject settings)
            thing["OverrideSettings"] = settings = [];
        Set("AttributePayload", "MERGE", "Attributes");
        Set("ThingTypeName", "REPLACE", "ThingType");
        Set("ThingGroups", "MERGE", "ThingGroup");
        if (settings.Count == 0)
            thing.Remove("OverrideSettings");

        void Set(string name, string action, string shownAs)
        {
            var given = settings.FirstOrDefault(s => s.Key.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));
            if (given.Key is not null && (string?)given.Value != "FAIL")
                return;
            if (given.Key is not null)
                _refused.Add(shownAs);
            if (properties.ContainsKey(name))
                settings[given.Key ?? name] = action;
        }
    }

    private static JsonNode? CertificateIn(JsonObject root) =>
        root["Resources"]!.AsObject().Select(r => r.Value).FirstOrDefault(r => (string?)r!["Type"] == ResourceTypes.Certificate);

    private static void KeepCertificate(JsonObject root)
    {
        if (root["CDF"] is JsonObject cdf)
            foreach (var maker in CertificateMakers)
                cdf.Remove(maker);

        if (root["Parameters"] is not JsonObject parameters)
            root["Parameters"] = parameters = [];
        parameters[KeptCertificate] = new JsonObject { ["Type"] = "String" };
        if (CertificateIn(root)?["Properties"] is not JsonObject properties)
            return;
        foreach (var source in new[] { "CertificateSigningRequest", "CertificateId", "CertificatePem", "CACertificatePem" })
            properties.Remove(source);
        properties["CertificateId"] = new JsonObject { ["Ref"] = KeptCertificate };
    }
}
