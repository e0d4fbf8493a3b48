using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Something that a template names, by a constant, and that has to be in the registry before.</summary>
internal sealed record TemplateReference(TemplateReferenceKind Kind, string Name, TemplatePlace Place)
{
    public static IReadOnlyList<TemplateReference> FindIn(TemplateNode root)
    {
        var found = new List<TemplateReference>();
        foreach (var (_, _, resource) in root["Resources"]!.Members)
        {
            var properties = resource["Properties"];
            if (resource["Type"]?.Text == ResourceTypes.Thing)
            {
                Add(found, TemplateReferenceKind.ThingType, properties?["ThingTypeName"]);
                Add(found, TemplateReferenceKind.BillingGroup, properties?["BillingGroup"]);
                foreach (var group in properties?["ThingGroups"]?.Items ?? [])
                    Add(found, TemplateReferenceKind.ThingGroup, group);
            }
            else if (resource["Type"]?.Text == ResourceTypes.Policy && properties?["PolicyDocument"] is null)
            {
                Add(found, TemplateReferenceKind.Policy, properties?["PolicyName"]);
            }
        }

        var policies = root["CDF"]?["attachAdditionalPolicies"];
        foreach (var policy in (policies?["policies"] ?? policies)?.Items ?? [])
        {
            if (policy["document"] is null)
                Add(found, TemplateReferenceKind.Policy, policy["name"]);
        }

        return found;
    }

    private static void Add(List<TemplateReference> found, TemplateReferenceKind kind, TemplateNode? name)
    {
        if (name is { Kind: JsonValueKind.String })
            found.Add(new(kind, name.Text, name.Place));
    }
}

/// <summary>What a template can name.</summary>
internal enum TemplateReferenceKind
{
    ThingType,
    ThingGroup,
    BillingGroup,
    Policy,
}
