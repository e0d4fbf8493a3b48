using System.Management.Automation;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Provisions a device: registers its thing, certificate, policies and groups as a template says.</summary>
/// <remarks>
/// <para>
/// Registers everything that the template's resources name, or, if something fails, nothing. The parameters of further
/// devices can be piped in, as hashtables or as objects such as Import-Csv makes.
/// </para>
/// <para>
/// The private key of a device whose template makes one is in the output and nowhere else, unless KeyDirectory says
/// where to put it. If the command is stopped before it has handed the key out, a file of undelivered-keys beside the registry has it. WhatIf shows the resources that would be registered, and what would change of a thing that exists; if the
/// registration would fail, it says so in the same words, as an error.
/// </para>
/// </remarks>
/// <example>
/// <para>Provision one device and keep its key and certificate in files</para>
/// <code>New-CdfThing sensor -ThingName sensor-1 -SerialNumber SN-1 -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName},O=Example' -ValidDays 365 -KeyDirectory ./keys</code>
/// </example>
/// <example>
/// <para>Provision a device whose key never leaves it, from the signing request that it made</para>
/// <code>New-CdfThing sensor-csr -ThingName sensor-2 -Csr ./sensor-2.csr</code>
/// </example>
/// <example>
/// <para>Say the same with the names of CDF Provisioning</para>
/// <code>
/// $ca = Get-CdfCertificateAuthority | Where-Object Subject -eq 'CN=Factory 7'
/// New-CdfThing sensor @{ ThingName = 'sensor-3'; SerialNumber = 'SN-3' } -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor-3'; daysExpiry = 730 } } -KeyDirectory ./keys
/// </code>
/// </example>
/// <example>
/// <para>Provision the devices of a list one by one, each with the template of its place</para>
/// <code>Import-Csv ./devices.csv | New-CdfThing -GroupPath /europe/ulm -CertificateAuthority $ca -Subject 'CN={ThingName}' -KeyDirectory ./keys</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfThing", SupportsShouldProcess = true, DefaultParameterSetName = "TemplateId")]
[OutputType(typeof(ProvisionResponse), typeof(FiledDevice))]
public sealed class NewCdfThingCommand : CdfCmdlet, IDynamicParameters
{
    private Keys.KeyDirectory? _keys;
    private Device? _device;
    private TemplateParameters? _templateParameters;
    private string? _thingName;

