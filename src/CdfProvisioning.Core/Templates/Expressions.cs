using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Templates;

/// <summary>A value of a template that is text once the parameters are known.</summary>
internal abstract class TextExpression
{
    /// <summary>No value of AWS IoT is longer, and functions that multiply text must not exhaust the memory.</summary>
    private const int MaxLength = PolicyDocument.MaxRawLength;

    /// <exception cref="CdfException">InvalidRequest: what is wrong, without the place, which <see cref="CheckedText"/> adds.</exception>
    public abstract string Evaluate(Resolution resolution);

    /// <summary>Whether it depends on one of these parameters.</summary>
    public abstract bool Uses(IReadOnlyList<string> parameters);

    protected static string Join(string separator, IReadOnlyList<string> items)
    {
        var length = (long)separator.Length * Math.Max(0, items.Count - 1);
        for (var i = 0; i < items.Count; i++)
            length += items[i].Length;
        return length <= MaxLength
            ? string.Join(separator, items)
            : throw CdfErrorCode.InvalidRequest.Error($"The value would have {length} characters, more than the {MaxLength} that are allowed.");
    }
}

/// <summary>A value of a template that is a list of texts once the parameters are known.</summary>
internal abstract class ListExpression
{
    /// <exception cref="CdfException">InvalidRequest: what is wrong, without the place, which <see cref="CheckedList"/> adds.</exception>
    public abstract IReadOnlyList<string> Evaluate(Resolution resolution);

    /// <summary>Whether it depends on one of these parameters.</summary>
    public abstract bool Uses(IReadOnlyList<string> parameters);
}

/// <summary>One device on its way through the template: its parameters, and the resource names found so far.</summary>
internal sealed class Resolution(IReadOnlyDictionary<string, string> parameters, int resourceCount)
{
    /// <summary>For what is the same for every device.</summary>
    public static Resolution Constant { get; } = new(new Dictionary<string, string>(), 0);

    public IReadOnlyDictionary<string, string> Parameters => parameters;

    /// <summary>By the resource's place among the named ones; null until first asked for.</summary>
    public string?[] ResourceNames { get; } = resourceCount == 0 ? [] : new string?[resourceCount];
}

/// <summary>A property's value and the resource it belongs to, for errors that only a device's parameters bring to light.</summary>
internal sealed record ResourcePlace(string LogicalId, TemplatePlace Place)
{
    public CdfException Error(CdfException cause) =>
        new(cause.ErrorType, $"{cause.Message} (resource '{LogicalId}' at line {Place.Line}, column {Place.Column} of the template)", cause);
}

/// <summary>Text that is the same for every device.</summary>
internal sealed class LiteralText(string text) : TextExpression
{
    public string Text => text;

    public override string Evaluate(Resolution resolution) => text;

    public override bool Uses(IReadOnlyList<string> parameters) => false;
}

/// <summary>A list that is the same for every device.</summary>
internal sealed class LiteralList(IReadOnlyList<string> values) : ListExpression
{
    public IReadOnlyList<string> Values => values;

    public override IReadOnlyList<string> Evaluate(Resolution resolution) => values;

    public override bool Uses(IReadOnlyList<string> parameters) => false;
}

/// <summary><c>{"Ref": "parameter"}</c></summary>
internal sealed class ParameterText(TemplateParameter parameter) : TextExpression
{
    /// <summary>AWS IoT API Reference, RegisterThing: parameters, value.</summary>
    public const int MaxValueLength = 4_096;

    public override string Evaluate(Resolution resolution)
    {
        if (!resolution.Parameters.TryGetValue(parameter.Name, out var value) || value is null)
        {
            return parameter.Default
                ?? throw CdfErrorCode.InvalidRequest.Error($"Parameter '{parameter.Name}' has no value and no default: give it a value.");
        }

        return value.Length <= MaxValueLength
            ? value
            : throw CdfErrorCode.InvalidRequest.Error(
                $"Parameter '{parameter.Name}' has {value.Length} characters, more than the {MaxValueLength} that AWS IoT takes.");
    }

    public override bool Uses(IReadOnlyList<string> parameters) => parameters.Contains(parameter.Name);
}

/// <summary>The name of a thing or policy, worked out once however many <c>{"Ref": "resource"}</c> ask for it.</summary>
internal sealed class ResourceNameText(int index, TextExpression name) : TextExpression
{
    public override string Evaluate(Resolution resolution) => resolution.ResourceNames[index] ??= name.Evaluate(resolution);

    public override bool Uses(IReadOnlyList<string> parameters) => name.Uses(parameters);
}

