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
        Set-CdfTemplateAssignment plain /halls/one
    }

    It 'completes names from the registry: <Typed>' -ForEach @(
        @{ Typed = 'Get-CdfThing -Name a'; Expected = 'a1', 'a2' }
        @{ Typed = 'Get-CdfThing A'; Expected = 'a1', 'a2' }
        @{ Typed = 'Get-CdfThing ?2'; Expected = 'a2' }
        @{ Typed = "Get-CdfThing 'B"; Expected = 'b1' }
        @{ Typed = 'Get-CdfThingType G'; Expected = 'gauge' }
        @{ Typed = 'Get-CdfThing -Group h*l'; Expected = 'halls' }
        @{ Typed = 'Remove-CdfThing '; Expected = 'a1', 'a2', 'b1' }
        @{ Typed = 'New-CdfThing -TemplateId '; Expected = 'plain', 'sensor-csr', 'withkey' }
        @{ Typed = 'New-CdfThing pl'; Expected = 'plain' }
        @{ Typed = 'Remove-CdfPolicy s'; Expected = 'sensors' }
        @{ Typed = 'Get-CdfThing -ThingType '; Expected = 'gauge' }
        @{ Typed = 'Get-CdfThing -Group '; Expected = 'halls' }
        @{ Typed = 'Connect-Cdf -Region eu-central'; Expected = 'eu-central-1', 'eu-central-2' }
        @{ Typed = 'New-CdfThing plain -Th'; Expected = '-ThingName' }
        @{ Typed = 'New-CdfThing plain -ThingName x -Model '; Expected = 'm1' }
        @{ Typed = 'New-CdfThing plain -Parameters '; Expected = "@{ ThingName = '' }", "@{ ThingName = '' }", "@{ Model = '' }" }
        @{ Typed = 'New-CdfThing plain -CdfParameters caI'; Expected = "@{ caId = '' }" }
        @{ Typed = 'Resolve-CdfTemplate -GroupPath '; Expected = '/halls/one' }
        @{ Typed = 'Set-CdfThingCertificateStatus a1 -Status '; Expected = 'ACTIVE', 'INACTIVE', 'REVOKED' }
    ) {
        Complete $Typed | Should -BeExactly $Expected
    }

    It 'completes ids of authorities and tasks' {
        $authority = New-CdfCertificateAuthority c
        $task = @{ ThingName = 'a3' } | Start-CdfBulkRegistration plain -Wait -PassThru

        Complete 'Get-CdfCertificateAuthority ' | Should -BeExactly $authority.CaId
        Complete 'Wait-CdfBulkRegistration -TaskId ' | Should -BeExactly $task.TaskId
        $typed = 'Wait-CdfBulkRegistration -TaskId '
        (TabExpansion2 $typed $typed.Length).CompletionMatches[0].ToolTip | Should -BeLike 'plain, Completed 100%, 1 rows*'
    }
}
