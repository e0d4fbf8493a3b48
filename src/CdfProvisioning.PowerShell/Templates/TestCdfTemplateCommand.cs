using System.Management.Automation;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Tells what is wrong with a provisioning template: one record for each problem, none if it is good.</summary>
/// <remarks>
/// <para>Every problem is told with its place. A template with errors cannot be used; warnings are about what works here, but not everywhere or not as it may be meant.</para>
/// </remarks>
/// <example>
/// <para>Check a file before storing it</para>
/// <code>Test-CdfTemplate -Path ./sensor.json</code>
/// </example>
/// <example>
/// <para>Check all templates there are</para>
/// <code>Get-CdfTemplate | Test-CdfTemplate</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CdfTemplate", DefaultParameterSetName = "TemplateId")]
[OutputType(typeof(TemplateProblem))]
public sealed class TestCdfTemplateCommand : CdfCmdlet
{
    /// <summary>The id of a stored template.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "TemplateId", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The file that has the template.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The template as JSON text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Body")]
    [ValidateNotNullOrEmpty]
    public string? Body { get; set; }

    private protected override object? Target => TemplateId ?? Path;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken) =>
        WriteObject(ProvisioningTemplate.Validate(await BodyAsync(cancellationToken)), enumerateCollection: true);

    private async Task<string> BodyAsync(CancellationToken cancellationToken)
    {
        if (TemplateId is not null)
            return (await (await ConnectionAsync(cancellationToken)).Templates.GetAsync(TemplateId, cancellationToken)).Body;

        return Body ?? await ReadFileAsync(Path!, cancellationToken);
    }
}
