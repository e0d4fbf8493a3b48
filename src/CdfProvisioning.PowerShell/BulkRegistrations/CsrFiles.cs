using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Puts the CSR of each row of a list in the place of the file's name that a column has.</summary>
/// <param name="column">The column.</param>
/// <param name="folder">What file names are relative to.</param>
/// <param name="template">The template of all rows, if there is one.</param>
internal sealed class CsrFiles(string column, string folder, ProvisioningTemplate? template)
{
    /// <summary>In bytes; what is longer is no CSR.</summary>
    private const int MaxLength = 64 * 1024;

    private long _row;

    /// <exception cref="CdfException">InvalidRequest, naming the row and the file.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
    {
        _row++;
        if (!row.TryGetValue(column, out var name) || name.Length == 0)
            throw IotErrorType.InvalidRequest.Error($"Row {_row} names no CSR file in its column '{column}'.");

        var path = Path.GetFullPath(name, folder);
        try
        {
            return new FileInfo(path).Length <= MaxLength
                ? CsrInput.Add(row, await File.ReadAllTextAsync(path, cancellationToken), template)
                : throw IotErrorType.InvalidRequest.Error($"Row {_row}: the file '{path}' is too long to be a CSR.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IotErrorType.InvalidRequest.Error($"Row {_row}: the CSR file '{path}' cannot be read: {e.Message}", e);
        }
    }
}
