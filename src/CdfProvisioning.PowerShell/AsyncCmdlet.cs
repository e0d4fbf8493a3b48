using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// The base of all cmdlets here: its work may be asynchronous, Ctrl+C cancels it, and the <see cref="CdfException"/> of
/// one item is a non-terminating error, so that the other items of a pipeline go on; one before or after them ends the command.
/// </summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    private protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task ProcessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What an error of this record is about, unless <see cref="CdfCmdlet.ForEachAsync"/> knows better.</summary>
    private protected virtual object? Target => null;

    /// <summary>Whether the caller only wants to know what would happen.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? ((SwitchParameter)bound).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(BeginAsync, ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessAsync, WriteError);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(EndAsync, ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the command holds.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing) => _cancellation.Dispose();

    /// <summary>The file system path that a PowerShell path, relative or on a PSDrive, stands for.</summary>
    private protected string ResolvePath(string path)
    {
        var resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == "FileSystem"
            ? resolved
            : throw CdfErrorCode.InvalidRequest.Error($"'{path}' is not a path of the file system but of {provider.Name}.");
    }

    private void Run(Func<CancellationToken, Task> work, Action<ErrorRecord> fail)
    {
        try
        {
            PipelinePump.Run(() => work(_cancellation.Token), _cancellation.Cancel);
        }
        catch (CdfException exception)
        {
            fail(exception.ToErrorRecord(Target));
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
