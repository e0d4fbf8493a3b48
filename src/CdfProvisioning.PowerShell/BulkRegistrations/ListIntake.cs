using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>A column that names a file of each device: what is in the file becomes a parameter.</summary>
/// <param name="Column">The column.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="What">What the file has: <c>a CSR</c>.</param>
/// <param name="Pem">Makes PEM of the file's content.</param>
internal sealed record FileColumn(string Column, string Parameter, string What, Func<byte[], string, string> Pem)
{
    public static FileColumn OfCsr(string column, ProvisioningTemplate? template) =>
        new(column, DeviceFiles.CsrParameter(template), "a CSR", (content, name) => DeviceFiles.CsrPem(content, name));

    public static FileColumn OfCertificate(string column, ProvisioningTemplate? template) =>
        new(column, DeviceFiles.CertificateParameter(template), "a certificate", (content, name) => DeviceFiles.CertificatePem(content, name));
}

/// <summary>One list on its way into a task, or into a check that changes nothing.</summary>
/// <param name="service">Where it goes.</param>
/// <param name="columns">Its columns.</param>
/// <param name="files">The columns that name files.</param>
/// <param name="folder">What file names are relative to.</param>
internal sealed class ListIntake(BulkRegistrationService service, ListColumns columns, IReadOnlyList<FileColumn> files, string folder) : IAsyncDisposable
{
    private BulkRegistrationDraft? _draft;
    private DryRun? _dryRun;
    private Func<IReadOnlyDictionary<string, string>, CdfException?, CancellationToken, ValueTask>? _look;
    private long _row;

    /// <summary>How many rows had nothing in any column.</summary>
    public long BlankRows { get; set; }

    public ListColumns Columns => columns;

    /// <summary>What there is to say of the list's key folder.</summary>
    public string? Warning => _draft?.Warning;

    /// <exception cref="CdfException">As from <see cref="BulkRegistrationService"/>.</exception>
    public async ValueTask BeginAsync(BulkRegistrationRequest request, bool isDryRun, CancellationToken cancellationToken)
    {
        if (isDryRun)
            Begin((_dryRun = await service.CreateDryRunAsync(request, cancellationToken)).AddAsync);
        else
            _draft = await service.CreateAsync(request, cancellationToken);
    }

    /// <summary>Hands the rows to who looks at them one by one: what is wrong with a row is then told of that row, and not the end of the list.</summary>
    public void Begin(Func<IReadOnlyDictionary<string, string>, CdfException?, CancellationToken, ValueTask> look) => _look = look;

    /// <summary>Adds a row.</summary>
    /// <exception cref="CdfException">Something is wrong with the list as a whole.</exception>
    public async ValueTask AddAsync(GivenParameters given, bool isFromList, CancellationToken cancellationToken)
    {
        _row++;
        IReadOnlyDictionary<string, string> row = await columns.NameAsync(given, isFromList);
        try
        {
            foreach (var file in files)
                row = await WithFileAsync(row, file, cancellationToken);
        }
        catch (CdfException e) when (_look is not null)
        {
            await _look(row, e, cancellationToken);
            return;
        }

        if (_look is not null)
            await _look(row, null, cancellationToken);
        else
            await _draft!.AddAsync(row, cancellationToken);
    }

    /// <returns>What registering the list would do.</returns>
    public async ValueTask<BulkRegistrationCheck> EndCheckAsync(CancellationToken cancellationToken) => await _dryRun!.EndAsync(cancellationToken);

    /// <returns>The task, which has begun.</returns>
    public ValueTask<BulkRegistrationTask> StartAsync(CancellationToken cancellationToken) => service.StartAsync(_draft!, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _dryRun?.Dispose();
        return _draft?.DisposeAsync() ?? default;
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> WithFileAsync(
        IReadOnlyDictionary<string, string> row, FileColumn file, CancellationToken cancellationToken)
    {
        if (!GivenParameters.NamesOf(row).Contains(file.Column))
            throw CdfErrorCode.InvalidRequest.Error($"{(_row == 1 ? "The list" : $"Row {_row}")} has no column '{file.Column}', which is to name the file of {file.What}. It has: {string.Join(", ", GivenParameters.NamesOf(row))}.");
        if (!row.TryGetValue(file.Column, out var name) || name.Length == 0)
            throw CdfErrorCode.InvalidRequest.Error($"Row {_row} names no file in its column '{file.Column}', which is to be {file.What}.");
        try
        {
            var path = Path.GetFullPath(name, folder);
            var pem = file.Pem(await DeviceFiles.ReadAsync(path, file.What, cancellationToken), $"The file '{path}'");
            var with = new GivenParameters(row.Count + 1);
            foreach (var (parameter, value) in row)
                with[parameter] = value;
            if (row is GivenParameters given)
            {
                given.WithoutValue.Where(column => column != file.Parameter).ToList().ForEach(with.AddWithoutValue);
                given.Unusable.Where(column => column.Key != file.Parameter).ToList().ForEach(column => with.AddUnusable(column.Key, column.Value));
            }
            with[file.Parameter] = pem;
            return with;
        }
        catch (Exception e) when (e is CdfException or ArgumentException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"Row {_row}: {e.Message}", e);
        }
    }
}
