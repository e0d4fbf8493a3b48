using System.Text;
using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Compiles the sections of a template.</summary>
internal static class TemplateCompiler
{
    /// <summary>AWS IoT API Reference, RegisterThing: templateBody.</summary>
    public const int MaxAwsLength = 10_240;

    /// <summary>Far more than AWS IoT takes, and little enough that it costs nobody much to look at.</summary>
    public const int MaxLength = 262_144;

    private const string AwsPrefix = "AWS::";

    /// <summary>What AWS fills in when a device's certificate is registered just in time (AWS IoT Developer Guide, "Provisioning templates").</summary>
    private static readonly string[] AwsParameters =
    [
        "AWS::IoT::Certificate::Country", "AWS::IoT::Certificate::Organization", "AWS::IoT::Certificate::OrganizationalUnit",
        "AWS::IoT::Certificate::DistinguishedNameQualifier", "AWS::IoT::Certificate::StateName", "AWS::IoT::Certificate::CommonName",
        "AWS::IoT::Certificate::SerialNumber", "AWS::IoT::Certificate::Id",
    ];

    /// <returns>Null if there are errors among the problems.</returns>
    public static ProvisioningTemplate? Compile(string body, TemplateProblems problems)
    {
        if (body.Length > MaxLength)
        {
            problems.Error("$", 1, 1, $"The template has {body.Length:N0} characters, more than the {MaxLength:N0} that are read.");
            return null;
        }

        var utf8 = Encoding.UTF8.GetBytes(body);
        if (new TemplateReader(new(utf8), problems).Read() is not { } root)
            return null;
        if (!root.MustBeObject(problems))
            return null;
        if (root["Resources"] is null && (root["templateBody"] ?? root["TemplateBody"]) is { } inner)
        {
            problems.Error(inner.Place, "This is not a template but holds one: templateBody is the template, as text. A CA's registration config and AWS's requests look so. Store what templateBody has (ConvertFrom-Json gives it).");
            return null;
        }

        root.WarnOfUnknownMembers(problems, "Parameters", "Mappings", "Resources", "DeviceConfiguration", "CDF");

        var parameters = CompileParameters(root["Parameters"], problems);
        AddAwsParameters(root["Resources"], parameters);
        var mappings = CompileMappings(root["Mappings"], problems);
        var cdf = CdfSectionReader.Read(root["CDF"], problems);
        var awsBody = WithoutCdfSection(body, utf8, root);
        if (awsBody.Length > MaxAwsLength)
            problems.Warn(root.Place, $"The template has {awsBody.Length} characters; AWS IoT refuses more than {MaxAwsLength}.");

        if (root["Resources"]?.Calls().FirstOrDefault(c => c.Function!.Name != "Ref") is { } call)
            problems.Warn(call.Place, "AWS documents functions other than Ref for fleet provisioning templates only; AWS's RegisterThing may not know them.");

        var resources = new ResourceCompiler(root, parameters, mappings, problems).Compile();
        if (resources is not null)
        {
            CdfRequirements.Check(root, cdf, problems);
            WarnOfUnusedParameters(root, resources, cdf, problems);
        }

        return problems.HasErrors ? null : new(body, awsBody, resources!, [.. parameters.Values], cdf, TemplateReference.FindIn(root));
    }

    private static void WarnOfUnusedParameters(TemplateNode root, CompiledResources resources, CdfSection cdf, TemplateProblems problems)
    {
        var used = resources.UsedParameters.Concat(cdf.FilledParameters).ToHashSet();
        foreach (var (name, _, declaration) in root["Parameters"]?.Members ?? [])
        {
            if (name.StartsWith(AwsPrefix, StringComparison.Ordinal))
            {
                if (!AwsParameters.Contains(name))
                    problems.Warn(declaration.Place, $"AWS documents no parameter '{name}', and would give it no value{(NearestName.Of(name, AwsParameters) is { } nearest ? $": did you mean '{nearest}'?" : ".")}");
            }
            else if (!used.Contains(name))
            {
                problems.Warn(declaration.Place, $"Nothing uses the parameter '{name}': what a device brings for it has no effect.");
            }
        }
    }

    private static Dictionary<string, TemplateParameter> CompileParameters(TemplateNode? section, TemplateProblems problems)
    {
        var parameters = new Dictionary<string, TemplateParameter>();
        if (section is null || !section.MustBeObject(problems))
            return parameters;
        foreach (var (name, _, declaration) in section.Members)
        {
            parameters.Add(name, new(name, null, declaration.Place.Line));
            if (!declaration.MustBeObject(problems))
                continue;
            declaration.WarnOfUnknownMembers(problems, "Type", "Default");
            if (declaration["Type"] is not { } type)
                problems.Error(declaration.Place, $"Parameter '{name}' has no Type: add \"Type\": \"String\".");
            else if (type is not { Kind: JsonValueKind.String, Text: "String" })
                problems.Error(type.Place, $"The Type of parameter '{name}' must be \"String\".");
            if (declaration["Default"]?.MustBeText(problems) is not { } value)
                continue;
            parameters[name] = new(name, value, declaration.Place.Line);
            if (value.Length > ParameterText.MaxValueLength)
                problems.Warn(declaration["Default"]!.Place, $"The default has {value.Length} characters; AWS IoT refuses more than {ParameterText.MaxValueLength}.");
        }

        return parameters;
    }

    /// <summary>AWS takes references to its own parameters undeclared too (Terraform's AWS provider, iot_provisioning_template: its documentation and acceptance tests).</summary>
    private static void AddAwsParameters(TemplateNode? resources, Dictionary<string, TemplateParameter> parameters)
    {
        foreach (var call in resources?.Calls() ?? [])
            if (call.Function is { Name: "Ref", Value.Text: { } name } && AwsParameters.Contains(name))
                parameters.TryAdd(name, new(name, null, call.Place.Line));
    }

    private static Dictionary<string, TemplateMapping> CompileMappings(TemplateNode? section, TemplateProblems problems)
    {
        var mappings = new Dictionary<string, TemplateMapping>();
        if (section is null || !section.MustBeObject(problems))
            return mappings;
        foreach (var (name, _, mapping) in section.Members)
        {
            var values = new Dictionary<string, IReadOnlyDictionary<string, string>>();
            foreach (var (topKey, _, entries) in mapping.MustBeObject(problems) ? mapping.Members : [])
                values.Add(topKey, CompileEntries(entries, problems));
            mappings.Add(name, new(name, values));
        }

        return mappings;
    }

    private static Dictionary<string, string> CompileEntries(TemplateNode entries, TemplateProblems problems)
    {
        var values = new Dictionary<string, string>();
        foreach (var (secondKey, _, value) in entries.MustBeObject(problems) ? entries.Members : [])
        {
            if (value.MustBeText(problems) is { } text)
                values.Add(secondKey, text);
        }

        return values;
    }

    private static string WithoutCdfSection(string body, byte[] utf8, TemplateNode root)
    {
        var index = root.Members.ToList().FindIndex(m => m.Name == "CDF");
        if (index < 0)
            return body;
        var (start, end) = (root.Members[index].Start, root.Members[index].Value.End);
        if (index > 0)
            start = root.Members[index - 1].Value.End;
        else if (root.Members.Count > 1)
            end = root.Members[1].Start;
        return Encoding.UTF8.GetString(utf8, 0, start) + Encoding.UTF8.GetString(utf8, end, utf8.Length - end);
    }
}
