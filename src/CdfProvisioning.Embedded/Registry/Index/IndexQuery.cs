using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry.Index;

/// <summary>A query of the index: what a thing has to be.</summary>
internal abstract record IndexQuery
{
    public sealed record All(IReadOnlyList<IndexQuery> Parts) : IndexQuery;

    public sealed record Any(IReadOnlyList<IndexQuery> Parts) : IndexQuery;

    public sealed record Not(IndexQuery Part) : IndexQuery;

    /// <summary>A field (null: any) has a value, in which <c>*</c> and <c>?</c> that are not escaped stand for others.</summary>
    public sealed record Term(string? Field, string Value) : IndexQuery;

    /// <summary>A field lies between two values; null is no bound.</summary>
    public sealed record Range(string? Field, string? From, bool WithFrom, string? To, bool WithTo) : IndexQuery;
}

/// <summary>
/// Reads AWS IoT's query syntax: terms, prefixes and wildcards, ranges, AND (which is meant where nothing stands), OR, NOT and
/// <c>-</c>, groups, also of values for one field (AWS IoT Developer Guide, Query syntax and Example thing queries).
/// </summary>
internal sealed class IndexQueryParser
{
    /// <summary>AWS IoT Developer Guide, Query syntax.</summary>
    private const int MaxTerms = 12;

    /// <summary>AWS IoT Developer Guide, Query syntax: of a query with a wildcard in front.</summary>
    private const int MaxLengthWithLeadingWildcard = 100;

    /// <summary>Groups may be nested no deeper than the stack bears.</summary>
    private const int MaxDepth = 64;

    private readonly string _text;
    private int _at;
    private int _terms;
    private int _leadingWildcards;
    private int _depth;

    private IndexQueryParser(string text) => _text = text;

    /// <exception cref="CdfException">InvalidQuery.</exception>
    public static IndexQuery Parse(string text)
    {
        var parser = new IndexQueryParser(text);
        var query = parser.Alternatives(field: null);
        return parser.SkipSpace() ? throw parser.Error($"unexpected '{text[parser._at]}'") : query;
    }

    private IndexQuery Alternatives(string? field)
    {
        if (++_depth > MaxDepth)
            throw Error("it is nested too deeply");
        var parts = new List<IndexQuery> { Conjunction(field) };
        while (Keyword("OR"))
            parts.Add(Conjunction(field));
        _depth--;
        return parts is [var only] ? only : new IndexQuery.Any(parts);
    }

    private IndexQuery Conjunction(string? field)
    {
        var parts = new List<IndexQuery> { Part(field) };
        while (Keyword("AND") || (SkipSpace() && _text[_at] != ')' && !IsKeyword("OR")))
            parts.Add(Part(field));
        return parts is [var only] ? only : new IndexQuery.All(parts);
    }

    private IndexQuery Part(string? field)
    {
        if (!SkipSpace())
            throw Error("something is missing at its end");
        if (Keyword("NOT") || Take('-') || Take('!'))
        {
            if (++_depth > MaxDepth)
                throw Error("it is nested too deeply");
            var part = new IndexQuery.Not(Part(field));
            _depth--;
            return part;
        }

        Take('+');
        if (IsKeyword("AND") || IsKeyword("OR"))
            throw Error("an operator has nothing in front of it");
        if (Take('('))
            return Group(field);
        return field is null && FieldName() is { } name ? OfField(name) : Value(field);
    }

    private IndexQuery Group(string? field)
    {
        var group = Alternatives(field);
        return SkipSpace() && Take(')') ? group : throw Error("a parenthesis is not closed");
    }

    private IndexQuery OfField(string field)
    {
        if (_text[_at] is '<' or '>')
        {
            var isLess = _text[_at++] == '<';
            var isEqual = Take('=');
            Count();
            SkipSpace();
            var bound = Word();
            return isLess ? new IndexQuery.Range(field, null, false, bound, isEqual) : new IndexQuery.Range(field, bound, isEqual, null, false);
        }

        _at++;
        SkipSpace();
        return Take('(') ? Group(field) : Value(field);
    }

