using System.Management.Automation;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Stores a provisioning template, new or changed.</summary>
/// <remarks>
/// <para>A template with errors is refused, and all of them are told. What is only suspicious is a warning.</para>
/// </remarks>
/// <example>
/// <para>Store a template from a file</para>
/// <code>Set-CdfTemplate -TemplateId sensor -Path ./sensor.json</code>
/// </example>
/// <example>
/// <para>Copy a template under another id</para>
/// <code>Set-CdfTemplate sensor-2 -Body (Get-CdfTemplate sensor).Body -PassThru</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfTemplate", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(StoredTemplate))]
public sealed class SetCdfTemplateCommand : CdfCmdlet
{
    /// <summary>The id under which the template is stored. Of a piped file, its name without its extension if not given.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Body", ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The file that has the template.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>As Path, of a name that is taken as it is, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>The template as JSON text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Body", ValueFromPipelineByPropertyName = true)]
    [JsonText]
    [ValidateNotNullOrEmpty]
    public string? Body { get; set; }

    /// <summary>Emits the stored template.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => TemplateId;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var id = TemplateId ?? System.IO.Path.GetFileNameWithoutExtension(LiteralPath)!;
        var templates = (await ConnectionAsync(cancellationToken)).Templates;
        var body = Body ?? await ReadFileAsync(ResolveFile(Path, LiteralPath), cancellationToken);
        ProvisioningTemplate.Compile(body);
        foreach (var problem in ProvisioningTemplate.Validate(body))
            WriteWarning($"Template '{id}', line {problem.Line}, column {problem.Column} ({problem.Path}): {problem.Message}");

        if (!ShouldProcess(id, "Store template"))
            return;

        var stored = await templates.PutAsync(id, body, cancellationToken);
        WriteVerbose($"Stored template '{id}'.");
        if (PassThru)
            WriteObject(stored);
    }
}
