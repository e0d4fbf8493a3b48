using System.Buffers;
using System.Text.RegularExpressions;

namespace CdfProvisioning.Iot.Model;

/// <summary>
/// A pattern that is one set of characters, repeated, as most of AWS's are: tested without a regular expression. The model is
/// written in Java's dialect, in which <c>\w</c> and <c>\p{Graph}</c> are of ASCII (java.util.regex.Pattern).
/// </summary>
internal sealed class CharacterSet
{
    private const string Word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    private readonly SearchValues<char> _characters;
    private readonly bool _mayBeEmpty;

    private CharacterSet(string characters, bool mayBeEmpty)
    {
        _characters = SearchValues.Create(characters);
        _mayBeEmpty = mayBeEmpty;
    }

    /// <returns>Null if the pattern is more than that.</returns>
    public static CharacterSet? Of(string pattern) =>
        pattern is ['[', not '^', .., ']', '+' or '*'] && Characters(pattern[1..^2]) is { } characters ? new(characters, pattern[^1] == '*') : null;

    public static Regex ToRegex(string pattern) => new(
        $@"\A(?:{pattern.Replace(@"\p{Graph}", @"\x21-\x7e", StringComparison.Ordinal).Replace(@"\w", "a-zA-Z0-9_", StringComparison.Ordinal)})\z",
        RegexOptions.CultureInvariant);

    public bool Matches(string text) => text.Length == 0 ? _mayBeEmpty : !text.AsSpan().ContainsAnyExcept(_characters);

    public int MinLength(int? min) => min ?? (_mayBeEmpty ? 0 : 1);

    private static string? Characters(string set)
    {
        var found = new HashSet<char>();
        var i = 0;
        while (i < set.Length)
        {
            if (set.AsSpan(i).StartsWith(@"\w"))
            {
                found.UnionWith(Word);
                i += 2;
                continue;
            }

            if (set.AsSpan(i).StartsWith(@"\p{Graph}"))
            {
                Add('!', '~');
                i += 9;
                continue;
            }

            if (Next() is not { } first)
                return null;
            var last = first;
            if (i + 1 < set.Length && set[i] == '-')
            {
                i++;
                if (Next() is not { } end)
                    return null;
                last = end;
            }

            Add(first, last);
        }

        return string.Concat(found);

        void Add(char first, char last)
        {
            for (var c = first; c <= last; c++)
                found.Add(c);
        }

        // One character, escaped or not; null for what is a class of its own, or ends the set.
        char? Next()
        {
            var c = set[i++];
            if (c is '[' or ']')
                return null;
            if (c != '\\')
                return c;
            if (i == set.Length)
                return null;
            c = set[i++];
            if (c == 'x' && i + 2 <= set.Length)
            {
                i += 2;
                return (char)Convert.ToInt32(set[(i - 2)..i], 16);
            }

            return char.IsAsciiLetterOrDigit(c) ? null : c;
        }
    }
}
