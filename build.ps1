<#
.SYNOPSIS
Builds, tests and packages the module, or shows what it does. Most tasks are also one dotnet command, which is shown.
.EXAMPLE
./build.ps1 Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'QuickStart', 'Package')]
    [string[]] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location $PSScriptRoot

function Invoke-Build {
    Write-Host "dotnet build $args" -ForegroundColor Cyan
    # One compiler for all projects, whatever the environment says, and one that does not profile itself while it starts:
    # most of a build's time goes into compiling the analyzers.
    $pgo, $env:DOTNET_TieredPGO = $env:DOTNET_TieredPGO, '0'
    try { dotnet build @args '-p:UseSharedCompilation=true' }
    finally { $env:DOTNET_TieredPGO = $pgo }
}

switch ($Task) {
    'Build' { Invoke-Build Provisioning.sln }
    'QuickStart' {
        Invoke-Build src/CdfProvisioning.PowerShell
        & ./module/samples/quickstart.ps1
    }
    'Test' {
        Invoke-Build Provisioning.sln
        & ./tests/Run.ps1
        if ($LASTEXITCODE) { exit $LASTEXITCODE }
    }
    'Package' { Invoke-Build src/CdfProvisioning.PowerShell --configuration Release '-t:PackageModule' }
}
