using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>
/// Gives the columns of a list from PowerShell the names that the template knows, without regard to case and to spaces around
/// them, and says once a list what nothing uses.
/// </summary>
/// <param name="templates">The template of each row.</param>
/// <param name="common">The CDF parameters of all rows.</param>
/// <param name="map">The names to use in the place of the list's own.</param>
/// <param name="others">Columns that are used otherwise.</param>
internal sealed class ListColumns(
    RowTemplates templates, CdfProvisioningParameters? common, IReadOnlyDictionary<string, string>? map = null, params IReadOnlyList<string> others)
{
    /// <summary>More would bury what matters: a list whose rows have members of their own.</summary>
    private const int MaxWarnings = 20;

    /// <summary>What a list of results has beside the devices' parameters (Get-CdfBulkRegistrationResult -Failed | Export-Csv): no one asks what they are for.</summary>
    private static readonly HashSet<string> OfResults = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(BulkRegistrationResult.TaskId), nameof(BulkRegistrationResult.Row), nameof(BulkRegistrationResult.ThingName), nameof(BulkRegistrationResult.Succeeded),
        nameof(BulkRegistrationResult.CertificateId), nameof(BulkRegistrationResult.CertificatePem), nameof(BulkRegistrationResult.ErrorCode), nameof(BulkRegistrationResult.Error),
    };

    private readonly Dictionary<string, string> _map = new(map ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<ProvisioningTemplate, ParameterNames> _names = [];
    private readonly HashSet<string> _unused = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _mapped = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<string> _warnings = new();
    private long _row;

    /// <summary>What a name is called in messages; errors name the row where it is a column.</summary>
    public string What { get; init; } = "column";

    private string Place => What == "column" ? $"Row {_row}: " : "";

    /// <summary>Whether something uses a column; yes, where that depends on the row.</summary>
    public bool Uses(string column) => templates.Common is not { } template || NamesOf(template).Find(Mapped(column)) is not null;

    /// <summary>The row with the names that the template knows; what nothing uses keeps its own.</summary>
    /// <param name="row">The row, as the list has it.</param>
    /// <param name="isFromList">Whether its names are the list's, and not those of an object's type.</param>
    /// <exception cref="CdfException">InvalidRequest, naming row and column: two columns are one parameter; a value is used and is no text.</exception>
    public async ValueTask<GivenParameters> NameAsync(GivenParameters row, bool isFromList = true)
    {
        _row++;
        var names = await NamesOfAsync(row);
        var named = new GivenParameters(row.Count);
        foreach (var (column, text) in row)
            named[Name(column)] = text;
        foreach (var column in row.WithoutValue)
            named.AddWithoutValue(Name(column));
        foreach (var (column, kind) in row.Unusable)
        {
            if (names?.Find(Mapped(column)) is { } used)
                throw CdfErrorCode.InvalidRequest.Error($"{Place}{DeviceParameters.NotText(column == used ? column : $"{column} ({used})", kind).Message}");
            named.AddUnusable(Name(column), kind);
        }

        return named;

        string Name(string column)
        {
            var mapped = Mapped(column);
            var name = names is not null ? names.Find(mapped)
                : mapped.Equals(RowTemplates.GroupPathColumn, StringComparison.OrdinalIgnoreCase) ? RowTemplates.GroupPathColumn : mapped;
            if (name is null)
            {
                if (isFromList)
                    NoteUnused(column, names!, row);
                return named.Has(column.Trim()) ? column : column.Trim();
            }

            return !named.Has(name) ? name : throw CdfErrorCode.InvalidRequest.Error($"{Place}'{column}' and another {What} are both '{name}': a name has no case here. Leave one of them out, or rename it.");
        }
    }

    /// <summary>What there is to say of the rows so far, and has not been said.</summary>
    public IEnumerable<string> TakeWarnings()
    {
        while (_warnings.TryDequeue(out var warning))
            yield return warning;
    }

    /// <summary>The columns that the map names, and that no row had.</summary>
    public IEnumerable<string> MappedInVain() => _map.Keys.Where(column => !_mapped.Contains(column));

    private string Mapped(string column)
    {
        column = column.Trim();
        if (!_map.TryGetValue(column, out var name))
            return column;
        _mapped.Add(column);
        return name;
    }

    private void NoteUnused(string column, ParameterNames names, GivenParameters row)
    {
        if (!_unused.Add(column) || _unused.Count > MaxWarnings + 1 || (OfResults.Contains(column) && row.Has(nameof(BulkRegistrationResult.TaskId))))
            return;
        _warnings.Enqueue(_unused.Count > MaxWarnings ? $"Nothing uses further {What}s either, too many to name them." : names.Unused(column.Trim(), What));
    }

    /// <returns>Null where the row does not say which template applies: that is the row's failure, later.</returns>
    private async ValueTask<ParameterNames?> NamesOfAsync(GivenParameters row)
    {
        if (templates.Common is { } common)
            return NamesOf(common);
        var place = row.FirstOrDefault(cell => Mapped(cell.Key).Equals(RowTemplates.GroupPathColumn, StringComparison.OrdinalIgnoreCase));
        if (place.Key is null)
            return null;
        try
        {
            return NamesOf(await templates.OfAsync(new Dictionary<string, string> { [RowTemplates.GroupPathColumn] = place.Value }));
        }
        catch (CdfException)
        {
            return null;
        }
    }

    private ParameterNames NamesOf(ProvisioningTemplate template)
    {
        if (!_names.TryGetValue(template, out var names))
            _names[template] = names = new(template, common, templates.Common is null ? [.. others, RowTemplates.GroupPathColumn] : others);
        return names;
    }
}