    private IndexQuery Value(string? field)
    {
        Count();
        if (_at < _text.Length && _text[_at] is '[' or '{')
            return Range(field);
        var value = Word();
        if (value[0] is '*' or '?' && value != "*" && (++_leadingWildcards > 1 || _text.Length > MaxLengthWithLeadingWildcard))
            throw Error($"a wildcard in front may be in one term of a query of at most {MaxLengthWithLeadingWildcard} characters");
        return new IndexQuery.Term(field, value);
    }

    private IndexQuery.Range Range(string? field)
    {
        var withFrom = _text[_at++] == '[';
        SkipSpace();
        var from = Word();
        if (!Keyword("TO"))
            throw Error("a range has no TO");
        SkipSpace();
        var to = Word();
        if (!SkipSpace() || _text[_at] is not (']' or '}'))
            throw Error("a range is not closed");
        return new(field, from == "*" ? null : from, withFrom, to == "*" ? null : to, _text[_at++] == ']');
    }

    /// <summary>The field whose name stands here, with the text at what follows it; null if it is a value that stands here.</summary>
    private string? FieldName()
    {
        var end = _at;
        while (end < _text.Length && !char.IsWhiteSpace(_text[end]) && _text[end] is not ('(' or ')' or '[' or ']' or '{' or '}' or '"' or ':' or '<' or '>'))
            end += _text[end] == '\\' ? 2 : 1;
        var after = end; // AWS's page has no space here; who writes one, as in the queries of other products, means a comparison all the same
        while (after < _text.Length && char.IsWhiteSpace(_text[after]))
            after++;
        if (after >= _text.Length || end == _at || _text[after] is not (':' or '<' or '>'))
            return null;
        var name = Unescape(_text[_at..end]);
        _at = after;
        return name;
    }

    /// <summary>A value: its escaped characters stay escaped where they would mean something else.</summary>
    private string Word()
    {
        if (Take('"'))
        {
            var quoted = new System.Text.StringBuilder();
            while (_at < _text.Length && _text[_at] != '"')
            {
                if (_text[_at] == '\\' && _at + 1 < _text.Length)
                    _at++;
                if (_text[_at] is '*' or '?' or '\\')
                    quoted.Append('\\');
                quoted.Append(_text[_at++]);
            }

            return !Take('"') ? throw Error("a quotation mark is not closed") : quoted.Length == 0 ? throw Error("a value is empty") : quoted.ToString();
        }

        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && _text[_at] is not ('(' or ')' or '[' or ']' or '{' or '}' or '"'))
            _at += _text[_at] == '\\' && _at + 1 < _text.Length ? 2 : 1;
        return _at == start ? throw Error("a value is missing") : _text[start.._at];
    }

    private void Count()
    {
        if (++_terms > MaxTerms)
            throw Error($"it has more than {MaxTerms} terms");
    }

    private bool Keyword(string word)
    {
        SkipSpace();
        if (!IsKeyword(word))
            return false;
        _at += word.Length;
        return true;
    }

    private bool IsKeyword(string word) =>
        _text.AsSpan(_at).StartsWith(word) && (_at + word.Length == _text.Length || char.IsWhiteSpace(_text[_at + word.Length]) || _text[_at + word.Length] == '(');

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    /// <returns>False at the end.</returns>
    private bool SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length;
    }

    /// <summary>What is meant, without the backslashes.</summary>
    public static string Unescape(string value)
    {
        if (!value.Contains('\\'))
            return value;
        var plain = new System.Text.StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
            plain.Append(value[i] == '\\' && i + 1 < value.Length ? value[++i] : value[i]);
        return plain.ToString();
    }

    private CdfException Error(string problem) => IotErrorType.InvalidQuery.Error($"Unable to parse query, {problem}, query string: {IotNames.Shown(_text)}");
}
