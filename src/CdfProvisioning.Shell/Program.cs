using System.Management.Automation;
using System.Management.Automation.Runspaces;
using CdfProvisioning.Shell;

// The exit code is that of the script (exit N), 1 after an uncaught error, 130 after Ctrl+C and 64 for wrong usage.
CommandLine? command;
try
{
    command = CommandLine.Parse(args);
}
catch (ParseException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

if (command is null)
{
    Console.Error.WriteLine("usage: CdfProvisioning.Shell <script.ps1> [arguments]   or   CdfProvisioning.Shell -c <command>");
    return 64;
}

var host = new ConsoleHost();
var state = InitialSessionState.CreateDefault2();
if (OperatingSystem.IsWindows())
    state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
using var runspace = RunspaceFactory.CreateRunspace(host, state);
runspace.Open();

var runner = new ScriptRunner(runspace, host);
return runner.Run($"Import-Module {CommandLine.Quote(ModuleManifest.Path)} -ErrorAction Stop", script: null)
    ?? runner.Run(command.Text, command.Script)
    ?? 0;
