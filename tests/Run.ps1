#Requires -Version 7.6
<#
.SYNOPSIS
Runs every test of a built solution, as many suites at a time as there are processors, and ends with one summary.
.DESCRIPTION
A suite is an xunit project, or a file of Pester tests on one backend; each runs in a process of its own. A file of Pester tests
that connects to no test registry runs once. What a suite printed is shown at once if it skipped tests, and last of all if some failed.
.PARAMETER Name
Which suites: the beginning of their names, or a pattern. All, if none is given.
.EXAMPLE
./tests/Run.ps1 Pester/Thing
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)] [string] $Name = '*',
    [ValidateRange(1, 64)] [int] $ThrottleLimit = [Environment]::ProcessorCount
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$pesterProject = Join-Path $PSScriptRoot Pester Pester.proj
dotnet restore $pesterProject --verbosity quiet
$pester = dotnet msbuild $pesterProject '-getProperty:PesterModule'
# pwsh as a .NET tool is a library that dotnet runs.
$pwsh = @([Environment]::ProcessPath)
if ((Split-Path -LeafBase $pwsh[0]) -eq 'dotnet') { $pwsh += Join-Path $PSHOME pwsh.dll }

$suites = @(
    foreach ($project in Get-ChildItem $PSScriptRoot -Directory | Where-Object { $_.Name -like '*.Tests' -or $_.Name -eq 'Fuzz' }) {
        $library = Join-Path $project bin Debug net10.0 "$($project.Name).dll"
        @{ Name = $project.Name; Command = 'dotnet', $library, '--progress', 'off', '--no-ansi' }
    }
    # First those that run whole samples, then long files before short ones: what takes longest is not to be what all wait for in the end.
    $files = Get-ChildItem (Join-Path $PSScriptRoot Pester) -Filter *.Tests.ps1 |
        Sort-Object { [bool](Select-String -LiteralPath $_ 'Connect-TestRegistry' -Quiet) }, { -$_.Length }
    foreach ($file in $files) {
        $family = $file.Name.Replace('.Tests.ps1', '')
        $run = $pwsh + '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot Pester Run.ps1), $file.Name, '-Pester', $pester
        if (Select-String -LiteralPath $file 'Connect-TestRegistry' -Quiet) {
            @{ Name = "Pester/$family on embedded"; Command = $run + '-Backend', 'embedded' }
            @{ Name = "Pester/$family on aws"; Command = $run + '-Backend', 'aws' }
        }
        else {
            @{ Name = "Pester/$family"; Command = $run }
        }
    }
).Where{ $_.Name -like "$Name*" }
if (-not $suites) { throw "There is no suite '$Name'." }

# What the processes of the tests are told: most run for seconds, in which optimising what they run often does not pay.
$environment = @{ DOTNET_TieredPGO = '0'; DOTNET_EnableWriteXorExecute = '0' }
# Tests make and remove small files by the ten thousand, which takes memory a fraction of a disk's time.
$memory = '/dev/shm'
$folder = if ((Test-Path $memory) -and [System.IO.DriveInfo]::new($memory).AvailableFreeSpace -gt 4GB -and
    (Get-Content /proc/mounts | Select-String " $memory tmpfs rw" -SimpleMatch) -notmatch '\bnoexec\b') {
    $environment.TMPDIR = Join-Path $memory "cdf-tests-$PID"
    New-Item -ItemType Directory $environment.TMPDIR
}

$clock = [System.Diagnostics.Stopwatch]::StartNew()
$passed = $failed = $skipped = 0
$failures = [System.Collections.Generic.List[string]]::new()
$suites | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    $program, $arguments = $_.Command
    $start = [System.Diagnostics.ProcessStartInfo]::new($program, [string[]]$arguments)
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    ($using:environment).GetEnumerator() | ForEach-Object { $start.Environment[$_.Key] = $_.Value }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $process = [System.Diagnostics.Process]::Start($start)
    $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
    $inTime = $process.WaitForExit([timespan]::FromMinutes(10))
    if (-not $inTime) { $process.Kill($true) }
    @{
        Name = $_.Name; Seconds = $clock.Elapsed.TotalSeconds; ExitCode = $inTime ? $process.ExitCode : 'none within 10 minutes'
        Text = "$($output.Result)`n$($errors.Result)".Trim()
    }
} | ForEach-Object {
    # Pester's runs end in our own line, xunit's in the summary of Microsoft.Testing.Platform.
    $counts = if ($_.Text -match '(?m)^(?<passed>\d+) passed, (?<failed>\d+) failed, (?<skipped>\d+) skipped\r?$' -or
        $_.Text -match '(?m)^\s+failed: (?<failed>\d+)\s+succeeded: (?<passed>\d+)\s+skipped: (?<skipped>\d+)') {
        [int]$Matches.passed, [int]$Matches.failed, [int]$Matches.skipped
    }
    else {
        0, 0, 0
    }
    # A suite that broke off, or that has no test, has failed as well.
    if ($_.ExitCode -ne 0 -and $counts[1] -eq 0) { $counts[1] = 1 }
    $passed, $failed, $skipped = ($passed + $counts[0]), ($failed + $counts[1]), ($skipped + $counts[2])
    '{0,-40} {1,4} passed, {2} failed, {3} skipped, {4:0.0} s' -f $_.Name, $counts[0], $counts[1], $counts[2], $_.Seconds
    $text = $_.Text -replace '(?m)^', '    '
    if ($counts[1]) { $failures.Add("$($_.Name) ended with exit code $($_.ExitCode).`n$text") }
    elseif ($counts[2]) { $text }
}
if ($folder) { Remove-Item -Recurse -Force $folder }
$failures
'{0} suites in {1:0} s' -f $suites.Count, $clock.Elapsed.TotalSeconds
"$passed passed, $failed failed, $skipped skipped"
exit [int]($failed -gt 0)
