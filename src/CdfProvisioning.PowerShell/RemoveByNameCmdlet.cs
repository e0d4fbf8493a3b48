using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that remove resources by name or by pattern.</summary>
public abstract class RemoveByNameCmdlet : CdfCmdlet
{
    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Removes what is named, and all that the patterns match. A name that there is not is an error, in a plan too.</summary>
    /// <param name="what">What it is, in the prompt and the plan.</param>
    /// <param name="names">Names and patterns.</param>
    /// <param name="list">The names there are; all that begin, in any case, with what it is given, at the least.</param>
    /// <param name="read">Reads what a name stands for; throws NotFound.</param>
    /// <param name="remove">Removes it.</param>
    private protected Task RemoveByNameAsync<T>(
        string what, string[] names, Func<string, IAsyncEnumerable<string>> list, Func<string, ValueTask<T>> read, Func<string, T, ValueTask> remove) =>
        ForEachMatchAsync(
            names,
            list,
            async name =>
            {
                var found = await read(name);
                if (!ShouldProcess(name, $"Remove {what}", isAsked: !Force))
                    return;
                await remove(name, found);
                WriteVerbose($"Removed {what} '{name}'.");
            });
}
