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
        if (Get-Module -ListAvailable Pester | Where-Object Version -ge '5.0') {
            # In a process of its own, since one that has imported the module keeps the files in use that Build and Package write.
            $result = Start-Job -WorkingDirectory $PSScriptRoot {
                Import-Module Pester -MinimumVersion 5.0
                (Invoke-Pester -Path tests/Pester -PassThru).Result
            } | Receive-Job -Wait -AutoRemoveJob
            if ($result -ne 'Passed') { throw 'The tests in tests/Pester failed.' }
        }
        else {
            Write-Warning 'NOT RUN: the tests in tests/Pester need Pester 5 (Install-Module Pester).'
        }
    }
    'Package' { Invoke-DotNet build src/CdfProvisioning.PowerShell --configuration Release '-t:PackageModule' }
}
