using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Registers certificates that somebody else has made, and attaches them to a thing and to policies.</summary>
/// <remarks>
/// <para>
/// The certificate's CA has to be registered, unless WithoutCA is given. What cannot be attached is not registered either.
/// </para>
/// </remarks>
/// <example>
/// <para>Register a maker's certificate for a thing that exists</para>
/// <code>Import-CdfCertificate ./sensor-1.pem -WithoutCA -ThingName sensor-1 -PolicyName sensors</code>
/// </example>
[Cmdlet(VerbsData.Import, "CdfCertificate", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(DeviceCertificate))]
public sealed class ImportCdfCertificateCommand : CdfCmdlet
{
    /// <summary>The files of the certificates, PEM. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files of the certificates by their exact paths.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The certificate itself, PEM.</summary>
    [Parameter(ParameterSetName = "Pem", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePem { get; set; }

    /// <summary>The registered CA that signed it, PEM, where more than one has its name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CACertificatePem { get; set; }

    /// <summary>Registers certificates whose CA is not registered.</summary>
    [Parameter]
    public SwitchParameter WithoutCA { get; set; }

    /// <summary>ACTIVE or INACTIVE.</summary>
    [Parameter]
    [ValidateSet(CertificateStatus.Active, CertificateStatus.Inactive)]
    public string Status { get; set; } = CertificateStatus.Active;

    /// <summary>The thing that the certificate is for.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingName { get; set; }

    /// <summary>The policies for the certificate.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] PolicyName { get; set; } = [];

    private protected override Task ProcessAsync(CancellationToken cancellationToken) => ParameterSetName switch
    {
        "Pem" => ForEachAsync([ThingName ?? "the certificate"], target => ImportAsync(target, CertificatePem!, cancellationToken)),
        _ => ForEachAsync(ResolveFiles(Path, LiteralPath), path => ImportFileAsync(path, cancellationToken)),
    };

    private async Task ImportFileAsync(string path, CancellationToken cancellationToken) =>
        await ImportAsync(path, await ReadFileAsync(path, cancellationToken), cancellationToken);

    private async Task ImportAsync(string target, string pem, CancellationToken cancellationToken)
    {
        var certificates = (await ConnectionAsync(cancellationToken)).Certificates;
        if (!ShouldProcess(target, $"Register certificate{(ThingName is null ? "" : $" for thing '{ThingName}'")}"))
            return;
        var id = await certificates.ImportAsync(pem, CACertificatePem, WithoutCA, Status.ToUpperInvariant(), ThingName, PolicyName, cancellationToken);
        WriteVerbose($"Registered certificate {id}.");
        WriteObject(await certificates.GetAsync(id, cancellationToken));
    }
}
