using System.Globalization;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>The common names of certificates that are made together: a text in which {n} stands for their number, and other names in braces for columns.</summary>
internal sealed class CommonNames
{
    private const string Number = "n";

    private readonly string _text;

    /// <exception cref="CdfException">InvalidRequest: the form of the number is none.</exception>
    public CommonNames(string text)
    {
        _text = text;
        if (Placeholders.Fill(text, _ => "").IndexOfAny(['{', '}']) >= 0)
            throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(text)}' has a brace without its other: {{n}} stands for a number, {{n:000000}} for one of six digits, and any other name in braces for a column.");
        foreach (var name in Placeholders.NamesIn(text).Where(IsNumber))
        {
            if (FormatOf(name) is not { } format)
                continue;
            var (one, two) = (Format(1, format), Format(2, format));
            if (one is null || one == two)
                throw CdfErrorCode.InvalidRequest.Error($"'{{{IotNames.Shown(name)}}}' in '{IotNames.Shown(text)}' is no number: after the colon stands how it is written, such as {{n:000000}} for six digits.");
        }
    }

    /// <summary>Whether all are the same.</summary>
    public bool AreFixed => !Placeholders.NamesIn(_text).Any();

    /// <summary>The columns that the text refers to.</summary>
    public IEnumerable<string> Columns => Placeholders.NamesIn(_text).Where(name => !IsNumber(name));

    /// <param name="number">The number.</param>
    /// <param name="valueOf">The value of a column; null if there is none.</param>
    /// <exception cref="CdfException">InvalidRequest: there is no such column.</exception>
    public string Of(long number, Func<string, string?> valueOf) => Placeholders.Fill(_text, name => IsNumber(name)
        ? Format(number, FormatOf(name))!
        : valueOf(name) ?? throw CdfErrorCode.InvalidRequest.Error($"The common name refers to '{{{IotNames.Shown(name)}}}', for which there is no value."));

    private static bool IsNumber(string name) => name == Number || name.StartsWith($"{Number}:", StringComparison.Ordinal);

    private static string? FormatOf(string name) => name.Length > Number.Length ? name[(Number.Length + 1)..] : null;

    private static string? Format(long number, string? format)
    {
        try
        {
            return number.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
