#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Thing types' {
    BeforeEach {
        Connect-TestRegistry (New-TestFolder)
    }

    It 'creates, gets and removes a thing type' {
        (New-CdfThingType t -Description 'd' -SearchableAttribute a, b).Description | Should -BeExactly d
        (Get-CdfThingType t).SearchableAttributes | Should -BeExactly a, b
        Get-CdfThingType | Remove-CdfThingType -Confirm:$false
        Get-CdfThingType | Should -BeNullOrEmpty
    }

    It 'creates nothing with WhatIf' {
        New-CdfThingType t -WhatIf | Should -BeNullOrEmpty
        Get-CdfThingType | Should -BeNullOrEmpty
    }
}
