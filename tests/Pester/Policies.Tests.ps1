#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Policies' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
    }

    It 'creates, gets and removes a policy' {
        $policy = New-CdfPolicy p -Path (Add-TestFile $folder p.json $policyDocument)

        $policy.PolicyName | Should -BeExactly p
        $policy.PolicyDocument | Should -BeExactly $policyDocument
        Get-CdfPolicy P* | Should -HaveCount 1
        Get-CdfPolicy | Remove-CdfPolicy -Confirm:$false
        Get-CdfPolicy | Should -BeNullOrEmpty
    }

    It 'does not remove a policy that is attached' {
        Add-TestTemplates
        $null = New-CdfThing withkey @{ ThingName = 'a' }

        (Get-OneError { Remove-CdfPolicy sensors -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'Conflict,*'
    }

    It 'does not create a policy that exists' {
        $null = New-CdfPolicy p $policyDocument

        (Get-OneError { New-CdfPolicy p $policyDocument }).FullyQualifiedErrorId | Should -BeLike 'Conflict,*'
    }

    It 'creates nothing with WhatIf' {
        New-CdfPolicy p $policyDocument -WhatIf | Should -BeNullOrEmpty
        Get-CdfPolicy | Should -BeNullOrEmpty
    }
}
