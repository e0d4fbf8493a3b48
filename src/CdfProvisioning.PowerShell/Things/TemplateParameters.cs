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

    public RuntimeDefinedParameterDictionary Definitions { get; } = [];

    /// <summary>Those that were given, by the template's names for them.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Values => Definitions.Values.Where(p => p.IsSet).Select(p => KeyValuePair.Create(p.Name, (object?)p.Value));

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Nameable();
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
