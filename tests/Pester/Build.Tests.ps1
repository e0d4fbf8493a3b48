#Requires -Version 7.6

Describe 'build.ps1' {
    BeforeAll {
        function dotnet { "dotnet $args" }
    }

    It 'hands <Task> to dotnet as it is shown' -ForEach @(
        @{ Task = 'Build'; Command = 'dotnet build Provisioning.sln' }
        @{ Task = 'Package'; Command = 'dotnet build src/CdfProvisioning.PowerShell --configuration Release -t:PackageModule' }
    ) {
        Push-Location
        try {
            & ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'build.ps1')) $Task 6>$null | Should -Be $Command
        }
        finally {
            Pop-Location
        }
    }
}
