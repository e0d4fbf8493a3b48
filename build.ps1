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
    # Most of a build's time goes into compiling the analyzers: that is done once, by one compiler for all projects, whatever the
    # environment says, and without profiling them.
    $environment = @{ UseSharedCompilation = $env:UseSharedCompilation; DOTNET_TieredPGO = $env:DOTNET_TieredPGO }
    try {
        $env:UseSharedCompilation, $env:DOTNET_TieredPGO = 'true', '0'
        dotnet build @args
    }
    finally {
        $environment.GetEnumerator() | ForEach-Object { Set-Item "env:$($_.Key)" $_.Value }
    }
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
