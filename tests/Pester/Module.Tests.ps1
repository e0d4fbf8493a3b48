#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $data = Import-PowerShellDataFile $manifest
}

Describe 'The module' {
    It 'exports what its manifest lists and nothing else' {
        $cmdlets = (Get-Command Get-CdfThing).ImplementingType.Assembly.GetExportedTypes().Name -clike '*Command'

        (Get-Module CdfProvisioning).ExportedCommands.Keys | Sort-Object | Should -BeExactly ($data.CmdletsToExport | Sort-Object)
        $cmdlets | Should -HaveCount $data.CmdletsToExport.Count
    }

    It 'removes and changes by pattern, does not ask with -Force, and finds out in a plan that there is no such thing' {
        $folder = New-TestFolder
        $null = Connect-Cdf (Join-Path $folder registry)
        # What the other removals and changes name is a pair or more, not a thing of its own.
        $commands = Get-Command -Module CdfProvisioning -Verb Remove, Set | Where-Object Name -notmatch 'Assignment|Member|Set-CdfPolicy|Set-CdfTemplate'
        $commands.Count | Should -BeGreaterThan 12

        foreach ($command in $commands) {
            $name = $command.Parameters.Values.Where{ $_.Attributes.Position -contains 0 }[0].Name
            $command.ImplementingType.GetProperty($name).IsDefined([System.Management.Automation.SupportsWildcardsAttribute], $true) | Should -BeTrue -Because $command.Name
            if ($command.Verb -eq 'Remove') { $command.Parameters.Keys | Should -Contain Force -Because $command.Name }

            $none = $name -in 'Id', 'CaId' ? 'a' * 64 : $name -eq 'TaskId' ? '00000000-0000-0000-0000-000000000000' : 'no-such-thing'
            $more = switch ($command.Name) {
                'Set-CdfCertificate' { @{ Status = 'INACTIVE' } }
                'Set-CdfThingCertificateStatus' { @{ Status = 'INACTIVE' } }
                'Set-CdfCertificateAuthority' { @{ AutoRegistration = $true } }
                'Set-CdfProvisioningTemplate' { @{ Description = 'x' } }
                'Set-CdfThing' { @{ Attribute = @{ a = 'b' } } }
                default { @{} }
            }
            $more[$name] = $none
            & $command @more -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue
            $problems | Should -HaveCount 1 -Because "$($command.Name) -WhatIf"
        }
        Disconnect-Cdf
    }

    It 'does not ask with -Force, whatever asks without' {
        $asking = Get-Command -Module CdfProvisioning | Where-Object { $_.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false).ConfirmImpact -eq 'High' }
        $asking.Name | Should -Contain Sync-CdfList
        foreach ($command in $asking) { $command.Parameters.Keys | Should -Contain Force -Because $command.Name }
    }

    It 'has one version in its manifest and its assemblies' {
        (Get-Command Get-CdfThing).ImplementingType.Assembly.GetName().Version.ToString(3) | Should -BeExactly $data.ModuleVersion
    }

    It 'can be imported again with -Force' {
        Import-Module $manifest -Force
        Import-Module $manifest -Force

        (Get-Module CdfProvisioning).ExportedCommands.Keys | Should -HaveCount $data.CmdletsToExport.Count
        $null = Connect-Cdf -Path (Join-Path (New-TestFolder) registry)
    }

    It 'says which assembly it lacks if it is imported before it is built' {
        $folder = New-TestFolder
        $null = New-Item -ItemType Directory (Join-Path $folder module)
        'CdfProvisioning.psd1', 'module/CdfProvisioning.psm1', 'module/CdfProvisioning.Format.ps1xml', 'module/CdfProvisioning.Types.ps1xml' |
            ForEach-Object { Copy-Item (Join-Path $repository $_) (Join-Path $folder $_) }
        $manifest = Join-Path $folder CdfProvisioning.psd1

        $run = Invoke-Pwsh $folder

        $run.Error | Should -BeLike '*CdfProvisioning.Loader*cannot find the file*'
        $run.ExitCode | Should -Be 1
    }
}

