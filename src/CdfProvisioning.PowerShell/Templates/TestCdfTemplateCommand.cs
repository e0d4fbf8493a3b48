using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Tells what is wrong with a provisioning template: one record for each problem, none if it is good.</summary>
/// <remarks>
/// <para>Every problem is told with its place. A template with errors cannot be used; warnings are about what works here, but not everywhere or not as it may be meant, and about policies, groups and types that the registry lacks.</para>
/// </remarks>
/// <example>
/// <para>Check a file before storing it</para>
/// <code>Test-CdfTemplate -Path ./sensor.json</code>
/// </example>
/// <example>
/// <para>Check all templates there are</para>
/// <code>Get-CdfTemplate | Test-CdfTemplate</code>
/// </example>
/// <example>
/// <para>See what a template makes of a device's parameters</para>
/// <code>Test-CdfTemplate sensor -Parameters @{ ThingName = 'sensor-1'; SerialNumber = 'SN-1' }</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CdfTemplate", DefaultParameterSetName = "TemplateId")]
[OutputType(typeof(TemplateProblem), typeof(ProvisionPlan))]
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

    /// <summary>Values for the template's parameters: the output then also has the resources that would be registered, as a plan.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Parameters { get; set; }

    /// <summary>Values for the steps of the template's CDF section, for that plan; as in New-CdfThing.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? CdfParameters { get; set; }

    private protected override object? Target => TemplateId ?? Path;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var body = await BodyAsync(connection, cancellationToken);
        var problems = await new TemplateInspector(connection.Registry).InspectAsync(body, cancellationToken);
        WriteObject(problems, enumerateCollection: true);
        if (Parameters is not null && !problems.Any(p => p.Severity == TemplateProblemSeverity.Error))
            WriteObject(await connection.Things.PlanAsync(
                ProvisioningTemplate.Compile(body), Parameters, CdfParametersInput.Parse(CdfParameters), cancellationToken));
    }

    private async Task<string> BodyAsync(Connection connection, CancellationToken cancellationToken) => TemplateId is null
        ? Body ?? await ReadFileAsync(Path!, cancellationToken)
        : (await connection.Templates.GetAsync(TemplateId, cancellationToken)).Body;
}
