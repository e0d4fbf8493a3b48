using System.Management.Automation.Runspaces;
using CdfProvisioning.Shell;

// The exit code is that of the script (exit N), 1 after an uncaught error, 130 after Ctrl+C and 64 for wrong usage.
if (CommandLine.Parse(args) is not { } command)
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
return new ScriptRunner(runspace, host).Run($"Import-Module '{ModuleManifest.Path.Replace("'", "''", StringComparison.Ordinal)}' -ErrorAction Stop")
    ?? new ScriptRunner(runspace, host).Run(command)
    ?? 0;
