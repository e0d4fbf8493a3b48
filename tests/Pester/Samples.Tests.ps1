#Requires -Version 7.6

# The samples end well, and leave nothing behind: their keys neither.

BeforeDiscovery {
    $samples = (Get-ChildItem ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'samples', '*.ps1')) -Exclude serve.ps1).Name
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The sample <_>' -ForEach $samples {
    It 'runs without an error and leaves no file behind' {
        $folder = New-TestFolder
        $temporary = New-TestFolder
        $run = Invoke-Pwsh $folder "`$env:TMPDIR = '$temporary'; & '$(Join-Path $repository module samples $_)'"

        $run.Error | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Not -BeNullOrEmpty
        Get-ChildItem $temporary -Force -Filter 'cdf-*' | Should -BeNullOrEmpty
    }
}
