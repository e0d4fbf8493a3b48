#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    function Complete([string] $Typed) { (TabExpansion2 $Typed $Typed.Length).CompletionMatches.CompletionText }
}

Describe 'Completion' {
    BeforeAll {
        Connect-TestRegistry (New-TestFolder)
        Add-TestTemplates
        Add-TestThings a1, a2, b1
        $null = New-CdfThingType gauge
        $null = New-CdfThingGroup halls
    }

    It 'completes names from the registry: <Typed>' -ForEach @(
        @{ Typed = 'Get-CdfThing -Name a'; Expected = 'a1', 'a2' }
        @{ Typed = 'Get-CdfThing A'; Expected = 'a1', 'a2' }
        @{ Typed = 'Remove-CdfThing '; Expected = 'a1', 'a2', 'b1' }
        @{ Typed = 'New-CdfThing -TemplateId '; Expected = 'plain', 'sensor-csr', 'withkey' }
        @{ Typed = 'New-CdfThing pl'; Expected = 'plain' }
        @{ Typed = 'Remove-CdfPolicy s'; Expected = 'sensors' }
        @{ Typed = 'Get-CdfThing -ThingType '; Expected = 'gauge' }
        @{ Typed = 'Get-CdfThing -Group '; Expected = 'halls' }
        @{ Typed = 'Set-CdfThingCertificateStatus a1 -Status '; Expected = 'ACTIVE', 'INACTIVE', 'REVOKED' }
    ) {
        Complete $Typed | Should -BeExactly $Expected
    }

    It 'completes ids of authorities and tasks' {
        $authority = New-CdfCertificateAuthority c
        $task = @{ ThingName = 'a3' } | Start-CdfBulkRegistration plain -Wait -PassThru

        Complete 'Get-CdfCertificateAuthority ' | Should -BeExactly $authority.CaId
        Complete 'Wait-CdfBulkRegistration -TaskId ' | Should -BeExactly $task.TaskId
    }
}
