using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CdfProvisioning.Help;

/// <summary>The documentation comments of an assembly, as text.</summary>
internal sealed partial class XmlDocumentation(XDocument document)
{
    private readonly Dictionary<string, XElement> _members =
        document.Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);

    public string Summary(MemberInfo member) => Text(Member(member).Element("summary"), member);

    /// <summary>The paragraphs of the remarks.</summary>
    public IEnumerable<string> Remarks(Type type) =>
        Member(type).Elements("remarks").SelectMany(remarks => remarks.Elements("para")).Select(paragraph => Text(paragraph, type));

    public IEnumerable<(string Title, string Code)> Examples(Type type) =>
        from example in Member(type).Elements("example")
        select (Text(example.Element("para"), type), Code(example.Element("code")?.Value ?? throw Missing(type)));

    private static string Text(XElement? element, MemberInfo member) =>
        Space().Replace(string.Concat((element ?? throw Missing(member)).Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { FirstNode: not null } element => string.Concat(element.Nodes().Select(Text)),
        XElement element => ((string?)element.Attribute("cref") ?? (string?)element.Attribute("name") ?? string.Empty).Split('.', ':')[^1],
        _ => string.Empty,
    };

    private static string Code(string code)
    {
        var lines = code.Trim('\n').TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line[Math.Min(indent, line.Length)..]));
    }

    private XElement Member(MemberInfo member) => _members.GetValueOrDefault(Id(member)) ?? throw Missing(member);

    private static string Id(MemberInfo member) => member is Type type ? $"T:{type.FullName}" : $"P:{member.DeclaringType!.FullName}.{member.Name}";

    private static InvalidOperationException Missing(MemberInfo member) => new($"{Id(member)} lacks a part of its documentation.");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
