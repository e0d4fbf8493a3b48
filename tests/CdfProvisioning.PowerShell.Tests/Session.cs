using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace CdfProvisioning.PowerShell.Tests;

/// <summary>A PowerShell session with the module imported, connected to a registry of its own.</summary>
internal sealed class Session : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdf-tests-");
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());

    public Session(bool connect = true)
    {
        _runspace.Open();
        Get("Import-Module $args[0]", Repository.Manifest);
        if (connect && TestBackend.IsAws)
            TestBackend.ConnectToAws(this);
        else if (connect)
            Get("Connect-Cdf -Path $args[0]", PathOf("registry"));
    }

    /// <summary>A path in the session's folder, which goes with the session.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>What a script emits; it is to succeed.</summary>
    public IReadOnlyList<PSObject> Get(string script, params object[] arguments)
    {
        var run = Run(script, arguments);
        Assert.True(run.Errors.Count == 0, string.Join(Environment.NewLine, run.Errors));
        return run.Output;
    }

    /// <summary>The one error that a script is to end in.</summary>
    public ErrorRecord Error(string script, params object[] arguments) => Assert.Single(Run(script, arguments).Errors);

    public ScriptRun Run(string script, params object[] arguments)
    {
        using var powerShell = Create(script, arguments);
        var output = new List<PSObject>();
        try
        {
            powerShell.Invoke(null, output);
            return new ScriptRun(output, [.. powerShell.Streams.Error], powerShell.Streams);
        }
        catch (RuntimeException exception)
        {
            return new ScriptRun(output, [.. powerShell.Streams.Error, exception.ErrorRecord], powerShell.Streams);
        }
    }

    /// <summary>A script that is not run yet.</summary>
    public System.Management.Automation.PowerShell Create(string script, params object[] arguments)
    {
        var powerShell = System.Management.Automation.PowerShell.Create(_runspace).AddScript(script, useLocalScope: true);
        foreach (var argument in arguments)
            powerShell.AddArgument(argument);
        return powerShell;
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _folder.Delete(recursive: true);
    }
}
