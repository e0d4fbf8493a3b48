using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>Compiles a thing resource.</summary>
internal sealed class ThingCompiler(ResourceNames names, PropertyCompiler compiler, TemplateProblems problems)
{
    /// <returns>Null if the name is wrong.</returns>
    public ThingTemplate? Compile(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(problems, "ThingName", "AttributePayload", "ThingTypeName", "ThingGroups", "BillingGroup", "PackageVersions");
        if (properties["PackageVersions"] is { } versions)
            problems.Warn(versions.Place, "PackageVersions is for AWS IoT only: the embedded registry ignores it.");

        var overrides = new OverrideSettingsReader(resource["OverrideSettings"], problems);
        var attributePayloadOverride = overrides.Read("AttributePayload", canMerge: true);
        var typeNameOverride = overrides.Read("ThingTypeName", canMerge: false);
        var groupsOverride = overrides.Read("ThingGroups", canMerge: true);
        overrides.WarnOfUnread();

        var name = names.NameOf(id, resource);
        var attributes = CompileAttributes(id, properties["AttributePayload"], properties["ThingTypeName"] is not null);
        var typeName = compiler.Text(id, properties["ThingTypeName"], IotNames.CheckThingTypeName);
        var groups = compiler.List(id, properties["ThingGroups"], IotNames.CheckThingGroupName);
        var billingGroup = compiler.Text(id, properties["BillingGroup"], IotNames.CheckBillingGroupName);
        return name is null ? null : new(id, name, attributes, typeName, groups, billingGroup, attributePayloadOverride, typeNameOverride, groupsOverride);
    }

    /// <returns>Null if the template says nothing about attributes.</returns>
    private AttributesTemplate? CompileAttributes(string id, TemplateNode? payload, bool hasThingType)
    {
        if (payload is null or { Kind: JsonValueKind.Array, Items: [] } || !payload.MustBeObject(problems))
            return null;
        if (payload.Members is [{ Name: "attributes" or "Attributes", Value: { Kind: JsonValueKind.Object, Function: null } nested }])
        {
            problems.Warn(nested.Place, "AWS documents AttributePayload without a nested 'attributes': write the attributes directly into it.");
            payload = nested;
        }

        if (payload.Function is { } function)
        {
            problems.Error(payload.Place, $"AttributePayload takes an object of attributes, not the function {function.Name}.");
            return null;
        }

        var attributes = new Dictionary<string, TextExpression>();
        compiler.Check(payload, () => IotNames.CheckAttributeCount(payload.Members.Count, hasThingType));
        foreach (var (name, _, value) in payload.Members)
        {
            compiler.Check(value, () => IotNames.CheckAttributeName(name));
            if (compiler.Text(id, value, v => IotNames.CheckAttributeValue(name, v)) is { } text)
                attributes.Add(name, text);
        }

        return new(attributes);
    }
}
