#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Thing groups' {
    BeforeEach {
        Connect-TestRegistry (New-TestFolder)
    }

    It 'knows the parent of a group, which cannot be removed before it' {
        $null = New-CdfThingGroup top -Description 'd' -Attribute @{ site = 'ulm' }

        (New-CdfThingGroup inner -ParentGroup top).ParentGroupName | Should -BeExactly top
        (Get-CdfThingGroup top).Attributes['site'] | Should -BeExactly ulm
        $null = Get-OneError { Remove-CdfThingGroup top -Confirm:$false }
        Remove-CdfThingGroup inner, top -Confirm:$false
        (Get-OneError { Remove-CdfThingGroup top -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'creates nothing with WhatIf' {
        New-CdfThingGroup g -WhatIf | Should -BeNullOrEmpty
        Get-CdfThingGroup | Should -BeNullOrEmpty
    }
}
