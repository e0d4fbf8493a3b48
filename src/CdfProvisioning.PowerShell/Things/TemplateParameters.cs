using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Text.RegularExpressions;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>The parameters of a template as parameters of New-CdfThing. One that has the name of a parameter there is, or a name that PowerShell cannot take, stays in -Parameters.</summary>
internal sealed partial class TemplateParameters
{
    private static readonly HashSet<string> Taken = new(
        typeof(NewCdfThingCommand).GetProperties()
            .Where(p => p.IsDefined(typeof(ParameterAttribute)))
            .SelectMany(p => p.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Append(p.Name))
            .Concat(Cmdlet.CommonParameters)
            .Concat(Cmdlet.OptionalCommonParameters)
            .Concat(["db", "ea", "ev", "infa", "iv", "ob", "ov", "proga", "pv", "vb", "wa", "wv", "cf", "wi"]),
        StringComparer.OrdinalIgnoreCase);

    /// <param name="template">The template.</param>
    /// <param name="areMandatory">Whether those without a default have to be given here.</param>
    public TemplateParameters(ProvisioningTemplate template, bool areMandatory)
    {
        foreach (var parameter in template.Parameters)
        {
            if (!template.UsedParameters.Contains(parameter.Name) || template.Cdf.FilledParameters.Contains(parameter.Name)
                || Taken.Contains(parameter.Name) || !Nameable().IsMatch(parameter.Name)
                || template.Parameters.Count(other => other.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)) > 1)
                continue;
            var attributes = new Collection<Attribute>
            {
                new ParameterAttribute
                {
                    Mandatory = areMandatory && template.RequiredParameters.Contains(parameter.Name),
                    HelpMessage = parameter.Default is null ? $"The template's parameter '{parameter.Name}'." : $"The template's parameter '{parameter.Name}'; '{parameter.Default}' if not given.",
                },
            };
            if (parameter.Default is { Length: > 0 } preset)
                attributes.Add(new ArgumentCompleterAttribute(ScriptBlock.Create($"'{CodeGeneration.EscapeSingleQuotedStringContent(preset)}'")));
            Definitions.Add(parameter.Name, new RuntimeDefinedParameter(parameter.Name, typeof(object), attributes));
        }
    }

    /// <summary>Stands for the parameters of a template that cannot be had: takes any, so that the error is about the template and not about the first of them.</summary>
    public static RuntimeDefinedParameterDictionary Unknown => new()
    {
        ["OfUnknownTemplate"] = new("OfUnknownTemplate", typeof(object[]), [new ParameterAttribute { ValueFromRemainingArguments = true, DontShow = true }]),
    };

    public RuntimeDefinedParameterDictionary Definitions { get; } = [];

    /// <summary>Those that were given, by the template's names for them.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Values => Definitions.Values.Where(p => p.IsSet).Select(p => KeyValuePair.Create(p.Name, (object?)p.Value));

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Nameable();
}

/// <summary>Refuses a device where the id of a template belongs: as a text it would be the name of its type.</summary>
internal sealed class TemplateIdAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapper ? wrapper.BaseObject : inputData) is IDictionary or PSCustomObject
            ? throw new ArgumentTransformationMetadataException("A template's id is a text, which stands before the device's parameters: New-CdfThing sensor @{ ThingName = 'sensor-1' }. Get-CdfTemplate lists the templates there are.")
            : inputData;
}

/// <summary>Completes the keys of -Parameters with those of the template at hand: <c>@{ ThingName = </c>.</summary>
internal sealed class TemplateParameterCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var template = default(ProvisioningTemplate);
        try
        {
            PipelinePump.Run(
                async () => template = await (await SessionConnection.Current.GetAsync(fakeBoundParameters["Connection"] as ConnectionInfo, CancellationToken.None))
                    .Things.CompileAsync(fakeBoundParameters["TemplateId"] as string, fakeBoundParameters["GroupPath"] is string place ? [place] : fakeBoundParameters["GroupPath"] as string[], CancellationToken.None),
                cancel: () => { });
        }
        catch (CdfException)
        {
            // There is nowhere to show an error while completing.
        }

        return template is null ? [] : Hashtables.Completions(template.RequiredParameters.Concat(new ParameterNames(template, common: null).All).Distinct(), wordToComplete, template.RequiredParameters);
    }
}

/// <summary>Completes the keys of -CdfParameters.</summary>
internal sealed class CdfParameterCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Hashtables.Completions(CdfParameterMembers.Names, wordToComplete, []);
}

/// <summary>Hashtables that have a key, to begin with.</summary>
internal static class Hashtables
{
    public static IEnumerable<CompletionResult> Completions(IEnumerable<string> names, string word, IReadOnlyCollection<string> required)
    {
        var all = names.ToList();
        if (required.Count > 0 && word.Length == 0)
            yield return Result(string.Join("; ", required.Select(name => $"{Key(name)} = ''")), string.Join(", ", required));
        foreach (var name in all.Where(name => $"@{{ {Key(name)}".StartsWith(word, StringComparison.OrdinalIgnoreCase) || name.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            yield return Result($"{Key(name)} = ''", name);
    }

    private static string Key(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : $"'{name}'";

    private static CompletionResult Result(string content, string name) =>
        new($"@{{ {content} }}", name, CompletionResultType.ParameterValue, name);
}
