using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes an encoding as Import-Csv does: by its name or number, also those that PowerShell alone has.</summary>
internal sealed class EncodingAttribute : ArgumentTransformationAttribute
{
    private static readonly Dictionary<string, Func<Encoding>> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ascii"] = () => Encoding.ASCII,
        ["ansi"] = () => Of(CultureInfo.CurrentCulture.TextInfo.ANSICodePage is var page and > 0 ? page : 1252),
        ["bigendianunicode"] = () => Encoding.BigEndianUnicode,
        ["bigendianutf32"] = () => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        ["latin1"] = () => Encoding.Latin1,
        ["oem"] = () => Of(CultureInfo.CurrentCulture.TextInfo.OEMCodePage is var page and > 0 ? page : 437),
        ["unicode"] = () => Encoding.Unicode,
        ["utf8"] = () => Encoding.UTF8,
        ["utf8BOM"] = () => Encoding.UTF8,
        ["utf8NoBOM"] = () => Encoding.UTF8,
        ["utf32"] = () => Encoding.UTF32,
        ["windows-1252"] = () => Of(1252),
    };

    public static IEnumerable<string> Known => Names.Keys;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var given = inputData is PSObject wrapper ? wrapper.BaseObject : inputData;
        try
        {
            return given switch
            {
                string name when Names.TryGetValue(name, out var known) => known(),
                string name when int.TryParse(name, CultureInfo.InvariantCulture, out var page) => Of(page),
                string name => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name),
                int page => Of(page),
                _ => inputData,
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentTransformationMetadataException($"There is no encoding '{given}': name one such as {string.Join(", ", Names.Keys)}, or a code page by its number.", e);
        }
    }

    private static Encoding Of(int page) => CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page);
}

internal sealed class EncodingCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        EncodingAttribute.Known.Where(name => name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)).Select(name => new CompletionResult(name));
}
