using System.Management.Automation;
using System.Management.Automation.Language;

namespace CdfProvisioning.Shell;

/// <summary>What the command line asks to run.</summary>
/// <param name="Text">PowerShell text; a script file is its first argument.</param>
/// <param name="Script">The script file, parsed.</param>
internal sealed record CommandLine(string Text, ScriptBlock? Script)
{
    /// <returns>Null for wrong usage.</returns>
    /// <exception cref="ParseException">The script file is not PowerShell.</exception>
    public static CommandLine? Parse(string[] args) => args switch
    {
        ["-c" or "-Command", _, ..] => new CommandLine(string.Join(' ', args[1..]), null),
        [var file, .. var arguments] when File.Exists(file) =>
            new CommandLine($". $args[0] {string.Join(' ', arguments.Select(Argument))}", ParseFile(Path.GetFullPath(file))),
        _ => null,
    };

    public static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>As a script block, not as a command, so that its <c>exit</c> ends this program.</summary>
    private static ScriptBlock ParseFile(string path)
    {
        var script = Parser.ParseFile(path, out _, out var errors);
        return errors.Length == 0 ? script.GetScriptBlock() : throw new ParseException(errors);
    }

    /// <summary>A parameter's name (-Name, -Name:) as it is, any other argument as a text.</summary>
    private static string Argument(string argument) =>
        argument.Length > 1 && argument[0] == '-' && char.IsLetter(argument[1]) ? argument : Quote(argument);
}
