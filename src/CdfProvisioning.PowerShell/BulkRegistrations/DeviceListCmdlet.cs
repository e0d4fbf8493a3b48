using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that take lists of devices, from files or from the pipeline.</summary>
public abstract class DeviceListCmdlet : DeviceRowsCmdlet
{
    private static readonly string[] NamesOfPaths = ["PSPath", "FullName", "Path", "LiteralPath"];

    private readonly List<string> _files = [];
    private ListIntake? _piped;
    private bool _isNotWanted;

    /// <summary>The id of the provisioning template. Without, the column GroupPath of the list says which template applies to each device.</summary>
    [Parameter(Position = 0)]
    [TemplateId]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The folder in which the devices' keys and certificates are written, readable by you alone. Needed if the template makes keys.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>The one file, readable by you alone, to which the devices' keys and certificates are appended: a line of JSON a device (row, thing, certificateId, certificatePem, privateKeyPem). Export-CdfKey makes a file a device of it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>The file of the certificate (PEM or DER, RSA or EC) of who alone may read KeyFile: its lines are encrypted in batches (CMS, AES-256), so that no key is on this disk in the clear. Unprotect-CdfKeyFile or openssl cms -decrypt -inform PEM reads them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyRecipient { get; set; }

    /// <summary>Values for the extensions of the template's CDF section, as in New-CdfThing, for all devices. A column such as cdf.certInfo.commonName gives a device a value of its own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CdfParameterCompleter))]
    [ValidateNotNull]
    public IDictionary? CdfParameters { get; set; }

    /// <summary>The CA that signs the devices' certificates: from Get-CdfCertificateAuthority, or its id, the beginning of that, or its subject; for ACM PCA its ARN or alias.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [ValidateNotNull]
    public object? CertificateAuthority { get; set; }

    /// <summary>The subject of the devices' certificates, such as 'CN={ThingName},O=Example': {Name} stands for the device's parameter of that name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Subject { get; set; }

    /// <summary>For how many days the devices' certificates are valid.</summary>
    [Parameter]
    [ValidateRange(1, 36500)]
    public int? ValidDays { get; set; }

    /// <summary>The status with which the devices' own certificates are registered (registerDeviceCertificateWithoutCA).</summary>
    [Parameter]
    [ValidateSet("ACTIVE", "INACTIVE")]
    public string? Status { get; set; }

    /// <summary>The column that names the file of each device's CSR, PEM or DER, relative to the list's folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CsrFileColumn { get; set; }

    /// <summary>The column that names the file of each device's certificate, PEM or DER, relative to the list's folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateFileColumn { get; set; }

    /// <summary>The template's names for the list's columns: @{ 'Serial No.' = 'SerialNumber' }.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ColumnMap { get; set; }

    /// <summary>Takes an empty cell for an empty text. It is as good as none if not given, so that the template's default applies.</summary>
    [Parameter]
    public SwitchParameter EmptyAsText { get; set; }

    /// <summary>Whether files that are given together are one list. Otherwise each is a list of its own, and does not suffer from what is wrong with another.</summary>
    private protected virtual bool IsOneList => false;

    /// <summary>Columns that are used though the template does not.</summary>
    private protected virtual IReadOnlyList<string> OtherColumns => [];

    /// <summary>Makes an object of the pipeline one that names a device's parameters.</summary>
    private protected virtual PSObject? Adapt(PSObject? input) => input;

    /// <summary>Whether the user wants anything to be done with a list; asked before it is read.</summary>
    private protected virtual bool IsWanted(string name) => true;

    /// <summary>Says where the rows of a list go.</summary>
    private protected abstract ValueTask OpenAsync(ListIntake list, BulkRegistrationRequest request, Connection connection, CancellationToken cancellationToken);

    /// <summary>All rows of a list have been added.</summary>
    private protected virtual Task CloseAsync(ListIntake list, string name, CancellationToken cancellationToken) => Task.CompletedTask;

