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

function Invoke-DotNet {
    Write-Host "dotnet $args" -ForegroundColor Cyan
    dotnet @args
}

switch ($Task) {
    'Build' { Invoke-DotNet build Provisioning.sln }
    'QuickStart' {
        Invoke-DotNet build src/CdfProvisioning.PowerShell
        & ./module/samples/quickstart.ps1
    }
    'Test' {
        Invoke-DotNet build Provisioning.sln
        & ./tests/Run.ps1
        if ($LASTEXITCODE) { exit $LASTEXITCODE }
    }
    'Package' { Invoke-DotNet build src/CdfProvisioning.PowerShell --configuration Release '-t:PackageModule' }
}