    /// <summary>The id of the provisioning template.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "TemplateId", ValueFromPipelineByPropertyName = true)]
    [TemplateId]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The paths of the groups in which the device is: the template that is assigned there is used (Set-CdfTemplateAssignment).</summary>
    [Parameter(Mandatory = true, ParameterSetName = "GroupPath")]
    [ArgumentCompleter(typeof(GroupPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? GroupPath { get; set; }

    /// <summary>Values for the template's parameters: a hashtable, or an object with a property for each. The template's parameters are also parameters of this command, as far as their names allow it: -SerialNumber.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TemplateParameterCompleter))]
    [ValidateNotNull]
    public PSObject? Parameters { get; set; }

    /// <summary>Values for the extensions of the template's CDF section, by CDF's own names: a hashtable with caId, certInfo (a hashtable with commonName, organization, organizationalUnit, locality, stateName, country, emailAddress, daysExpiry), certificatePem, certificateStatus, acmpcaCaArn or acmpcaCaAlias, awsiotCaArn or awsiotCaAlias, and csr. In a value, {Name} stands for the device's parameter of that name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CdfParameterCompleter))]
    [ValidateNotNull]
    public System.Collections.IDictionary? CdfParameters { get; set; }

    /// <summary>The CA that signs the device's certificate: from Get-CdfCertificateAuthority, or its id, the beginning of that, or its subject; for ACM PCA its ARN or alias.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [ValidateNotNull]
    public object? CertificateAuthority { get; set; }

    /// <summary>The subject of the device's certificate, such as 'CN={ThingName},O=Example': {Name} stands for the device's parameter of that name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Subject { get; set; }

    /// <summary>For how many days the device's certificate is valid.</summary>
    [Parameter]
    [ValidateRange(1, 36500)]
    public int? ValidDays { get; set; }

    /// <summary>A certificate signing request, PEM or the path of a file, PEM or DER: the value of the template's parameter CSR, or what ACM PCA signs if the template says so.</summary>
    [Parameter]
    [ValidateNotNull]
    [AllowEmptyString]
    public string[]? Csr { get; set; }

    /// <summary>The file of the device's own certificate, PEM or DER: the value of the template's parameter CertificatePem, or what registerDeviceCertificateWithoutCA registers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The status with which the device's own certificate is registered (registerDeviceCertificateWithoutCA).</summary>
    [Parameter]
    [ValidateSet("ACTIVE", "INACTIVE")]
    public string? Status { get; set; }

    /// <summary>Takes an empty text of a piped object for a value. It is as good as none if not given, as an empty cell of Import-Csv is, so that the template's default applies.</summary>
    [Parameter]
    public SwitchParameter EmptyAsText { get; set; }

    /// <summary>The folder in which the device's key and certificate are written, readable by you alone. The key is then not in the output.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    private protected override object? Target => _thingName ?? TemplateId;

    /// <summary>The parameters of the template at hand, where it is known by then.</summary>
    public object? GetDynamicParameters()
    {
        try
        {
            _templateParameters = null;
            if (TemplateId is not null || GroupPath is not null)
                PipelinePump.Run(
                    async () => _templateParameters = new(
                        await (await SessionConnection.Current.GetAsync(Connection, CancellationToken.None)).Things.CompileAsync(TemplateId, GroupPath, CancellationToken.None),
                        areMandatory: Parameters is null && !MyInvocation.ExpectingInput),
                    cancel: () => { });
        }
        catch (CdfException)
        {
            return TemplateParameters.Unknown; // the command itself says what is wrong with the template
        }

        return _templateParameters?.Definitions;
    }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        _thingName = null;
        var connection = await ConnectionAsync(cancellationToken);
        var device = await DeviceAsync(connection, cancellationToken);
        var parameters = await ParametersAsync(device, cancellationToken);
        _thingName = device.Template.FindThingName(parameters);
        var request = new ProvisionRequest(TemplateId, parameters, device.Cdf, GroupPath);
        var template = TemplateId is null ? $"the template of {string.Join(" and ", GroupPath!)}" : $"template '{TemplateId}'";

        var plan = IsWhatIf
            ? await connection.Things.PlanAsync(request, KeyDirectory is null ? null : connection.BulkRegistrations.PlanKeys(ResolvePath(KeyDirectory)), cancellationToken)
            : null;
        if (plan is { Problems: { Count: > 0 } problems })
            throw CdfErrorCode.RegistrationFailed.Error($"{(plan.ThingName is null ? "The registration" : $"The registration of thing '{plan.ThingName}'")} would fail: {string.Join(' ', problems)}");

        var what = plan is null ? $"Register a thing from {template}" : $"Register {plan}";
        if (!ShouldProcess(what, $"{what}?", "New-CdfThing"))
            return;

        var response = OpenKeys(connection) is { } keys
            ? await connection.Things.ProvisionAsync(request, keys, cancellationToken)
            : HandOut(await connection.Things.ProvisionAsync(request, connection.UndeliveredKeys, cancellationToken));
        if (response.KeyFile is not null)
            WriteObject(FiledDevice.Of(response));
        WriteVerbose($"Registered thing '{response.ThingName}' from {template}.{(response.KeyFile is { } file ? $" Its key and its certificate are in '{file}'." : "")}");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _keys?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The folder of the keys, opened once; who else may write to it is said once.</summary>
    private Keys.KeyDirectory? OpenKeys(Connection connection)
    {
        if (KeyDirectory is null || _keys is not null)
            return _keys;
        _keys = connection.BulkRegistrations.OpenKeys(ResolvePath(KeyDirectory));
        if (_keys.Warning is { } warning)
            WriteWarning(warning);
        return _keys;
    }

    /// <summary>Hands the key out. If the command is stopped in that moment, nobody has it yet and the device is registered: its file stays.</summary>
    private ProvisionResponse HandOut(UndeliveredDevice device)
    {
        try
        {
            WriteObject(WithKeyOutOfSight(device.Response));
        }
        catch (PipelineStoppedException) when (Stopping)
        {
            if (device.Keep("New-CdfThing was stopped") is { } said)
                Host.UI.WriteWarningLine(said); // the command itself may write nothing any more
            throw;
        }
        catch
        {
            device.Deliver(); // what came behind in the pipeline has it, and has failed
            throw;
        }

        device.Deliver();
        return device.Response;
    }

    /// <summary>
    /// Has PowerShell not show the key unasked, also where it does not use the module's view: after output of another type,
    /// or in a session that has not imported the module and gets the response from ForEach-Object -Parallel.
    /// </summary>
    private static PSObject WithKeyOutOfSight(ProvisionResponse response)
    {
        var shown = PSObject.AsPSObject(Readable.Of(response));
        var display = new PSPropertySet("DefaultDisplayPropertySet", [nameof(response.ThingName), nameof(response.ResourceArns)]);

        // Unchecked: a session whose own type data has such a set keeps it; its refusal would cost the key.
        shown.Members.Add(new PSMemberSet("PSStandardMembers", [display]), preValidated: true);
        return shown;
    }

    private async Task<IReadOnlyDictionary<string, string>> ParametersAsync(Device device, CancellationToken cancellationToken)
    {
        var given = new GivenParameters();
        var isFromList = true;
        if (Parameters is not null)
        {
            var input = DeviceInput.Of(Parameters);
            given = input.Read(device.Columns.Uses, EmptyAsText);
            isFromList = input.IsFromList;
        }
        _thingName = FindThingName(device.Template, given);

        GivenParameters parameters;
        try
        {
            parameters = await device.Columns.NameAsync(given, isFromList);
        }
        finally
        {
            foreach (var warning in device.Columns.TakeWarnings())
                WriteWarning(warning);
        }

        foreach (var (name, value) in _templateParameters?.Values ?? [])
        {
            if (DeviceInput.Of(new System.Collections.Hashtable { [name] = value }).Read(_ => true, emptyAsText: true) is var one && one.Unusable.Count > 0)
                throw DeviceParameters.NotText(name, one.Unusable[0].Value);
            parameters[name] = one.GetValueOrDefault(name, "");
        }

        if (Csr is not null)
            parameters[DeviceFiles.CsrParameter(device.Template)] = await PemAsync(string.Join('\n', Csr), "a CSR", DeviceFiles.CsrPem, cancellationToken);
        if (CertificatePath is not null)
            parameters[DeviceFiles.CertificateParameter(device.Template)] = await PemAsync(CertificatePath, "a certificate", DeviceFiles.CertificatePem, cancellationToken);
        return parameters;
    }

    /// <summary>The name of the thing, if it can be known before the parameters have been looked at: errors are then about it.</summary>
    private string? FindThingName(ProvisioningTemplate template, GivenParameters given)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in given)
            texts[name.Trim()] = value;
        foreach (var (name, value) in _templateParameters?.Values ?? [])
            texts[name] = value?.ToString() ?? "";
        return template.FindThingName(texts);
    }

    /// <summary>The template, what its extensions are given, and the names of its parameters: the same for all devices of a pipeline, unless each names a template.</summary>
    private async Task<Device> DeviceAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (_device is not null && _device.TemplateId == TemplateId)
            return _device;
        var template = await connection.Things.CompileAsync(TemplateId, GroupPath, cancellationToken);
        var values = new CdfValues { CdfParameters = CdfParameters, CertificateAuthority = CertificateAuthority, Subject = Subject, ValidDays = ValidDays, Status = Status };
        var cdf = await values.ReadAsync(connection, template.Cdf, cancellationToken);
        foreach (var unused in values.UnusedBy(template.Cdf))
            WriteWarning($"Nothing uses -{unused}: the template has no extension in its CDF section that takes it.");
        return _device = new(TemplateId, template, cdf, new ListColumns(new RowTemplates(template), cdf, map: null, nameof(TemplateId)) { What = "parameter" });
    }

    private async Task<string> PemAsync(string given, string what, PemReader read, CancellationToken cancellationToken)
    {
        if (given.Contains("-----BEGIN", StringComparison.Ordinal))
            return given;
        if (given.Contains('\n', StringComparison.Ordinal) || string.IsNullOrWhiteSpace(given))
            throw CdfErrorCode.InvalidRequest.Error($"What is given is neither {what} as PEM nor the path of a file.");
        var file = ResolveFile(given, literalPath: null);
        return read(await DeviceFiles.ReadAsync(file, what, cancellationToken), $"The file '{file}'");
    }

    private delegate string PemReader(ReadOnlySpan<byte> content, string name);

    private sealed record Device(string? TemplateId, ProvisioningTemplate Template, CdfProvisioningParameters? Cdf, ListColumns Columns);
}
