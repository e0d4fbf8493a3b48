using System.Globalization;
using System.Text;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>Where a value starts in a template. Path, line and column are worked out when they are asked for.</summary>
/// <param name="Text">The template.</param>
/// <param name="Offset">Where the value starts in it.</param>
/// <param name="Parent">The object or array that it is in; null for the template as a whole.</param>
/// <param name="Name">Its name in an object.</param>
/// <param name="Item">Its number in an array, from 0.</param>
internal sealed record TemplatePlace(TemplateText Text, int Offset, TemplatePlace? Parent = null, string? Name = null, int Item = 0)
{
    private const int MaxPathLength = 500;

    public int Line => Text.Locate(Offset).Line;

    public int Column => Text.Locate(Offset).Column;

    /// <summary>The JSON path, such as <c>$.Resources.thing</c>; no name in it is longer than is readable, nor is the whole.</summary>
    public string Path
    {
        get
        {
            var path = new StringBuilder();
            Append(path);
            return path.Length <= MaxPathLength ? path.ToString() : $"{path.ToString(0, MaxPathLength)}...";
        }
    }

    private void Append(StringBuilder path)
    {
        if (Parent is null)
        {
            path.Append('$');
            return;
        }

        Parent.Append(path);
        if (Name is null)
            path.Append(CultureInfo.InvariantCulture, $"[{Item}]");
        else if (Name.Length is > 0 and <= 64 && Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            path.Append('.').Append(Name);
        else
            path.Append("['").Append(IotNames.Shown(Name)).Append("']");
    }
}

/// <summary>A member of a JSON object; <paramref name="Start"/> is the offset of its name in the UTF-8 text.</summary>
internal sealed record TemplateMember(string Name, int Start, TemplateNode Value);

/// <summary>A JSON value of a template, with its place.</summary>
internal sealed class TemplateNode(JsonValueKind kind, TemplatePlace place)
{
    /// <summary>From here on a member is looked up, not looked for.</summary>
    private const int FewMembers = 8;

    private Dictionary<string, TemplateNode>? _byName;

    public JsonValueKind Kind => kind;

    public TemplatePlace Place => place;

    /// <summary>The value of a string, or the JSON text of a number, true, false or null.</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<TemplateNode> Items { get; init; } = [];

    public IReadOnlyList<TemplateMember> Members { get; init; } = [];

    /// <summary>The offset after the value in the UTF-8 text.</summary>
    public required int End { get; init; }

    /// <summary>The function that the value calls: an object whose only member is <c>Ref</c> or <c>Fn::...</c>.</summary>
    public TemplateMember? Function =>
        Members is [{ } only] && (only.Name == "Ref" || only.Name.StartsWith("Fn::", StringComparison.Ordinal)) ? only : null;

    public TemplateNode? this[string name] => Members.Count <= FewMembers
        ? Members.FirstOrDefault(m => m.Name == name)?.Value
        : (_byName ??= Members.ToDictionary(m => m.Name, m => m.Value)).GetValueOrDefault(name);

    /// <summary>The value itself and those in it that call a function.</summary>
    public IEnumerable<TemplateNode> Calls() =>
        Items.Concat(Members.Select(m => m.Value)).SelectMany(n => n.Calls()).Concat(Function is null ? [] : [this]);

    public bool IsRefTo(string name) => Function is { Name: "Ref", Value: { Kind: JsonValueKind.String } target } && target.Text == name;
}
