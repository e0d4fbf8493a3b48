using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>Compiles the Resources section of a template.</summary>
internal sealed class ResourceCompiler
{
    private readonly TemplateNode _root;
    private readonly TemplateProblems _problems;
    private readonly FunctionCompiler _functions;
    private readonly ResourceNames _names;
    private readonly PropertyCompiler _properties;
    private readonly List<PolicyTemplate> _policies = [];
    private ThingTemplate? _thing;
    private CertificateTemplate? _certificate;
    private TemplateNode? _thingNode;
    private TemplateNode? _certificateNode;

    public ResourceCompiler(
        TemplateNode root, IReadOnlyDictionary<string, TemplateParameter> parameters,
        IReadOnlyDictionary<string, TemplateMapping> mappings, TemplateProblems problems)
    {
        _root = root;
        _problems = problems;
        _functions = new(parameters, mappings, (id, reference) => _names!.Refer(id, reference), problems);
        _properties = new(_functions, problems);
        _names = new(root, _properties, problems);
    }

    /// <returns>Null if there is no Resources section.</returns>
    public CompiledResources? Compile()
    {
        if (_root["Resources"] is not { } section)
        {
            _problems.Error(_root.Place, $"The template has no Resources: add a resource of type {ResourceTypes.Thing}.");
            return null;
        }

        if (!section.MustBeObject(_problems))
            return null;
        if (section.Members.Count == 0)
            _problems.Error(section.Place, $"The template has no resources: add one of type {ResourceTypes.Thing}.");
        foreach (var (id, _, resource) in section.Members)
            CompileResource(id, resource);
        if (_policies.Count > 0 && _certificateNode is null)
            _problems.Warn(section.Place, $"The policies are attached to nothing: there is no resource of type {ResourceTypes.Certificate}.");
        return new(_thing, _certificate, _policies, DeviceConfiguration(), _functions.UsedParameters, section.Members.Count);
    }

    /// <summary>What a device gets back from fleet provisioning over MQTT; RegisterThing has no use for it.</summary>
    private Dictionary<string, TextExpression> DeviceConfiguration()
    {
        var values = new Dictionary<string, TextExpression>();
        if (_root["DeviceConfiguration"] is not { } section || !section.MustBeObject(_problems))
            return values;
        _problems.Warn(section.Place, "DeviceConfiguration is what fleet provisioning over MQTT returns; other registrations ignore it.");
        foreach (var (name, _, value) in section.Members)
        {
            if (value.Kind is JsonValueKind.Array || (value.Kind is JsonValueKind.Object && value.Function is null))
                _problems.Error(value.Place, $"DeviceConfiguration must be flat, and '{name}' is not text.");
            else if (_functions.Text(value) is { } text)
                values.Add(name, text);
        }

        return values;
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
                    _thing = new ThingCompiler(_names, _properties, _problems).Compile(id, resource, properties);
                break;
            case { Kind: JsonValueKind.String, Text: ResourceTypes.Certificate }:
                if (IsOnly(ref _certificateNode, resource))
                    _certificate = new CertificateCompiler(_properties, _problems).Compile(id, resource, properties);
                break;
            case { Kind: JsonValueKind.String, Text: ResourceTypes.Policy }:
                if (new PolicyCompiler(_names, _problems).Compile(id, resource, properties) is { } policy)
                    _policies.Add(policy);
                break;
            case var type:
                _problems.Error(
                    (type ?? resource).Place,
                    $"The Type of resource '{id}' must be {ResourceTypes.Thing}, {ResourceTypes.Certificate} or {ResourceTypes.Policy}"
                    + (type is { Kind: JsonValueKind.String } ? $", not '{IotNames.Shown(type.Text)}'." : "."));
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
}
