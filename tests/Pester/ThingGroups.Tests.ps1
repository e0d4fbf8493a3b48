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

    It 'has the things in a dynamic group that its query finds, whenever they are asked for' {
        Add-TestTemplates
        $group = New-CdfThingGroup m7 -Query 'attributes.model:m7' -Tag @{ team = 'field' }
        @{ ThingName = 'a'; Model = 'm7' }, @{ ThingName = 'b'; Model = 'm8' } | New-CdfThing plain

        $group.Query | Should -BeExactly 'attributes.model:m7'
        ($group | Get-CdfThing).ThingName | Should -BeExactly a
        (Get-CdfThing -Query 'attributes.model:m* AND NOT thingName:a').ThingName | Should -BeExactly b
        (Get-OneError { Get-CdfThing -Query 'nosuch:1' }).Exception.Message | Should -BeLike '*invalid field name, field name: nosuch*'
        (Get-OneError { New-CdfThingGroup n -Query * -ParentGroup m7 }).Exception.Message | Should -BeLike '*-ParentGroup or -Query*'
        Remove-CdfThingGroup m7 -Confirm:$false
        Get-CdfThingGroup | Should -BeNullOrEmpty
    }

    It 'keeps tags of whatever has tags and shows them' {
        (New-CdfThingGroup g -Tag @{ stage = 'test'; n = 1 }).Tags['stage'] | Should -BeExactly test
        (New-CdfThingType t -Tag @{ stage = 'test' }).Tags['stage'] | Should -BeExactly test
        (New-CdfPolicy p $policyDocument -Tag @{ stage = 'test' }).Tags['stage'] | Should -BeExactly test
        (New-CdfCertificateAuthority -CommonName c -Tag @{ stage = 'test' }).Tags['stage'] | Should -BeExactly test
        (Get-CdfThingGroup g).Tags['n'] | Should -BeExactly '1'
    }

    It 'creates nothing with WhatIf' {
        New-CdfThingGroup g -WhatIf | Should -BeNullOrEmpty
        Get-CdfThingGroup | Should -BeNullOrEmpty
    }
}