Describe 'The manifest' {
    It 'names no address that there is not' {
        # The module has no site of its own, and its help comes with it: neither ProjectUri nor HelpInfoUri is made up.
        $data.PrivateData.PSData.LicenseUri | Should -Match '^https://'
        $data.PrivateData.PSData.ReleaseNotes | Should -Match ([regex]::Escape($data.ModuleVersion))
        Get-Content $manifest -Raw | Should -Not -Match '\.example/|\.invalid|ProjectUri|HelpInfoUri'
    }
}

Describe 'A session of the module' {
    BeforeEach {
        $folder = New-TestFolder
        $registry = Join-Path $folder registry
        $session = New-Session
        Invoke-InSession $session {
            $null = Connect-Cdf $args[0]
            Set-CdfTemplate plain -Body $args[1]
        } $registry $plainTemplate
    }

    AfterEach {
        $session.Dispose()
    }

    It 'has no commands and no connection when the module is removed' {
        Invoke-InSession $session {
            Remove-Module CdfProvisioning
            Get-Module Cdf*
            Get-Command Get-CdfThing -ErrorAction Ignore
        } | Should -BeNullOrEmpty
        Remove-Item $registry -Recurse
    }

    It 'has a connection of its own beside another''s' {
        $null = Connect-Cdf (Join-Path $folder other)
        Set-CdfTemplate plain -Body $plainTemplate
        Add-TestThings of-the-other

        Invoke-InSession $session {
            $null = New-CdfThing plain @{ ThingName = 'of-one' }
            Remove-Module CdfProvisioning
        }

        (Get-CdfThing).ThingName | Should -BeExactly of-the-other
    }

    It 'shares the registry of one folder with another' {
        $null = Connect-Cdf $registry

        Invoke-InSession $session { $null = New-CdfThing plain @{ ThingName = 'shared' } }

        Get-CdfThing shared | Should -HaveCount 1
    }

    It 'has each runspace of ForEach-Object -Parallel use the one registry' {
        $null = Connect-Cdf $registry
        Add-TestThings one

        $names = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            $null = Connect-Cdf $using:registry
            (Get-CdfThing one).ThingName
        }

        $names | Should -Be one, one, one, one
    }
}

Describe 'The package' {
    It 'is installed as the README says, with its templates, and provisions a device' -Skip:($IsWindows -or -not (Get-Module Microsoft.PowerShell.PSResourceGet -ListAvailable)) {
        $folder = New-TestFolder
        $packed = dotnet build (Join-Path $repository src CdfProvisioning.PowerShell) --no-restore -t:PackageModule -p:PackagesFolder=$folder/out/ -v:q
        $LASTEXITCODE | Should -Be 0 -Because "$packed"
        $block = [regex]::Matches((Get-Content (Join-Path $repository README.md) -Raw), '(?s)```powershell\r?\n(.*?)```').ForEach{ $_.Groups[1].Value }.Where{ $_ -match 'Install-PSResource' }
        $lines = ($block -split "`n").Where{ $_ -notmatch 'build\.ps1' } -join "`n"
        $homes = $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME
        $env:HOME = $folder # where PowerShell keeps a user's modules and repositories, unless it is told otherwise
        $env:PSModulePath = $env:XDG_DATA_HOME = $null
        try {
            $install = Invoke-Pwsh $folder "Remove-Module CdfProvisioning; `$ErrorActionPreference = 'Stop'; $lines"
            $manifest = 'CdfProvisioning' # found by its name, as anyone who has installed it does
            $use = Invoke-Pwsh $folder '(Get-Module CdfProvisioning).ModuleBase; Test-CdfTemplate -Path (Join-Path (Get-Module CdfProvisioning).ModuleBase module templates sensor.json) -WarningAction Ignore; (Get-Help New-CdfThing).Synopsis'
        }
        finally {
            $env:HOME, $env:PSModulePath, $env:XDG_DATA_HOME = $homes
        }

        $install.ExitCode | Should -Be 0 -Because $install.Error
        $install.Output | Should -BeLike '*sensor.json*'
        $use.Output | Should -BeLike "$folder*"
        $use.Output | Should -BeLike '*Provisions a device*'
        $use.ExitCode | Should -Be 0 -Because $use.Error
    }
}
