using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Templates;

/// <summary>Compiles a policy resource.</summary>
internal sealed class PolicyCompiler(ResourceNames names, TemplateProblems problems)
{
    /// <returns>Null if the name is wrong.</returns>
    public PolicyTemplate? Compile(string id, TemplateNode resource, TemplateNode properties)
    {
        properties.WarnOfUnknownMembers(problems, "PolicyName", "PolicyDocument");
        if (resource["OverrideSettings"] is { } overrides)
            problems.Warn(overrides.Place, "OverrideSettings are ignored: an existing policy is never changed.");
        if (properties["PolicyName"] is not null && properties["PolicyDocument"] is { } both)
            problems.Warn(both.Place, "AWS documents PolicyName or PolicyDocument, not both; here the policy is made under this name if it does not exist.");
        if (properties.Calls().FirstOrDefault(c => c.Function!.Name == "Fn::Join") is { } join)
            problems.Warn(join.Place, "AWS does not support Fn::Join in policies; the embedded registry does.");
        var document = names.DocumentOf(id, properties);
        if (document is LiteralText literal)
            WarnOf(literal.Text, properties["PolicyDocument"]!, problems);
        return names.NameOf(id, resource) is { } name ? new(id, name, document) : null;
    }

    /// <summary>Says what of a policy is accepted but may not be meant; what is wrong with it has been said.</summary>
    public static void WarnOf(string document, TemplateNode node, TemplateProblems problems)
    {
        foreach (var warning in PolicyDocument.Find(document)?.Warnings() ?? [])
            problems.Warn(node.Place, warning);
    }
}
