using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates.Expressions;

namespace CdfProvisioning.Templates;

/// <summary>Compiles the Resources section of a template.</summary>
internal sealed class ResourceCompiler
{
    /// <summary>More would say the same in a more roundabout way, and recursion must end.</summary>
    private const int MaxReferenceDepth = 8;

    private readonly TemplateNode _root;
    private readonly TemplateProblems _problems;
    private readonly FunctionCompiler _functions;
    private readonly Dictionary<string, (TextExpression? Text, int Depth)> _names = [];
    private readonly Dictionary<string, TextExpression?> _documents = [];
    private readonly Stack<string> _naming = [];
    private readonly List<PolicyTemplate> _policies = [];
    private ThingTemplate? _thing;
    private CertificateTemplate? _certificate;
    private TemplateNode? _thingNode;
    private TemplateNode? _certificateNode;

    /// <summary>How long a chain of names the name being compiled refers to.</summary>
    private int _deepestReference;

    public ResourceCompiler(
        TemplateNode root, IReadOnlyDictionary<string, TemplateParameter> parameters,
        IReadOnlyDictionary<string, TemplateMapping> mappings, TemplateProblems problems)
    {
        _root = root;
        _problems = problems;
        _functions = new(parameters, mappings, NameOfResource, problems);
    }

    /// <returns>Null if there is no Resources section.</returns>
    public CompiledResources? Compile()
    {
        if (_root["Resources"] is not { } section)
        {
            _problems.Error(_root.Place, "The template has no Resources: add a resource of type AWS::IoT::Thing.");
            return null;
        }

        if (!section.MustBeObject(_problems))
            return null;
        if (section.Members.Count == 0)
            _problems.Error(section.Place, "The template has no resources: add one of type AWS::IoT::Thing.");
        foreach (var (id, _, resource) in section.Members)
            CompileResource(id, resource);
        if (_policies.Count > 0 && _certificateNode is null)
            _problems.Warn(section.Place, $"The policies are attached to nothing: there is no resource of type {ResourceTypes.Certificate}.");
        return new(_thing, _certificate, _policies, _functions.UsedParameters, section.Members.Count);
    }

    private void CompileResource(string id, TemplateNode resource)
    {
        if (!resource.MustBeObject(_problems))
            return;
        resource.WarnOfUnknownMembers(_problems, "Type", "Properties", "OverrideSettings");
        if (_root["Parameters"]?[id] is not null)
            _problems.Error(resource.Place, $"'{id}' is a parameter and a resource: rename one, since a Ref could mean either.");
        if (resource["Properties"] is not { } properties)
        {
            _problems.Error(resource.Place, $"Resource '{id}' has no Properties.");
            return;
        }

        if (!properties.MustBeObject(_problems))
            return;
        switch (resource["Type"])
        {
            case { Kind: JsonValueKind.String, Text: ResourceTypes.Thing }:
                if (IsOnly(ref _thingNode, resource))
                    _thing = CompileThing(id, resource, properties);
                break;
            case { Kind: JsonValueKind.String, Text: ResourceTypes.Certificate }:
                if (IsOnly(ref _certificateNode, resource))
                    _certificate = CompileCertificate(id, resource, properties);
                break;
            case { Kind: JsonValueKind.String, Text: ResourceTypes.Policy }:
                if (CompilePolicy(id, resource, properties) is { } policy)
                    _policies.Add(policy);
                break;
            case var type:
                _problems.Error(
                    (type ?? resource).Place,
                    $"The Type of resource '{id}' must be {ResourceTypes.Thing}, {ResourceTypes.Certificate} or {ResourceTypes.Policy}.");
                break;
        }
    }

    private bool IsOnly(ref TemplateNode? first, TemplateNode resource)
    {
        if (first is null)
        {
            first = resource;
            return true;
        }

        _problems.Error(resource.Place, $"A template may have one resource of type {resource["Type"]!.Text}, and the first is at line {first.Place.Line}.");
        return false;
    }

