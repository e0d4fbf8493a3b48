<#
.SYNOPSIS
Runs the tests of this folder, with the Pester that Pester.proj names, and fails if one of them does.
.EXAMPLE
dotnet tool restore; dotnet pwsh -NoProfile tests/Pester/Run.ps1
#>
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$project = [System.IO.Path]::Combine($PSScriptRoot, 'Pester.proj')
dotnet restore $project --verbosity quiet
Import-Module (dotnet msbuild $project '-getProperty:PesterModule')
$run = Invoke-Pester -Path $PSScriptRoot -PassThru
if ($run.Result -ne 'Passed') { throw "$($run.FailedCount) of the tests in tests/Pester failed." }