    private protected override object? Target => Path?.FirstOrDefault() ?? LiteralPath?.FirstOrDefault() ?? TemplateId;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName != ByInput)
        {
            _files.AddRange(ResolveFiles(Path, LiteralPath));
            return;
        }

        InputObject = Adapt(InputObject);
        if (FileOf(InputObject) is { } file)
        {
            _files.Add(file);
            return;
        }

        if (_isNotWanted)
            return;
        try
        {
            if (await IsFileAsync(cancellationToken) is { } named)
            {
                _files.Add(ResolvePath(named));
                return;
            }

            var input = DeviceInput.Of(InputObject);
            _piped ??= await BeginAsync("the piped list", SessionState.Path.CurrentFileSystemLocation.Path, cancellationToken);
            if (_piped is null)
                _isNotWanted = true;
            else
                await AddAsync(_piped, input, cancellationToken);
        }
        catch (CdfException exception)
        {
            ThrowTerminatingError(exception.ToErrorRecord(TemplateId)); // the list as a whole
        }
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_piped is not null)
            await EndAsync(_piped, "the piped list", cancellationToken);
        foreach (var file in _files)
        {
            try
            {
                await AddFileAsync(file, cancellationToken);
            }
            catch (CdfException exception) when (_files.Count > 1 && !IsOneList)
            {
                WriteError(exception.ToErrorRecord(file)); // the other lists are not to blame
            }
            catch (CdfException exception)
            {
                ThrowTerminatingError(exception.ToErrorRecord(file));
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_piped is not null)
            PipelinePump.Run(() => _piped.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    private async Task AddFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var list = await BeginAsync(path, System.IO.Path.GetDirectoryName(path)!, cancellationToken);
        if (list is null)
            return;
        var reader = CreateReader(EmptyAsText);
        var isEmpty = true;
        await foreach (var row in reader.ReadFileAsync(path, cancellationToken))
        {
            isEmpty = false;
            await AddAsync(list, (GivenParameters)row, isFromList: true, cancellationToken);
        }
        if (isEmpty)
            throw CdfErrorCode.InvalidRequest.Error($"There is no device in '{path}': it has no row{(reader.BlankRows > 0 ? " but blank ones" : "")}.");
        list.BlankRows = reader.BlankRows;
        await EndAsync(list, $"'{path}'", cancellationToken);
    }

    /// <returns>Null if the user does not want it.</returns>
    private async Task<ListIntake?> BeginAsync(string name, string folder, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        if (!IsWanted(name))
            return null;
        var template = TemplateId is null ? null : await connection.Things.CompileAsync(TemplateId, groupPath: null, cancellationToken);
        var values = new CdfValues { CdfParameters = CdfParameters, CertificateAuthority = CertificateAuthority, Subject = Subject, ValidDays = ValidDays, Status = Status };
        var request = new BulkRegistrationRequest(
            TemplateId, KeyDirectory is null ? null : ResolvePath(KeyDirectory), await values.ReadAsync(connection, template?.Cdf, cancellationToken))
        {
            RefusesWhatFailsThroughout = true,
            KeyFile = KeyFile is null ? null : ResolvePath(KeyFile),
            KeyRecipient = ReadKeyRecipient(KeyRecipient),
        };
        foreach (var unused in template is null ? [] : values.UnusedBy(template.Cdf))
            WriteWarning($"Nothing uses -{unused}: template '{TemplateId}' has no extension in its CDF section that takes it.");

        List<FileColumn> files = [];
        if (CsrFileColumn is not null)
            files.Add(FileColumn.OfCsr(CsrFileColumn, template));
        if (CertificateFileColumn is not null)
            files.Add(FileColumn.OfCertificate(CertificateFileColumn, template));
        var map = ColumnMap?.Cast<DictionaryEntry>().ToDictionary(entry => $"{entry.Key}".Trim(), entry => $"{entry.Value}", StringComparer.OrdinalIgnoreCase);
        var columns = await connection.BulkRegistrations.ColumnsAsync(request, map, [.. files.SelectMany(file => new[] { file.Column, file.Parameter }), .. OtherColumns], cancellationToken);
        var list = new ListIntake(connection.BulkRegistrations, columns, files, folder);
        await OpenAsync(list, request, connection, cancellationToken);
        return list;
    }

    private async Task AddAsync(ListIntake list, DeviceInput input, CancellationToken cancellationToken)
    {
        var row = input.Read(list.Columns.Uses, EmptyAsText);
        if (input.IsFromList && row.Count == 0 && row.WithoutValue.Count > 0)
            list.BlankRows++;
        else
            await AddAsync(list, row, input.IsFromList, cancellationToken);
    }

    private async Task AddAsync(ListIntake list, GivenParameters row, bool isFromList, CancellationToken cancellationToken)
    {
        try
        {
            await list.AddAsync(row, isFromList, cancellationToken);
        }
        finally
        {
            foreach (var warning in list.Columns.TakeWarnings())
                WriteWarning(warning);
        }
    }

    private async Task EndAsync(ListIntake list, string name, CancellationToken cancellationToken)
    {
        foreach (var column in list.Columns.MappedInVain())
            WriteWarning($"No row has the column '{column}' that -ColumnMap names.");
        if (list.BlankRows > 0)
            WriteWarning($"{list.BlankRows} blank {(list.BlankRows == 1 ? "row was" : "rows were")} skipped in {name}.");
        await CloseAsync(list, name, cancellationToken);
    }

    private string? FileOf(PSObject? input) => input?.BaseObject switch
    {
        FileInfo file => file.FullName,
        string path when _piped is null && path.IndexOfAny(['\n', ',', ';', '\t']) < 0 && File.Exists(ResolvePath(path)) => ResolvePath(path),
        DirectoryInfo folder => throw CdfErrorCode.InvalidRequest.Error($"'{folder.FullName}' is a folder: pipe the files that have the lists (Get-ChildItem -File)."),
        _ => null,
    };

    /// <summary>An object that names a file, and has nothing that the template uses, is a list's file: Select-Object FullName, say.</summary>
    private async Task<string?> IsFileAsync(CancellationToken cancellationToken)
    {
        if (_piped is not null || InputObject?.BaseObject is not PSCustomObject)
            return null;
        var named = NamesOfPaths.Select(name => InputObject.Properties[name]?.Value as string).FirstOrDefault(path => path is { Length: > 0 });
        if (named is null || TemplateId is null)
            return null;
        var names = new ParameterNames(await (await ConnectionAsync(cancellationToken)).Things.CompileAsync(TemplateId, groupPath: null, cancellationToken), common: null);
        return InputObject.Properties.Any(property => names.Find(property.Name) is not null) ? null : named;
    }
}
