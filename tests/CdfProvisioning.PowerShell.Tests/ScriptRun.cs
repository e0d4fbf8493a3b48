using System.Management.Automation;

namespace CdfProvisioning.PowerShell.Tests;

/// <summary>What a script emitted, and where.</summary>
internal sealed record ScriptRun(IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, PSDataStreams Streams)
{
    /// <summary>The text of everything but the output.</summary>
    public string Messages => string.Join(
        Environment.NewLine,
        [
            .. Errors.Select(error => $"{error} {error.Exception} {error.TargetObject}"),
            .. Streams.Warning.Select(record => record.Message),
            .. Streams.Verbose.Select(record => record.Message),
            .. Streams.Debug.Select(record => record.Message),
            .. Streams.Information.Select(record => $"{record.MessageData}"),
            .. Streams.Progress.Select(record => $"{record}"),
        ]);
}
