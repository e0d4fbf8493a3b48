using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Where a value starts in a template: its JSON path, and line and column from 1.</summary>
internal sealed record TemplatePlace(string Path, int Line, int Column);

/// <summary>A member of a JSON object; <paramref name="Start"/> is the offset of its name in the UTF-8 text.</summary>
internal sealed record TemplateMember(string Name, int Start, TemplateNode Value);

/// <summary>A JSON value of a template, with its place.</summary>
internal sealed record TemplateNode(JsonValueKind Kind, TemplatePlace Place)
{
    /// <summary>The value of a string, or the JSON text of a number, true, false or null.</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<TemplateNode> Items { get; init; } = [];

    public IReadOnlyList<TemplateMember> Members { get; init; } = [];

    /// <summary>The offset after the value in the UTF-8 text.</summary>
    public int End { get; init; }

    /// <summary>The function that the value calls: an object whose only member is <c>Ref</c> or <c>Fn::...</c>.</summary>
    public TemplateMember? Function =>
        Members is [{ } only] && (only.Name == "Ref" || only.Name.StartsWith("Fn::", StringComparison.Ordinal)) ? only : null;

    public TemplateNode? this[string name] => Members.FirstOrDefault(m => m.Name == name)?.Value;

    /// <summary>The value itself and those in it that call a function.</summary>
    public IEnumerable<TemplateNode> Calls() =>
        Items.Concat(Members.Select(m => m.Value)).SelectMany(n => n.Calls()).Concat(Function is null ? [] : [this]);

    public bool IsRefTo(string name) => Function is { Name: "Ref", Value: { Kind: JsonValueKind.String } target } && target.Text == name;
}
