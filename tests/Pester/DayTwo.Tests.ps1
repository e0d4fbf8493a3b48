#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Things that exist' {
    BeforeEach {
        Connect-TestRegistry (New-TestFolder)
        Add-TestTemplates
        New-CdfThingType sensor | Out-Null
        'plant', 'hall-1', 'hall-2' | New-CdfThingGroup | Out-Null
        Add-TestThings sensor-1, sensor-2, sensor-3
    }

    It 'get attributes, merged with those they have or in their place' {
        Set-CdfThing sensor-1 -Attribute @{ site = 'ulm' }
        $attributes = (Get-CdfThing sensor-1).Attributes
        $attributes['site'] | Should -Be ulm
        $attributes['model'] | Should -Be m1

        Set-CdfThing sensor-1 -Attribute @{ model = '' }
        (Get-CdfThing sensor-1).Attributes.Keys | Should -Be site

        (Set-CdfThing sensor-1 -Attribute @{ line = '7' } -ReplaceAttributes -PassThru).Attributes.Keys | Should -Be line
    }

    It 'get a type, groups and a billing group, and lose them again' {
        New-CdfBillingGroup plant-7 | Out-Null

        $thing = Get-CdfThing sensor-1 | Set-CdfThing -ThingType sensor -AddGroup hall-1, hall-2 -BillingGroup plant-7 -PassThru
        $thing.ThingType | Should -Be sensor
        $thing.Groups.GroupName | Sort-Object | Should -Be hall-1, hall-2

        $thing = Set-CdfThing sensor-1 -ThingType '' -RemoveGroup hall-1 -BillingGroup '' -PassThru
        $thing.ThingType | Should -BeNullOrEmpty
        $thing.Groups.GroupName | Should -Be hall-2
    }

    It 'are not made by being changed' {
        { Set-CdfThing nobody -Attribute @{ site = 'ulm' } } | Should -Throw -ErrorId 'NotFound,*'
        { Add-CdfThingGroupMember hall-1 nobody } | Should -Throw -ErrorId 'NotFound,*'
        Get-CdfThing nobod* | Should -BeNullOrEmpty
    }

    It 'are found by their attributes and in the groups below a group' {
        New-CdfThingGroup below -ParentGroup plant | Out-Null
        Set-CdfThing sensor-1 -Attribute @{ site = 'ulm'; line = '1' } -AddGroup below
        Set-CdfThing sensor-2 -Attribute @{ site = 'ulm'; line = '2' } -AddGroup plant
        Set-CdfThing sensor-3 -Attribute @{ site = 'bonn' } -AddGroup below

        (Get-CdfThing -Attribute @{ site = 'ulm' }).ThingName | Should -Be sensor-1, sensor-2
        (Get-CdfThing -Attribute @{ site = 'ulm'; line = '2' }).ThingName | Should -Be sensor-2
        (Get-CdfThing -Group plant).ThingName | Should -Be sensor-2
        (Get-CdfThing -Group plant -Recurse).ThingName | Sort-Object | Should -Be sensor-1, sensor-2, sensor-3
        (Get-CdfThing -Group plant -Recurse -Attribute @{ site = 'bonn' }).ThingName | Should -Be sensor-3
    }

    It 'are added to a group and taken out of it from the pipeline' {
        Get-CdfThing sensor-* | Add-CdfThingGroupMember hall-1
        Get-CdfThing -Group hall-1 | Should -HaveCount 3
        Remove-CdfThingGroupMember hall-1 sensor-1, sensor-2
        (Get-CdfThing -Group hall-1).ThingName | Should -Be sensor-3
        Add-CdfThingGroupMember hall-1 sensor-[12]
        Remove-CdfThingGroupMember hall-1 *-3
        (Get-CdfThing -Group hall-1).ThingName | Sort-Object | Should -Be sensor-1, sensor-2
    }
}

Describe 'Policies that are attached' {
    BeforeEach {
        Connect-TestRegistry (New-TestFolder)
        New-CdfPolicy sensors $policyDocument | Out-Null
    }

    It 'allow something else from now on, in a new version' {
        $changed = $policyDocument.Replace('iot:Connect', 'iot:Publish')

        Set-CdfPolicy sensors $changed -WhatIf
        (Get-CdfPolicy sensors).DefaultVersionId | Should -Be 1

        $policy = Set-CdfPolicy sensors $changed -PassThru
        $policy.DefaultVersionId | Should -Be 2
        $policy.PolicyDocument | Should -BeLike '*iot:Publish*'
        (Set-CdfPolicy sensors $changed -PassThru).DefaultVersionId | Should -Be 2
    }

    It 'drop their oldest unused version at five' {
        1..7 | ForEach-Object { Set-CdfPolicy sensors $policyDocument.Replace('"*"', "`"arn:aws:iot:us-east-1:123456789012:client/c$_`"") }
        (Get-CdfPolicy sensors).PolicyDocument | Should -BeLike '*client/c7*'
    }

    It 'stay as they are where the new document is none' {
        { Set-CdfPolicy sensors '{}' } | Should -Throw -ErrorId 'InvalidRequest,*'
        { Set-CdfPolicy nothing $policyDocument } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'Billing groups' {
    BeforeEach { Connect-TestRegistry (New-TestFolder) }

    It 'are created, got and removed' {
        (New-CdfBillingGroup plant-7 -Description 'Plant 7').Description | Should -Be 'Plant 7'
        New-CdfBillingGroup plant-8 | Out-Null
        (Get-CdfBillingGroup plant-*).BillingGroupName | Should -Be plant-7, plant-8
        Remove-CdfBillingGroup plant-7 -Confirm:$false
        (Get-CdfBillingGroup).BillingGroupName | Should -Be plant-8
        { Remove-CdfBillingGroup plant-7 -Confirm:$false } | Should -Throw -ErrorId 'NotFound,*'
    }
}
