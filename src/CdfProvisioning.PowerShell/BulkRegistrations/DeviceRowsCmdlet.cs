using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands over rows of devices, from files or from the pipeline.</summary>
public abstract class DeviceRowsCmdlet : BulkRegistrationCmdlet
{
    private protected const string ByPath = "Path";
    private protected const string ByLiteralPath = "LiteralPath";
    private protected const string ByInput = "InputObject";

    private long _piped;

    /// <summary>The files that have the lists: .csv, .tsv, .json (an array) or .jsonl; patterns match. Files of Get-ChildItem may be piped.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>As Path, of names that are taken as they are, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>A device: a hashtable, or an object with a property for each of its values. A file of Get-ChildItem is a list.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByInput, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>What stands between the cells of a CSV file; found out if not given.</summary>
    [Parameter]
    [ValidateNotNull]
    public char? Delimiter { get; set; }

    /// <summary>How files are encoded, as in Import-Csv: a name such as windows-1252, ansi, oem, unicode, or a number. Unicode in all its forms is found out.</summary>
    [Parameter]
    [Encoding]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    [ValidateNotNull]
    public Encoding? Encoding { get; set; }

    /// <summary>A reader of files with these separators and this encoding.</summary>
    /// <exception cref="CdfException">InvalidRequest: the delimiter cannot be one.</exception>
    private protected DeviceListReader CreateReader(bool emptyAsText = false) =>
        Delimiter is { } delimiter && (!char.IsAscii(delimiter) || char.IsLetterOrDigit(delimiter) || delimiter is '"' or '\r' or '\n')
            ? throw CdfErrorCode.InvalidRequest.Error($"'{delimiter}' cannot stand between cells: -Delimiter is a character such as , ; | or a tab.")
            : new(new() { Delimiter = Delimiter, Encoding = Encoding, EmptyAsText = emptyAsText });

    /// <summary>The rows of the files, or of the object that is piped in, as far as columns are used; each can be bad by itself.</summary>
    /// <param name="isUsed">Whether something uses a column.</param>
    /// <param name="ofText">The row that a text is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private protected async IAsyncEnumerable<(string Place, Func<GivenParameters> Read)> RowsAsync(
        Func<string, bool> isUsed, Func<string, GivenParameters>? ofText, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ParameterSetName == ByInput && InputObject?.BaseObject is not FileInfo)
        {
            var input = InputObject;
            yield return ($"device {++_piped}", () => input?.BaseObject is string text && ofText is not null ? ofText(text) : DeviceInput.Of(input).Read(isUsed, emptyAsText: false));
            yield break;
        }

        foreach (var path in InputObject?.BaseObject is FileInfo file ? [file.FullName] : ResolveFiles(Path, LiteralPath))
        {
            long number = 0;
            await foreach (var row in CreateReader().ReadFileAsync(path, cancellationToken))
                yield return ($"row {++number} of '{path}'", () => (GivenParameters)row);
        }
    }

    /// <summary>The value of a column, whose name has no case here; null for none.</summary>
    private protected static string? Find(IReadOnlyDictionary<string, string> row, string name) =>
        row.GetValueOrDefault(name) ?? row.FirstOrDefault(column => column.Key.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
