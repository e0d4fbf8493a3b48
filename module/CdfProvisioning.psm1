$cmdlets = Import-Module -Assembly ([CdfProvisioning.Loader.ModuleLoadContext]::Module) -PassThru

# Removed with this module, the inner one closes its connection, and Import-Module -Force finds nothing half removed.
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module -ModuleInfo $cmdlets -Force }
