using System.Management.Automation;
using System.Management.Automation.Language;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class HelpTests
{
    /// <summary>Those whose help is PowerShell's own. WhatIf and Confirm are not among them.</summary>
    private static readonly IReadOnlySet<string> Common = Cmdlet.CommonParameters;

    [Fact]
    public void Every_command_has_help_for_itself_and_for_each_parameter_and_examples_that_parse()
    {
        using var session = new Session(connect: false);

        foreach (var command in session.Get("Get-Command -Module CdfProvisioning"))
        {
            var cmdlet = (CmdletInfo)command.BaseObject;
            var help = session.Get("Get-Help $args[0] -Full", cmdlet.Name).Single();

            Assert.EndsWith(".", Text(help, "Synopsis"), StringComparison.Ordinal);
            Assert.NotEmpty(session.Get("$args[0].description.Text", help));
            foreach (var parameter in cmdlet.Parameters.Keys.Except(Common))
            {
                var description = session.Get("$n = $args[1]; $args[0].parameters.parameter | Where-Object name -eq $n | ForEach-Object { $_.description.Text }", help, parameter);
                Assert.True(description.Count == 1 && $"{description[0]}".Length > 10, $"{cmdlet.Name} -{parameter} has no description.");
            }

            AssertExamplesParse(cmdlet.Name, session.Get("$args[0].examples.example.code", help));
        }
    }

    [Fact]
    public void The_syntax_shows_WhatIf_where_there_is_one()
    {
        using var session = new Session(connect: false);

        var syntax = session.Get("(Get-Help Remove-CdfThing).syntax.syntaxItem.parameter.name");

        Assert.Equal(["WhatIf", "Confirm"], syntax.Select(name => $"{name}").TakeLast(2));
    }

    [Fact]
    public void The_topic_about_the_module_is_found_from_where_it_was_built()
    {
        using var session = new Session(connect: false);

        Assert.Contains("Connect-Cdf", $"{session.Get("Get-Help about_CdfProvisioning").Single()}", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_parameter_in_an_example_exists()
    {
        using var session = new Session(connect: false);

        foreach (var code in session.Get("Get-Command -Module CdfProvisioning | ForEach-Object { (Get-Help $_.Name -Full).examples.example.code }"))
        {
            var script = Parser.ParseInput($"{code}", out _, out _);
            foreach (var call in script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Where(call => call.GetCommandName().Contains("-Cdf", StringComparison.Ordinal)))
            {
                var known = (CmdletInfo)session.Get("Get-Command $args[0]", call.GetCommandName()).Single().BaseObject;
                Assert.All(
                    call.CommandElements.OfType<CommandParameterAst>(),
                    parameter => Assert.Contains(parameter.ParameterName, known.Parameters.Keys));
            }
        }
    }

    private static void AssertExamplesParse(string command, IReadOnlyList<PSObject> examples)
    {
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            Parser.ParseInput($"{example}", out _, out var errors);
            Assert.True(errors.Length == 0, $"{command}: {example}: {string.Join<ParseError>(' ', errors)}");
            Assert.Contains(command, $"{example}", StringComparison.Ordinal);
        }
    }

    private static string Text(PSObject help, string member) => $"{help.Properties[member].Value}".Trim();
}
