using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace CdfProvisioning.Shell;

/// <summary>Runs a text of PowerShell with all its streams on the console; Ctrl+C stops it.</summary>
internal sealed class ScriptRunner(Runspace runspace, ConsoleHost host)
{
    private const int StoppedByUser = 130;

    /// <returns>The exit code, if the script ended in any other way than by coming to its end.</returns>
    public int? Run(string text, ScriptBlock? script)
    {
        using var powerShell = System.Management.Automation.PowerShell.Create(runspace);
        powerShell.AddScript(text);
        if (script is not null)
            powerShell.AddArgument(script);
        powerShell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        powerShell.AddCommand("Out-Default");

        ConsoleCancelEventHandler stop = (_, pressed) =>
        {
            pressed.Cancel = true;
            powerShell.BeginStop(null, null);
        };
        Console.CancelKeyPress += stop;
        try
        {
            powerShell.Invoke();
            return powerShell.InvocationStateInfo.State == PSInvocationState.Stopped ? StoppedByUser : host.ExitCode;
        }
        catch (PipelineStoppedException)
        {
            return host.ExitCode ?? StoppedByUser;
        }
        catch (RuntimeException exception)
        {
            Report(exception.ErrorRecord);
            return 1;
        }
        finally
        {
            Console.CancelKeyPress -= stop;
        }
    }

    private void Report(ErrorRecord error)
    {
        using var powerShell = System.Management.Automation.PowerShell.Create(runspace);
        powerShell.AddCommand("Out-Default").Invoke(new[] { error });
    }
}
