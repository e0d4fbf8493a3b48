using System.Text;

namespace CdfProvisioning.Iot.Policies;

/// <summary>
/// A text of a policy: <c>*</c> stands for any characters, <c>?</c> for any one, <c>${variable}</c> for what the context
/// has, literally (IAM User Guide, policy elements: variables; AWS IoT Developer Guide, AWS IoT Core policy variables).
/// </summary>
internal sealed class PolicyPattern
{
    /// <summary>Noncharacters in the place of the wildcards, so that those in a variable's value are none.</summary>
    private const char AnyText = '\uffff', AnyCharacter = '\ufffe';

    private readonly IReadOnlyList<Part> _parts;
    private readonly string? _constant;
    private readonly bool _ignoresCase;

    private PolicyPattern(string text, IReadOnlyList<Part> parts, bool ignoresCase)
    {
        Text = text;
        _parts = parts;
        _ignoresCase = ignoresCase;
        _constant = parts.All(p => p.Variable is null) ? string.Concat(parts.Select(p => p.Text)) : null;
    }

    /// <summary>As it is written in the policy.</summary>
    public string Text { get; }

    /// <summary>The variables that it names.</summary>
    public IEnumerable<string> Variables => _parts.Where(p => p.Variable is not null).Select(p => p.Variable!);

    /// <param name="text">As it is written in the policy.</param>
    /// <param name="hasVariables">Whether <c>${...}</c> is a variable: only in policies of version 2012-10-17.</param>
    /// <param name="hasWildcards">Whether * and ? are wildcards.</param>
    /// <param name="ignoresCase">Whether upper and lower case are the same.</param>
    public static PolicyPattern Parse(string text, bool hasVariables, bool hasWildcards = true, bool ignoresCase = false)
    {
        var parts = new List<Part>();
        var constant = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var end = hasVariables && text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{' ? text.IndexOf('}', i) : -1;
            if (end < 0)
            {
                constant.Append(hasWildcards ? text[i] switch { '*' => AnyText, '?' => AnyCharacter, var c => c } : text[i]);
                continue;
            }

            var name = text[(i + 2)..end];
            i = end;
            if (name is "*" or "?" or "$")
            {
                constant.Append(name);
                continue;
            }

            if (constant.Length > 0)
                parts.Add(new(constant.ToString(), Variable: null));
            constant.Clear();
            var comma = name.IndexOf(',', StringComparison.Ordinal);
            parts.Add(comma < 0 ? new(Text: null, name.Trim()) : new(name[(comma + 1)..].Trim().Trim('\''), name[..comma].Trim()));
        }

        if (constant.Length > 0 || parts.Count == 0)
            parts.Add(new(constant.ToString(), Variable: null));
        return new(text, parts, ignoresCase);
    }

    /// <summary>Whether a value is one that the pattern stands for. A variable without a value stands for none.</summary>
    public bool Matches(string value, IPolicyContext context, ISet<string> missing) => Resolve(context, missing) is { } pattern && IsMatch(pattern, value);

    /// <summary>With the variables' values in their places; null if one has none.</summary>
    public string? Resolve(IPolicyContext context, ISet<string> missing)
    {
        if (_constant is not null)
            return _constant;
        var resolved = new StringBuilder();
        foreach (var part in _parts)
        {
            var text = part.Variable is null ? part.Text : context.Find(part.Variable) is [var first, ..] ? first : part.Text;
            if (text is null || (part.Variable is not null && text.AsSpan().ContainsAny(AnyText, AnyCharacter)))
            {
                missing.Add(part.Variable!);
                return null;
            }

            resolved.Append(text);
        }

        return resolved.ToString();
    }

    private bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> value)
    {
        var (p, v, star, mark) = (0, 0, -1, 0);
        while (v < value.Length)
        {
            if (p < pattern.Length && pattern[p] == AnyText)
            {
                star = p++;
                mark = v;
            }
            else if (p < pattern.Length && (pattern[p] == AnyCharacter || AreSame(pattern[p], value[v])))
            {
                p++;
                v++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                v = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept(AnyText) < 0;
    }

    private bool AreSame(char one, char other) => one == other || (_ignoresCase && char.ToLowerInvariant(one) == char.ToLowerInvariant(other));

    /// <summary>Constant text, or a variable and the text that stands for it where it has no value.</summary>
    private sealed record Part(string? Text, string? Variable);
}

/// <summary>What is known of a request that a policy is to decide about.</summary>
internal interface IPolicyContext
{
    /// <summary>The values of a variable or condition key, such as <c>iot:ClientId</c>, in any case; none if it has none.</summary>
    IReadOnlyList<string> Find(string key);
}