    private ThingTemplate? CompileThing(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(_problems, "ThingName", "AttributePayload", "ThingTypeName", "ThingGroups", "BillingGroup", "PackageVersions");
        if (properties["PackageVersions"] is { } versions)
            _problems.Warn(versions.Place, "PackageVersions is for AWS IoT only: the embedded registry ignores it.");
        var type = Checked(id, properties["ThingTypeName"], IotNames.CheckThingTypeName);
        var attributes = CompileAttributes(id, properties["AttributePayload"], properties["ThingTypeName"] is not null);
        var groups = CompileGroups(id, properties["ThingGroups"]);
        var billingGroup = Checked(id, properties["BillingGroup"], IotNames.CheckBillingGroupName);
        var overrides = new OverrideSettingsReader(resource["OverrideSettings"], _problems);
        var thing = NameOf(id, resource) is { } name
            ? new ThingTemplate(
                id, name, attributes, type, groups, billingGroup,
                overrides.Read("AttributePayload", canMerge: true), overrides.Read("ThingTypeName", canMerge: false), overrides.Read("ThingGroups", canMerge: true))
            : null;
        overrides.WarnOfUnread();
        return thing;
    }

    private AttributesTemplate? CompileAttributes(string id, TemplateNode? payload, bool hasThingType)
    {
        if (payload is null or { Kind: JsonValueKind.Array, Items: [] })
            return null;
        if (!payload.MustBeObject(_problems))
            return null;
        if (payload.Members is [{ Name: "attributes" or "Attributes", Value: { Kind: JsonValueKind.Object, Function: null } nested }])
        {
            _problems.Warn(nested.Place, "AWS documents AttributePayload without a nested 'attributes': write the attributes directly into it.");
            payload = nested;
        }

        if (payload.Function is { } function)
        {
            _problems.Error(payload.Place, $"AttributePayload takes an object of attributes, not the function {function.Name}.");
            return null;
        }

        var attributes = new Dictionary<string, TextExpression>();
        Try(payload.Place, () => IotNames.CheckAttributeCount(payload.Members.Count, hasThingType));
        foreach (var (name, _, value) in payload.Members)
        {
            Try(value.Place, () => IotNames.CheckAttributeName(name));
            if (Checked(id, value, v => IotNames.CheckAttributeValue(name, v)) is { } text)
                attributes.Add(name, text);
        }

        return new(attributes);
    }

    private ListExpression? CompileGroups(string id, TemplateNode? node)
    {
        if (node is null || _functions.List(node) is not { } list)
            return null;
        if (list is not LiteralList literal)
            return new CheckedList(list, IotNames.CheckThingGroupName, new(id, node.Place));
        foreach (var name in literal.Values)
            Try(node.Place, () => IotNames.CheckThingGroupName(name));
        return list;
    }

    private CertificateTemplate CompileCertificate(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(
            _problems, "CertificateSigningRequest", "CertificateId", "CertificatePem", "CACertificatePem", "Status", "ThingPrincipalType");
        var request = properties["CertificateSigningRequest"];
        var certificateId = properties["CertificateId"];
        var pem = properties["CertificatePem"];
        var caPem = properties["CACertificatePem"];
        if (new[] { request, certificateId, pem }.Count(p => p is not null) != 1)
            _problems.Error(properties.Place, $"Resource '{id}' needs exactly one of CertificateSigningRequest, CertificateId and CertificatePem.");
        if (caPem is not null && pem is null)
            _problems.Error(caPem.Place, "CACertificatePem goes with CertificatePem only.");

        var overrides = new OverrideSettingsReader(resource["OverrideSettings"], _problems);
        var certificate = new CertificateTemplate(
            id, Checked(id, request, CheckNotEmpty), Checked(id, certificateId, IotNames.CheckCertificateId), Checked(id, pem, CheckNotEmpty),
            Checked(id, caPem, CheckNotEmpty), Checked(id, properties["Status"], KeywordSet.CertificateStatus.Check),
            Checked(id, properties["ThingPrincipalType"], KeywordSet.ThingPrincipalType.Check), overrides.Read("Status", canMerge: false));
        overrides.WarnOfUnread();
        return certificate;
    }

