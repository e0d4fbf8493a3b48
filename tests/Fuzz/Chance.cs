using System.Globalization;
using System.Text;
using System.Text.Json;
using Xunit;

namespace CdfProvisioning.Fuzz;

/// <summary>
/// Where made-up input comes from. The environment variable CDF_FUZZ_SEED repeats a run whose seed was printed, and
/// CDF_FUZZ_COUNT says how many inputs a grammar makes (300 if not given; hundreds of thousands by hand).
/// </summary>
internal sealed class Chance
{
    private static readonly string[] Nasty =
    [
        "", " ", "\0", "\u0001", "\u001f", "\u007f", "\ud800", "\udc00", "a\ud83d", "😀", "é", "\ufffe", "\uffff", "\u202e", "../..", "..\\..", "/", "//", "%00", "%2e%2e%2f", "%",
        "-1", "0", "1", "2147483648", "9223372036854775808", "1e400", "NaN", "null", "true", "{}", "[]", "{\"Ref\":\"a\"}", "${a}", "${", "Fn::Sub", "AWS::IoT::Thing", "AWS::IoT::Certificate",
        "arn:aws:iot:us-east-1:123456789012:thing/a", "arn:::::", "*", "<a>", "]]>", "&#0;", "\r\n", "\n", "\t", ",", ";", "\"", "'", "=", "a=b&c=d",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----", "-----BEGIN", "thing-1", "sensors", "plain",
    ];

    private readonly Random _random;

    public Chance(string grammar)
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable("CDF_FUZZ_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();
        _random = new(Seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{grammar}: CDF_FUZZ_SEED={Seed}");
    }

    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("CDF_FUZZ_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 300;

    public int Seed { get; }

    public int Next(int below) => _random.Next(below);

    public bool Is(double probability) => _random.NextDouble() < probability;

    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public T Of<T>(params ReadOnlySpan<T> items) => items[_random.Next(items.Length)];

    /// <summary>A text, most often one that something might stumble over.</summary>
    public string Text() => Next(10) switch
    {
        < 6 => Of(Nasty),
        < 8 => Of(Nasty) + Of(Nasty),
        8 => new string(Of('a', '\u00e9', ' ', '(', '{'), Next(3000)),
        _ => string.Concat(Enumerable.Range(0, Next(20)).Select(_ => (char)Next(0x10000))),
    };

    /// <summary>A name, perhaps a bad one.</summary>
    public string Name(params ReadOnlySpan<string> known) => Is(0.7) && known.Length > 0 ? Of(known) : Text();

    /// <summary>JSON, or nearly: half a surrogate pair is written as JSON can write it.</summary>
    public string Json(IReadOnlyList<string> members, int depth = 4) => Next(depth > 0 ? 12 : 7) switch
    {
        0 => "null",
        1 => Of("true", "false"),
        2 => Of("0", "-1", "1.5", "1e999", "12345678901234567890", "-0", "01", "250"),
        3 => "[]",
        4 => "{}",
        < 7 => Quoted(Text()),
        < 9 => $"[{string.Join(',', Enumerable.Range(0, Next(5)).Select(_ => Json(members, depth - 1)))}]",
        _ => Object(members, depth - 1),
    };

    public string Object(IReadOnlyList<string> members, int depth = 3) =>
        $"{{{string.Join(',', Enumerable.Range(0, Next(6)).Select(_ => $"{Quoted(members.Count > 0 && Is(0.85) ? Of(members) : Text())}:{Json(members, depth)}"))}}}";

    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(c is < ' ' or '"' or '\\' || char.IsSurrogate(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString());
        return quoted.Append('"').ToString();
    }

    /// <summary>A good text, made a little worse.</summary>
    public string Spoiled(string good)
    {
        var text = new StringBuilder(good);
        for (var changes = 1 + Next(3); changes > 0 && text.Length > 0; changes--)
        {
            var at = Next(text.Length);
            switch (Next(6))
            {
                case 0:
                    text.Remove(at, Math.Min(1 + Next(10), text.Length - at));
                    break;
                case 1:
                    text[at] = (char)Next(128);
                    break;
                case 2:
                    text.Insert(at, Text());
                    break;
                case 3:
                    text.Insert(at, text.ToString(at, Math.Min(Next(50), text.Length - at)));
                    break;
                case 4:
                    text.Insert(at, Of("{", "}", "[", "]", "\"", ",", ":", "null", "\\ud800", "\\u0000"));
                    break;
                default:
                    text.Length = at;
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>The bytes of a text, now and then not UTF-8 any more.</summary>
    public byte[] Bytes(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && Is(0.1))
            bytes[Next(bytes.Length)] = (byte)Next(256);
        return bytes;
    }

    public static string Shown(string input) => JsonSerializer.Serialize(input.Length > 2000 ? input[..2000] : input);
}
