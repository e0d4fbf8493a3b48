using System.Text;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>
/// The URI of a key: a scheme, attributes with semicolons between, and after a question mark more with ampersands between, as
/// RFC 7512 has it. It is kept with the CA, and so may have no PIN.
/// </summary>
internal sealed class KeyUri
{
    /// <summary>The environment variable of a token's PIN.</summary>
    public const string PinVariable = "CDF_PKCS11_PIN";

    /// <summary>RFC 7512, sections 2.3 and 2.4, without <c>pin-value</c>.</summary>
    private static readonly Dictionary<string, (string[] Path, string[] Query)> Known = new()
    {
        ["pkcs11"] = (
            [
                "token", "manufacturer", "serial", "model", "object", "id", "type", "slot-id", "slot-description", "slot-manufacturer",
                "library-description", "library-manufacturer", "library-version",
            ],
            ["module-path", "module-name", "pin-source"]),
        ["awskms"] = (["key-id", "region"], []),
    };

    private readonly Dictionary<string, byte[]> _attributes = [];

    private KeyUri(string text, string scheme) => (Text, Scheme) = (text, scheme);

    public string Text { get; }

    public string Scheme { get; }

    public string? this[string attribute] => Bytes(attribute) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public byte[]? Bytes(string attribute) => _attributes.GetValueOrDefault(attribute);

    /// <summary>Whether a text begins as the URI of a key does.</summary>
    public static bool HasKnownScheme(string text) => text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && Known.ContainsKey(text[..colon].ToLowerInvariant());

    /// <exception cref="CdfException">InvalidRequest: it is malformed, and where.</exception>
    public static KeyUri Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw Error(text, 0, "it has no scheme, such as 'pkcs11:' or 'awskms:'");
        var uri = new KeyUri(text, text[..colon].ToLowerInvariant());
        if (!Known.TryGetValue(uri.Scheme, out var known))
            throw Error(text, 0, $"'{IotNames.Shown(uri.Scheme)}' is no place of keys: use 'pkcs11:' or 'awskms:'");
        var question = text.IndexOf('?', StringComparison.Ordinal);
        uri.Read(colon + 1, question < 0 ? text.Length : question, ';', known.Path, known.Query);
        if (question >= 0)
            uri.Read(question + 1, text.Length, '&', known.Query, known.Path);
        return uri;
    }

    private void Read(int start, int end, char separator, string[] known, string[] elsewhere)
    {
        while (start < end)
        {
            var next = Text.IndexOf(separator, start, end - start);
            var stop = next < 0 ? end : next;
            var equals = Text.IndexOf('=', start, stop - start);
            if (equals < 0)
                throw Error(Text, start, stop == start ? "there is nothing where an attribute belongs" : "there is no '=' after the name of the attribute");
            var name = Text[start..equals];
            if (name is "pin-value")
                throw CdfErrorCode.InvalidRequest.Error(
                    $"The key URI has a PIN (pin-value at position {start + 1}), and would be kept with the CA: give the PIN as a SecureString (-Pin), in the environment variable {PinVariable}, or the file that has it (?pin-source=file:/etc/pin).");
            if (!known.Contains(name))
                throw Error(Text, start, elsewhere.Contains(name)
                    ? $"'{name}' belongs {(separator == ';' ? "after" : "before")} the '?'"
                    : $"there is no attribute '{IotNames.Shown(name)}': use {string.Join(", ", known)}");
            if (!_attributes.TryAdd(name, Decode(equals + 1, stop)))
                throw Error(Text, start, $"'{name}' is there twice");
            start = stop + 1;
        }
    }

    private byte[] Decode(int start, int end)
    {
        var bytes = new List<byte>(end - start);
        for (var i = start; i < end; i++)
        {
            if (Text[i] != '%')
            {
                if (Text[i] is <= ' ' or '\x7f')
                    throw Error(Text, i, "a space or control character is written in hexadecimal, such as %20");
                var length = char.IsHighSurrogate(Text[i]) && i + 1 < end ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(Text.Substring(i, length)));
                i += length - 1;
                continue;
            }
            if (i + 2 >= end || !char.IsAsciiHexDigit(Text[i + 1]) || !char.IsAsciiHexDigit(Text[i + 2]))
                throw Error(Text, i, "two hexadecimal digits follow a '%'");
            bytes.Add(Convert.FromHexString(Text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }
        return [.. bytes];
    }

    /// <summary>The text is not shown: what is malformed may be a PIN.</summary>
    private static CdfException Error(string text, int position, string problem) =>
        CdfErrorCode.InvalidRequest.Error($"The key URI is malformed at position {position + 1} of {text.Length}: {problem}.");
}
