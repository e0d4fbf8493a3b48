<#
.SYNOPSIS
Builds, tests and packages the module. Each task is also one dotnet command, which is shown.
.EXAMPLE
./build.ps1 Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
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
    'Test' {
        Invoke-DotNet test
        # In a process of its own, since one that has imported the module keeps the files in use that Build and Package write.
        Start-Job -FilePath tests/Pester/Run.ps1 -WorkingDirectory $PSScriptRoot | Receive-Job -Wait -AutoRemoveJob
    }
    'Package' { Invoke-DotNet build src/CdfProvisioning.PowerShell --configuration Release '-t:PackageModule' }
}
