# Without this, importing another version in one session would silently go on with the one already loaded.
$ErrorActionPreference = 'Stop'

$loader = [System.IO.Path]::Combine($PSScriptRoot, 'bin', 'CdfProvisioning.Loader.dll')
if (-not [System.IO.File]::Exists($loader)) {
    $project = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($PSScriptRoot), 'src', 'CdfProvisioning.PowerShell')
    throw "CdfProvisioning is not built yet. Run: dotnet build '$project'"
}

$null = [System.Reflection.Assembly]::LoadFrom($loader)
$cmdlets = Import-Module -Assembly ([CdfProvisioning.Loader.ModuleLoadContext]::Module) -PassThru

# Removed with this module, the inner one closes its connection, and Import-Module -Force finds nothing half removed.
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module -ModuleInfo $cmdlets -Force }.GetNewClosure()
