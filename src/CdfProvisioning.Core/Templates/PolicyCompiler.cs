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
        return names.NameOf(id, resource) is { } name ? new(id, name, names.DocumentOf(id, properties)) : null;
    }
}