/// <summary>The name of a policy that has only a document.</summary>
internal sealed class PolicyNameText(TextExpression document) : TextExpression
{
    public override string Evaluate(Resolution resolution) => Of(document.Evaluate(resolution));

    /// <summary>AWS documents "a hash of the document"; the name in its sample has the length and case of this one.</summary>
    public static string Of(string document)
    {
#pragma warning disable CA5350 // The hash names a policy as AWS does; nothing is protected by it.
        return Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(document)));
#pragma warning restore CA5350
    }

    public override bool Uses(IReadOnlyList<string> parameters) => document.Uses(parameters);
}

/// <summary>Text as a JSON string, for a policy document that the template gives as an object.</summary>
internal sealed class JsonStringText(TextExpression text) : TextExpression
{
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    public override string Evaluate(Resolution resolution) => Quote(text.Evaluate(resolution));

    public override bool Uses(IReadOnlyList<string> parameters) => text.Uses(parameters);
}

/// <summary><c>{"Fn::Join": ["separator", [text, ...]]}</c></summary>
internal sealed class JoinText(string separator, ListExpression items) : TextExpression
{
    public override string Evaluate(Resolution resolution) => Join(separator, items.Evaluate(resolution));

    public override bool Uses(IReadOnlyList<string> parameters) => items.Uses(parameters);
}

/// <summary><c>{"Fn::Select": [index, [text, ...]]}</c>, the first index being 0.</summary>
internal sealed class SelectText(TextExpression index, ListExpression items) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        var wanted = index.Evaluate(resolution);
        var values = items.Evaluate(resolution);
        return int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < values.Count
            ? values[i]
            : throw CdfErrorCode.InvalidRequest.Error($"Fn::Select cannot take item '{IotNames.Shown(wanted)}' of a list of {values.Count}: the first is 0.");
    }

    public override bool Uses(IReadOnlyList<string> parameters) => index.Uses(parameters) || items.Uses(parameters);
}

/// <summary><c>{"Fn::Split": ["separator", text]}</c></summary>
internal sealed class SplitList(string separator, TextExpression text) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution) => text.Evaluate(resolution).Split(separator);

    public override bool Uses(IReadOnlyList<string> parameters) => text.Uses(parameters);
}

/// <summary><c>{"Fn::FindInMap": ["map", top, second]}</c></summary>
internal sealed class FindInMapText(TemplateMapping mapping, TextExpression top, TextExpression second) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        var topKey = top.Evaluate(resolution);
        if (!mapping.Values.TryGetValue(topKey, out var values))
            throw CdfErrorCode.InvalidRequest.Error($"Mapping '{mapping.Name}' has no key '{IotNames.Shown(topKey)}'.");
        var secondKey = second.Evaluate(resolution);
        return values.TryGetValue(secondKey, out var value)
            ? value
            : throw CdfErrorCode.InvalidRequest.Error($"Mapping '{mapping.Name}' has no key '{IotNames.Shown(secondKey)}' under '{IotNames.Shown(topKey)}'.");
    }

    public override bool Uses(IReadOnlyList<string> parameters) => top.Uses(parameters) || second.Uses(parameters);
}

/// <summary>A JSON array.</summary>
internal sealed class ItemList(IReadOnlyList<TextExpression> items) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution)
    {
        var values = new string[items.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = items[i].Evaluate(resolution);
        return values;
    }

    public override bool Uses(IReadOnlyList<string> parameters) => items.Any(item => item.Uses(parameters));
}

/// <summary>A property's value, checked once the parameters are known; its errors say where in the template it stands.</summary>
internal sealed class CheckedText(TextExpression text, Action<string> check, ResourcePlace place) : TextExpression
{
    public override string Evaluate(Resolution resolution)
    {
        try
        {
            var value = text.Evaluate(resolution);
            check(value);
            return value;
        }
        catch (CdfException e)
        {
            throw place.Error(e);
        }
    }

    public override bool Uses(IReadOnlyList<string> parameters) => text.Uses(parameters);
}

/// <summary>What <see cref="CheckedText"/> is, for a property that is a list.</summary>
internal sealed class CheckedList(ListExpression list, Action<string> check, ResourcePlace place) : ListExpression
{
    public override IReadOnlyList<string> Evaluate(Resolution resolution)
    {
        try
        {
            var values = list.Evaluate(resolution);
            for (var i = 0; i < values.Count; i++)
                check(values[i]);
            return values;
        }
        catch (CdfException e)
        {
            throw place.Error(e);
        }
    }

    public override bool Uses(IReadOnlyList<string> parameters) => list.Uses(parameters);
}
