using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using System.Security;

namespace CdfProvisioning.Shell;

/// <summary>The streams, the questions and the progress of a script on the console.</summary>
internal sealed class ConsoleUserInterface : PSHostUserInterface
{
    private readonly ProgressLine _progress = new();

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUserInterface();

    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    public override void Write(string value)
    {
        _progress.Clear();
        Console.Out.Write(GetOutputString(value, SupportsVirtualTerminal)); // the engine leaves taking colors out to its host
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value)
    {
        _progress.Clear();
        Console.Error.WriteLine(GetOutputString(value, !Console.IsErrorRedirected));
    }

    public override void WriteDebugLine(string message) => WriteErrorLine($"DEBUG: {message}");

    public override void WriteVerboseLine(string message) => WriteErrorLine($"VERBOSE: {message}");

    public override void WriteWarningLine(string message) => WriteErrorLine($"WARNING: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record) => _progress.Show(record);

    public override string ReadLine()
    {
        _progress.Clear();
        return Console.ReadLine() ?? string.Empty;
    }

    public override SecureString ReadLineAsSecureString()
    {
        _progress.Clear();
        if (Console.IsInputRedirected)
            return new NetworkCredential(string.Empty, ReadLine()).SecurePassword;

        var text = new SecureString();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key != ConsoleKey.Backspace)
                text.AppendChar(key.KeyChar);
            else if (text.Length > 0)
                text.RemoveAt(text.Length - 1);
        }

        WriteLine(string.Empty);
        return text;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        WriteCaption(caption, message);
        return descriptions.ToDictionary(field => field.Name, field => Ask(field));
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        WriteCaption(caption, message);
        var answers = choices.Select(choice => (Label: choice.Label.Replace("&", string.Empty, StringComparison.Ordinal), Key: KeyOf(choice))).ToList();
        while (true)
        {
            Write(string.Join("  ", answers.Select(answer => $"[{answer.Key}] {answer.Label}")) + $" (default is \"{answers[defaultChoice].Key}\"): ");
            var given = Console.ReadLine();
            if (string.IsNullOrEmpty(given))
                return defaultChoice;

            var chosen = answers.FindIndex(answer =>
                given.Equals(answer.Key, StringComparison.OrdinalIgnoreCase) || given.Equals(answer.Label, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
                return chosen;
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        WriteCaption(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }

        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    private static string KeyOf(ChoiceDescription choice) =>
        choice.Label.IndexOf('&', StringComparison.Ordinal) is >= 0 and var at && at + 1 < choice.Label.Length
            ? choice.Label[at + 1].ToString().ToUpper(CultureInfo.CurrentCulture)
            : choice.Label;

    private PSObject Ask(FieldDescription field)
    {
        Write($"{field.Name}: ");
        return PSObject.AsPSObject(
            field.ParameterTypeName == nameof(SecureString) ? ReadLineAsSecureString() : ReadLine());
    }

    private void WriteCaption(string caption, string message)
    {
        foreach (var line in new[] { caption, message }.Where(text => !string.IsNullOrEmpty(text)))
            WriteLine(line);
    }
}
