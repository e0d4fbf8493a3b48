using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Tests whether a provisioning template is good: true, or false and an error for everything that is wrong.</summary>
/// <remarks>
/// <para>
/// Each finding is told with its line, column and JSON path. A template with errors cannot be used. Warnings are about what works
/// here, but not everywhere or not as it may be meant, about parameters that nothing uses, and about policies, groups and types that
/// the registry lacks; they do not make it false.
/// </para>
/// <para>With Parameters it is also tested whether a device with these could be registered.</para>
/// </remarks>
/// <example>
/// <para>Check a file before storing it</para>
/// <code>if (Test-CdfTemplate -Path ./sensor.json) { Set-CdfTemplate sensor ./sensor.json }</code>
/// </example>
/// <example>
/// <para>Check all templates there are</para>
/// <code>Get-CdfTemplate | Test-CdfTemplate</code>
/// </example>
/// <example>
/// <para>See what a template makes of a device's parameters</para>
/// <code>Test-CdfTemplate sensor-csr -Parameters @{ ThingName = 'sensor-1'; CSR = Get-Content ./sensor-1.csr -Raw } -Detailed</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CdfTemplate", DefaultParameterSetName = "TemplateId")]
[OutputType(typeof(bool), typeof(ProvisionPlan), typeof(TemplateProblem))]
public sealed class TestCdfTemplateCommand : CdfCmdlet
{
    /// <summary>The id of a stored template.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "TemplateId", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The files that have templates; patterns match.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>As Path, of names that are taken as they are, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>The template as JSON text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Body")]
    [JsonText]
    [ValidateNotNullOrEmpty]
    public string? Body { get; set; }

    /// <summary>Values for the template's parameters, of a device that is to be registered with it: a hashtable, or an object with a property for each.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TemplateParameterCompleter))]
    [ValidateNotNull]
    public PSObject? Parameters { get; set; }

    /// <summary>Values for the extensions of the template's CDF section, for that device; as in New-CdfThing.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CdfParameterCompleter))]
    [ValidateNotNull]
    public IDictionary? CdfParameters { get; set; }

    /// <summary>Emits, in the place of true and false, the findings as objects and, with Parameters, what would be registered.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override object? Target => TemplateId ?? Path?.FirstOrDefault() ?? LiteralPath?.FirstOrDefault();

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        if (TemplateId is not null && TemplateId.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(ResolvePath(TemplateId)))
            throw CdfErrorCode.InvalidRequest.Error($"'{TemplateId}' is a file, and not the id of a template: say -Path {TemplateId}.");
        if (TemplateId is not null)
            await TestAsync(connection, TemplateId, (await connection.Templates.GetAsync(TemplateId, cancellationToken)).Body, cancellationToken);
        else if (Body is not null)
            await TestAsync(connection, "The template", Body, cancellationToken);
        else
            await ForEachAsync(
                ResolveFiles(Path, LiteralPath),
                async file => await TestAsync(connection, file, await ReadFileAsync(file, cancellationToken), cancellationToken));
    }

    private async Task TestAsync(Connection connection, string name, string body, CancellationToken cancellationToken)
    {
        var problems = await new TemplateInspector(connection.Registry).InspectAsync(body, cancellationToken);
        var isGood = !problems.Any(p => p.Severity == TemplateProblemSeverity.Error);
        foreach (var problem in problems)
        {
            if (Detailed)
                WriteObject(problem);
            var text = $"{name}, line {problem.Line}, column {problem.Column} ({problem.Path}): {problem.Message}";
            if (Detailed)
                continue;
            if (problem.Severity == TemplateProblemSeverity.Error)
                WriteError(CdfErrorCode.InvalidTemplate.Error(text).ToErrorRecord(TemplateId ?? name));
            else
                WriteWarning(text);
        }

        if (isGood && Parameters is not null)
            isGood = await TestDeviceAsync(connection, name, ProvisioningTemplate.Compile(body), cancellationToken);
        if (!Detailed)
            WriteObject(isGood);
    }

    private async Task<bool> TestDeviceAsync(Connection connection, string name, ProvisioningTemplate template, CancellationToken cancellationToken)
    {
        try
        {
            var cdf = await new CdfValues { CdfParameters = CdfParameters }.ReadAsync(connection, template.Cdf, cancellationToken);
            var columns = new ListColumns(new RowTemplates(template), cdf) { What = "parameter" };
            var input = DeviceInput.Of(Parameters);
            var parameters = await columns.NameAsync(input.Read(columns.Uses, emptyAsText: true), input.IsFromList);
            foreach (var warning in columns.TakeWarnings())
                WriteWarning(warning);
            var plan = await connection.Things.PlanAsync(template, parameters, cdf, cancellationToken);
            WriteVerbose($"{plan}");
            if (Detailed)
                WriteObject(plan);
            else
                foreach (var problem in plan.Problems)
                    WriteError(CdfErrorCode.RegistrationFailed.Error($"{name}: {problem}").ToErrorRecord(plan.ThingName ?? name));
            return plan.Problems.Count == 0;
        }
        catch (CdfException exception)
        {
            WriteError(exception.ToErrorRecord(TemplateId ?? name));
            return false;
        }
    }
}
