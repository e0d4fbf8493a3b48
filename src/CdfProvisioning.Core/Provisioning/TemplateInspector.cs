using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Looks at templates beside the registry in which they are to be used.</summary>
internal sealed class TemplateInspector(IDeviceRegistry registry)
{
    private readonly RegistryStateReader _registry = new(registry);

    /// <summary>Everything that is wrong with a template, what it names and the registry lacks included, in the order of the text.</summary>
    public async ValueTask<IReadOnlyList<TemplateProblem>> InspectAsync(string body, CancellationToken cancellationToken)
    {
        var problems = ProvisioningTemplate.Validate(body);
        if (problems.Any(p => p.Severity == TemplateProblemSeverity.Error))
            return problems;

        var all = new List<TemplateProblem>(problems);
        foreach (var reference in ProvisioningTemplate.Compile(body).References)
        {
            if (await FindProblemAsync(reference, cancellationToken) is { } message)
                all.Add(new(TemplateProblemSeverity.Warning, reference.Place.Path, reference.Place.Line, reference.Place.Column, message));
        }

        return [.. all.OrderBy(p => p.Line).ThenBy(p => p.Column)];
    }

    /// <summary>What the template names and the registry lacks, where every new device needs it.</summary>
    public async ValueTask<IReadOnlyList<string>> FindMissingAsync(ProvisioningTemplate template, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var reference in template.References)
        {
            if (await FindProblemAsync(reference, cancellationToken) is { } message)
                missing.Add(message.Replace(" Registrations will fail without.", "", StringComparison.Ordinal));
        }

        return missing;
    }

    private async ValueTask<string?> FindProblemAsync(TemplateReference reference, CancellationToken cancellationToken) => reference.Kind switch
    {
        TemplateReferenceKind.ThingGroup when await _registry.FindGroupAsync(reference.Name, cancellationToken) is null =>
            $"There is no thing group '{reference.Name}': New-CdfThingGroup makes one. Registrations will fail without.",
        TemplateReferenceKind.BillingGroup when !await _registry.HasBillingGroupAsync(reference.Name, cancellationToken) =>
            $"There is no billing group '{reference.Name}'. Registrations will fail without.",
        TemplateReferenceKind.Policy when await _registry.FindPolicyAsync(reference.Name, cancellationToken) is null =>
            $"There is no policy '{reference.Name}': New-CdfPolicy makes one. Registrations will fail without.",
        TemplateReferenceKind.ThingType => (await _registry.FindTypeAsync(reference.Name, cancellationToken)) switch
        {
            null => $"There is no thing type '{reference.Name}': New-CdfThingType makes one. Registrations will fail without.",
            { IsDeprecated: true } => $"Thing type '{reference.Name}' is deprecated: new things cannot have it.",
            _ => null,
        },
        _ => null,
    };
}
