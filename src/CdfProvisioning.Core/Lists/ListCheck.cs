using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>Finds what is wrong with a list as a whole while it is received, before its first device is registered.</summary>
internal sealed class ListCheck(NewTask task, RowTemplates templates)
{
    private bool _isFirstPiece = true;
    private long _rows;
    private CommonCheck? _commonCheck;

    /// <summary>Whether a row that lacks a place for its key is only that row's failure: not every row of a desired state has its key made.</summary>
    private bool HasPlacesForKeys => task.KeepsKeys || task.IsDesiredState;

    /// <summary>Has a list refused that would fail in every row.</summary>
    public void RefuseBy(CommonCheck check) => _commonCheck = check;

    /// <summary>What is known before the first row.</summary>
    /// <exception cref="CdfException">InvalidRequest: keys will be made for the devices, and no folder for them is named.</exception>
    public void CheckKeyDirectory()
    {
        if (templates.Common?.Cdf is { CreateDeviceCertificate: true } or { CreateDeviceAwsCertificate: true } && !HasPlacesForKeys)
            throw NoKeyDirectory(task.TemplateId, "");
    }

    /// <summary>Every row of a table has the same columns; in JSON the first rows stand for all.</summary>
    /// <exception cref="CdfException">InvalidRequest: a column is missing or unknown, or keys will be made and no folder for them is named.</exception>
    public async ValueTask CheckAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows)
    {
        IReadOnlyList<IReadOnlyDictionary<string, string>> piece = rows.Any(row => GivenParameters.ProblemOf(row) is not null)
            ? [.. rows.Where(row => GivenParameters.ProblemOf(row) is null)]
            : rows;
        if (piece.Count == 0)
            return;
        if (_isFirstPiece)
            CheckColumns(piece);
        await CheckValuesAsync(piece);
        if (_isFirstPiece && _commonCheck is not null && templates.Common is { } template)
            await _commonCheck.CheckAsync(template, task.CdfParameters, [piece[0], piece[^1]], CancellationToken.None);
        if (templates.Common is null && !HasPlacesForKeys)
            await CheckPlacesAsync(piece);
        _isFirstPiece = false;
    }

    /// <summary>A value that is no text is wrong wherever something uses it, and is so before the first device is registered.</summary>
    private async ValueTask CheckValuesAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> piece)
    {
        foreach (var row in piece)
        {
            _rows++;
            if (row is not GivenParameters { Unusable.Count: > 0 })
                continue;
            try
            {
                DeviceParameters.CheckUsable(await templates.OfAsync(row), row, task.CdfParameters);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
            {
                throw CdfErrorCode.InvalidRequest.Error($"Row {_rows}: {e.Message}", e);
            }
        }
    }

    private void CheckColumns(IReadOnlyList<IReadOnlyDictionary<string, string>> piece)
    {
        foreach (var column in piece.SelectMany(GivenParameters.NamesOf).Where(DeviceParameters.IsCdf).Distinct())
        {
            if (!CdfParameterMembers.IsKnown(column[DeviceParameters.CdfPrefix.Length..]))
                throw CdfErrorCode.InvalidRequest.Error($"Column '{column}': {CdfParameterMembers.Unknown(column[DeviceParameters.CdfPrefix.Length..]).Message}");
        }

        if (templates.Common is not { } template)
        {
            CheckColumn(piece, RowTemplates.GroupPathColumn, "which says where in the hierarchy a device is; without it, name a template (provisioningTemplateId)");
            return;
        }

        foreach (var name in template.RequiredParameters)
            CheckColumn(piece, name, "which the template needs");
        if (!HasPlacesForKeys && template.Cdf.MakesKey(task.CdfParameters) && !piece.Any(row => DeviceParameters.Of(template, row, null).Cdf.Csr is not null))
            throw NoKeyDirectory(task.TemplateId, $" Or let each device bring its CSR, in the column '{DeviceParameters.CdfPrefix}csr'.");
    }

    /// <summary>What is wrong with a place alone is its rows' failure.</summary>
    private async ValueTask CheckPlacesAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> piece)
    {
        foreach (var row in piece.DistinctBy(row => row.GetValueOrDefault(RowTemplates.GroupPathColumn)))
        {
            ProvisioningTemplate template;
            try
            {
                template = await templates.OfAsync(row);
            }
            catch (CdfException)
            {
                continue;
            }

            if (template.Cdf is { CreateDeviceCertificate: true } or { CreateDeviceAwsCertificate: true })
                throw NoKeyDirectory($"for {row[RowTemplates.GroupPathColumn]}", "");
        }
    }

    private static void CheckColumn(IReadOnlyList<IReadOnlyDictionary<string, string>> piece, string name, string what)
    {
        string[] columns = [.. piece.SelectMany(GivenParameters.NamesOf).Distinct()];
        if (columns.Contains(name))
            return;
        var similar = Array.Find(columns, column => string.Equals(column.Trim(), name, StringComparison.OrdinalIgnoreCase));
        throw CdfErrorCode.InvalidRequest.Error(
            similar is not null ? $"The list has no column '{name}', {what}. It has '{similar}', which is not written the same way."
            : NearestName.Of(name, columns) is { } nearest ? $"The list has no column '{name}', {what}. Is it its column '{nearest}'?"
            : columns.Length == 0 ? $"The list has no column '{name}', {what}, nor any other that is used."
            : $"The list has no column '{name}', {what}. It has: {string.Join(", ", columns)}.{Inside(piece)}");
    }

    /// <summary>A list that is a member of what was handed in, as in the answers of many services.</summary>
    private static string Inside(IReadOnlyList<IReadOnlyDictionary<string, string>> piece) =>
        piece is [GivenParameters only] && only.Unusable.FirstOrDefault(column => column.Value == "an array") is { Key: { } member }
            ? $" If the devices are in '{member}', hand that array in alone."
            : "";

    private static CdfException NoKeyDirectory(string? template, string otherwise) => CdfErrorCode.InvalidRequest.Error(
        $"Template '{template}' makes a private key for every device: say which folder they go to (-KeyDirectory of Start-CdfBulkRegistration or Start-CdfServer), or which file (-KeyFile).{otherwise}");
}
