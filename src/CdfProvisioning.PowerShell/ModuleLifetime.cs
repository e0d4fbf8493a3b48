using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Stops the servers and closes the connection of the runspace from which the module is removed.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionConnection.Current.Close();
}
