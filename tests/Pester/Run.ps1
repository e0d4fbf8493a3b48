#Requires -Version 7.6
<#
.SYNOPSIS
Runs the Pester tests of this folder in this process, with the Pester that Pester.proj names.
.PARAMETER Name
Which files: the beginning of their names, or a pattern. All, if none is given.
.PARAMETER Backend
On which backend: the embedded registry, or AWS's protocol over our endpoint.
.PARAMETER Pester
The manifest of Pester, if it is known already.
.EXAMPLE
dotnet pwsh tests/Pester/Run.ps1 Thing -Backend aws
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)] [string] $Name = '*',
    [ValidateSet('embedded', 'aws')] [string] $Backend = 'embedded',
    [string] $Pester
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
if (-not $Pester) {
    $project = Join-Path $PSScriptRoot Pester.proj
    dotnet restore $project --verbosity quiet
    $Pester = dotnet msbuild $project '-getProperty:PesterModule'
}
Import-Module $Pester

$env:CDF_TEST_BACKEND = $Backend
$run = Invoke-Pester -Configuration @{
    Run = @{ Path = @(Get-ChildItem $PSScriptRoot -Filter *.Tests.ps1 | Where-Object Name -Like "$Name*").FullName; PassThru = $true }
    Output = @{ RenderMode = 'Plaintext' }
}
$failed = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
"$($run.PassedCount) passed, $failed failed, $($run.SkippedCount) skipped"
exit [int]($failed -gt 0)
