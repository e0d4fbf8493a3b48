using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Provisions a device: registers its thing, certificate, policies and groups as a template says.</summary>
/// <remarks>
/// <para>
/// Registers everything that the template's resources name, or, if something fails, nothing. The parameters of further
/// devices can be piped in, as hashtables or as objects such as Import-Csv makes.
/// </para>
/// <para>
/// The private key of a device whose template makes one is in the output and nowhere else, unless KeyDirectory says
/// where to put it. WhatIf shows the resources that would be registered.
/// </para>
/// </remarks>
/// <example>
/// <para>Provision one device and keep its key and certificate in files</para>
/// <code>New-CdfThing -TemplateId sensor -Parameters @{ ThingName = 'sensor-1'; SerialNumber = 'SN-1' } -KeyDirectory ./keys</code>
/// </example>
/// <example>
/// <para>Provision a device whose key never leaves it, from the signing request that it made</para>
/// <code>New-CdfThing sensor-csr @{ ThingName = 'sensor-2' } -Csr ./sensor-2.csr</code>
/// </example>
/// <example>
/// <para>Have a certificate signed by one of the registered CAs, with the template's createDeviceCertificate</para>
/// <code>
/// $ca = New-CdfCertificateAuthority -CommonName 'Factory 7'
/// New-CdfThing sensor-ca @{ ThingName = 'sensor-3' } -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor-3'; daysExpiry = 730 } }
/// </code>
/// </example>
/// <example>
/// <para>Provision the devices of a list one by one, each with the template of its place</para>
/// <code>Import-Csv ./devices.csv | New-CdfThing -GroupPath /europe/ulm -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = '{ThingName}' } }</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfThing", SupportsShouldProcess = true, DefaultParameterSetName = "TemplateId")]
[OutputType(typeof(ProvisionResponse), typeof(FiledDevice))]
public sealed class NewCdfThingCommand : CdfCmdlet
{
    private Keys.KeyDirectory? _keys;

    /// <summary>The id of the provisioning template.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "TemplateId", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The paths of the groups in which the device is: the template that is assigned there is used (Set-CdfTemplateAssignment).</summary>
    [Parameter(Mandatory = true, ParameterSetName = "GroupPath")]
    [ValidateNotNullOrEmpty]
    public string[]? GroupPath { get; set; }

    /// <summary>Values for the template's parameters: a hashtable, or an object with a property for each.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>Values for the steps of the template's CDF section: a hashtable with caId, certInfo (a hashtable with commonName, organization, organizationalUnit, locality, stateName, country, emailAddress, daysExpiry), certificatePem, certificateStatus, acmpcaCaArn or acmpcaCaAlias, awsiotCaArn or awsiotCaAlias, and csr. In a value, {Name} stands for the device's parameter of that name.</summary>
    [Parameter]
    [ValidateNotNull]
    public System.Collections.IDictionary? CdfParameters { get; set; }

    /// <summary>A certificate signing request, PEM or the path of a PEM file: the value of the template's parameter CSR, or what ACM PCA signs if the template says so.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Csr { get; set; }

    /// <summary>The folder in which the device's key and certificate are written, readable by you alone. The key is then not in the output.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    private protected override object? Target => Parameters;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var parameters = await ParametersAsync(connection, cancellationToken);
        var request = new ProvisionRequest(TemplateId, parameters, CdfParametersInput.Parse(CdfParameters), GroupPath);
        var template = TemplateId is null ? $"the template of {string.Join(" and ", GroupPath!)}" : $"template '{TemplateId}'";

        var what = IsWhatIf
            ? $"Register {await connection.Things.PlanAsync(request, cancellationToken)}"
            : $"Register a thing from {template}";
        if (!ShouldProcess(what, $"{what}?", "New-CdfThing"))
            return;

        if (UndeliveredKeys.TakeNotice() is { } notice)
            WriteWarning(notice);
        var response = await connection.Things.ProvisionAsync(request, OpenKeys(connection), cancellationToken);
        Emit(response, connection);
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

    /// <summary>Hands the key out. If the command is stopped in that moment, nobody has it yet and the device is registered: it is then put into a file.</summary>
    private void Emit(ProvisionResponse response, Connection connection)
    {
        try
        {
            WriteObject(response.KeyFile is null ? WithKeyOutOfSight(response) : FiledDevice.Of(response));
        }
        catch (PipelineStoppedException) when (Stopping && response is { PrivateKey: { } key, CertificatePem: { } certificate })
        {
            UndeliveredKeys.Keep(connection, response.ThingName, key, certificate);
            throw;
        }
    }

    /// <summary>
    /// Has PowerShell not show the key unasked, also where it does not use the module's view: after output of another type,
    /// or in a session that has not imported the module and gets the response from ForEach-Object -Parallel.
    /// </summary>
    private static PSObject WithKeyOutOfSight(ProvisionResponse response)
    {
        var shown = PSObject.AsPSObject(response);
        var display = new PSPropertySet("DefaultDisplayPropertySet", [nameof(response.ThingName), nameof(response.ResourceArns)]);

        // Unchecked: a session whose own type data has such a set keeps it; its refusal would cost the key.
        shown.Members.Add(new PSMemberSet("PSStandardMembers", [display]), preValidated: true);
        return shown;
    }

    private async Task<IReadOnlyDictionary<string, string>> ParametersAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (Csr is null)
            return Parameters;

        var csr = Csr.Contains("-----BEGIN", StringComparison.Ordinal) ? Csr : await ReadFileAsync(Csr, cancellationToken);
        return CsrInput.Add(Parameters, csr, await connection.Things.CompileAsync(TemplateId, GroupPath, cancellationToken));
    }
}
