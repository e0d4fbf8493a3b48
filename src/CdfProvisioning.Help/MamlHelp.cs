using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace CdfProvisioning.Help;

/// <summary>The help of all cmdlets of an assembly in the XML that Get-Help reads.</summary>
internal static class MamlHelp
{
    private static readonly XNamespace Items = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly Dictionary<string, string> ShouldProcess = new()
    {
        ["WhatIf"] = "Shows what would happen, and does not do it.",
        ["Confirm"] = "Asks before anything is done.",
    };

    public static XDocument Of(Assembly assembly, XmlDocumentation documentation) => new(
        new XElement(
            Items + "helpItems",
            new XAttribute("schema", "maml"),
            from type in assembly.GetExportedTypes()
            let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
            where cmdlet is not null
            orderby cmdlet.NounName, cmdlet.VerbName
            select OfCmdlet(new CmdletInfo($"{cmdlet.VerbName}-{cmdlet.NounName}", type), cmdlet, documentation)));

    private static XElement OfCmdlet(CmdletInfo command, CmdletAttribute cmdlet, XmlDocumentation documentation)
    {
        var type = command.ImplementingType;
        return new(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", command.Name),
                new XElement(Command + "verb", cmdlet.VerbName),
                new XElement(Command + "noun", cmdlet.NounName),
                new XElement(Maml + "description", Paragraph(documentation.Summary(type)))),
            new XElement(Maml + "description", documentation.Remarks(type).Select(Paragraph)),
            new XElement(
                Command + "syntax",
                from set in command.ParameterSets
                select new XElement(
                    Command + "syntaxItem",
                    new XElement(Maml + "name", command.Name),
                    from parameter in Shown(set, type)
                    select OfParameter(parameter, type, documentation))),
            new XElement(
                Command + "parameters",
                from parameter in command.ParameterSets.SelectMany(set => Shown(set, type)).DistinctBy(parameter => parameter.Name)
                orderby parameter.Name
                select OfParameter(parameter, type, documentation)),
            new XElement(
                Command + "inputTypes",
                from parameter in command.ParameterSets.SelectMany(set => set.Parameters).DistinctBy(parameter => parameter.Name)
                where parameter.ValueFromPipeline
                select new XElement(
                    Command + "inputType", new XElement(Dev + "type", new XElement(Maml + "name", TypeName(parameter.ParameterType))))),
            new XElement(
                Command + "returnValues",
                from output in command.OutputType
                select new XElement(Command + "returnValue", new XElement(Dev + "type", new XElement(Maml + "name", output.Name)))),
            new XElement(
                Command + "examples",
                documentation.Examples(type).Select((example, index) => new XElement(
                    Command + "example",
                    new XElement(Maml + "title", $"-------- Example {index + 1}: {example.Title} --------"),
                    new XElement(Dev + "code", example.Code)))),
            new XElement(
                Command + "relatedLinks",
                from link in Links(cmdlet, type.Assembly)
                select new XElement(
                    Maml + "navigationLink", new XElement(Maml + "linkText", link), new XElement(Maml + "uri"))));
    }

    /// <summary>The other commands for the same thing, those for what belongs to it, and the topic.</summary>
    private static IEnumerable<string> Links(CmdletAttribute cmdlet, Assembly assembly) =>
        (from type in assembly.GetExportedTypes()
         let other = type.GetCustomAttribute<CmdletAttribute>()
         where other is not null && other.VerbName + other.NounName != cmdlet.VerbName + cmdlet.NounName
             && (other.NounName.StartsWith(cmdlet.NounName, StringComparison.Ordinal) || cmdlet.NounName.StartsWith(other.NounName, StringComparison.Ordinal)) && other.NounName != "Cdf"
         orderby other.NounName, other.VerbName
         select $"{other.VerbName}-{other.NounName}").Append("about_CdfProvisioning");

    /// <summary>The parameters that the cmdlet declares, and WhatIf and Confirm; Get-Help adds the common ones.</summary>
    private static IEnumerable<CommandParameterInfo> Shown(CommandParameterSetInfo set, Type type) =>
        from parameter in set.Parameters
        where type.GetProperty(parameter.Name) is not null || ShouldProcess.ContainsKey(parameter.Name)
        orderby ShouldProcess.ContainsKey(parameter.Name), parameter.Position < 0, parameter.Position, !parameter.IsMandatory
        select parameter;

    private static XElement OfParameter(CommandParameterInfo parameter, Type type, XmlDocumentation documentation) => new(
        Command + "parameter",
        new XAttribute("required", parameter.IsMandatory),
        new XAttribute("globbing", parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any()),
        new XAttribute("pipelineInput", PipelineInput(parameter)),
        new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new XAttribute("aliases", string.Join(", ", parameter.Aliases)),
        new XElement(Maml + "name", parameter.Name),
        new XElement(
            Maml + "description",
            Paragraph(ShouldProcess.GetValueOrDefault(parameter.Name) ?? documentation.Summary(type.GetProperty(parameter.Name)!))),
        parameter.ParameterType == typeof(SwitchParameter)
            ? null
            : new XElement(Command + "parameterValue", new XAttribute("required", true), TypeName(parameter.ParameterType)),
        new XElement(Dev + "type", new XElement(Maml + "name", TypeName(parameter.ParameterType))));

    private static string TypeName(Type type) => Nullable.GetUnderlyingType(type)?.Name ?? (type.IsGenericType ? "IDictionary" : type.Name);

    private static string PipelineInput(CommandParameterInfo parameter) => (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "true (ByValue, ByPropertyName)",
        (true, false) => "true (ByValue)",
        (false, true) => "true (ByPropertyName)",
        _ => "false",
    };

    private static XElement Paragraph(string text) => new(Maml + "para", text);
}
