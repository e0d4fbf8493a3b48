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

    It 'says which command builds it if it is imported before it is built' {
        $folder = New-TestFolder
        $null = New-Item -ItemType Directory (Join-Path $folder module)
        'CdfProvisioning.psd1', 'module/CdfProvisioning.psm1', 'module/CdfProvisioning.Format.ps1xml', 'module/CdfProvisioning.Types.ps1xml' |
            ForEach-Object { Copy-Item (Join-Path $repository $_) (Join-Path $folder $_) }

        $run = Invoke-Pwsh $folder 'Remove-Module CdfProvisioning; Import-Module ./CdfProvisioning.psd1'

        $run.Output + $run.Error | Should -BeLike '*dotnet build*'
        $run.ExitCode | Should -Be 1
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