    private PolicyTemplate? CompilePolicy(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(_problems, "PolicyName", "PolicyDocument");
        if (resource["OverrideSettings"] is { } overrides)
            _problems.Warn(overrides.Place, "OverrideSettings are ignored: an existing policy is never changed.");
        if (properties["PolicyName"] is not null && properties["PolicyDocument"] is { } both)
            _problems.Warn(both.Place, "AWS documents PolicyName or PolicyDocument, not both; here the policy is made under this name if it does not exist.");
        if (properties.Calls().FirstOrDefault(c => c.Function!.Name == "Fn::Join") is { } join)
            _problems.Warn(join.Place, "AWS does not support Fn::Join in policies; the embedded registry does.");
        return NameOf(id, resource) is { } name ? new(id, name, DocumentOf(id, properties)) : null;
    }

    private ResourceReference? NameOfResource(string id, TemplateNode reference)
    {
        if (_root["Resources"]?[id] is not { Kind: JsonValueKind.Object } resource)
            return null;
        if (resource["Type"]?.Text == ResourceTypes.Certificate)
        {
            _problems.Error(reference.Place, $"'{id}' is a certificate, which has no name to refer to: refer to a parameter.");
            return new((TextExpression?)null);
        }

        if (!_naming.Contains(id) && _naming.Count < MaxReferenceDepth)
        {
            var name = NameOf(id, resource);
            _deepestReference = Math.Max(_deepestReference, _names[id].Depth);
            if (_deepestReference < MaxReferenceDepth)
                return new(name);
        }

        _problems.Error(reference.Place, $"The name of '{id}' depends on itself, or on too long a chain of resources: refer to a parameter.");
        return new((TextExpression?)null);
    }

    /// <summary>The name of a thing or policy, which others may have asked for already.</summary>
    private TextExpression? NameOf(string id, TemplateNode resource)
    {
        if (_names.TryGetValue(id, out var known))
            return known.Text;
        var deepestBefore = _deepestReference;
        _deepestReference = 0;
        _naming.Push(id);
        var name = CompileName(id, resource["Type"]?.Text, resource["Properties"] ?? resource);
        _naming.Pop();
        name = name is null or LiteralText ? name : new ResourceNameText(_names.Count, name);
        _names[id] = (name, _deepestReference + 1);
        _deepestReference = deepestBefore;
        return name;
    }

    private TextExpression? CompileName(string id, string? type, TemplateNode properties)
    {
        if (type == ResourceTypes.Thing)
            return Required(id, properties, "ThingName", IotNames.CheckThingName);
        return properties["PolicyName"] is null && properties["PolicyDocument"] is not null
            ? HashOf(DocumentOf(id, properties))
            : Required(id, properties, "PolicyName", IotNames.CheckPolicyName);
    }

    private TextExpression? DocumentOf(string id, TemplateNode properties)
    {
        if (properties["PolicyDocument"] is not { } node)
            return null;
        if (_documents.TryGetValue(id, out var known))
            return known;
        var document = _functions.Document(node) is { } text ? Checked(id, text, node, IotNames.CheckPolicyDocument) : null;
        _documents[id] = document;
        return document;
    }

    private static TextExpression? HashOf(TextExpression? document) => document switch
    {
        null => null,
        LiteralText literal => new LiteralText(PolicyNameText.Of(literal.Text)),
        _ => new PolicyNameText(document),
    };

    private TextExpression? Required(string id, TemplateNode properties, string name, Action<string> check)
    {
        if (properties[name] is not { } node)
        {
            _problems.Error(properties.Place, $"Resource '{id}' has no {name}.");
            return null;
        }

        return Checked(id, node, check);
    }

    private TextExpression? Checked(string id, TemplateNode? node, Action<string> check) =>
        node is not null && _functions.Text(node) is { } text ? Checked(id, text, node, check) : null;

    /// <summary>Checks what is constant now, the rest for each device.</summary>
    private TextExpression Checked(string id, TextExpression text, TemplateNode node, Action<string> check)
    {
        if (text is not LiteralText literal)
            return new CheckedText(text, check, new(id, node.Place));
        Try(node.Place, () => check(literal.Text));
        return literal;
    }

    private void Try(TemplatePlace place, Action check)
    {
        try
        {
            check();
        }
        catch (CdfException e)
        {
            _problems.Error(place, e.Message);
        }
    }

    private static void CheckNotEmpty(string value)
    {
        if (value.Length == 0)
            throw IotErrorType.InvalidRequest.Error("The value is empty.");
    }
}
