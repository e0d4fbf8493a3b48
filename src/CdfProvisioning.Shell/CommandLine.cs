using System.Management.Automation.Language;

namespace CdfProvisioning.Shell;

/// <summary>What the command line asks to run, as PowerShell text.</summary>
internal static class CommandLine
{
    public static string? Parse(string[] args) => args switch
    {
        ["-c" or "-Command", .. var words] when words.Length > 0 => string.Join(' ', words),
        [var script, .. var arguments] when !script.StartsWith('-') =>
            $". {Quote(Path.GetFullPath(script))} {string.Join(' ', arguments.Select(Argument))}",
        _ => null,
    };

    /// <summary>A parameter's name (-Name, -Name:) as it is, any other argument as a text.</summary>
    private static string Argument(string argument) =>
        argument.Length > 1 && argument[0] == '-' && char.IsLetter(argument[1]) ? argument : Quote(argument);

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
