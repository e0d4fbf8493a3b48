#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # Credentials as Get-AWSCredential emits them, of an SDK that is not ours.
    class StoredCredentials {
        [string] $AccessKey
        [string] $SecretKey
        [string] $Token = ''
        [StoredCredentials] GetCredentials() { return $this }
    }
}

Describe 'Connect-Cdf' {
    BeforeEach {
        $folder = New-TestFolder
    }

    It 'tells where the registry is' {
        $info = Connect-Cdf -Path (Join-Path $folder here) -Region eu-central-1 -AccountId 000000000042

        $info.Backend | Should -BeExactly Embedded
        $info.Region | Should -BeExactly eu-central-1
        $info.AccountId | Should -BeExactly '000000000042'
        $info.Path | Should -BeExactly (Join-Path $folder here)
    }

    It 'waits for the disk at every commit with -FullSync: <FullSync>' -ForEach @{ FullSync = $true }, @{ FullSync = $false } {
        $null = Connect-Cdf -Path (Join-Path $folder here) -FullSync:$FullSync

        # Nothing but a power cut shows it: it is read from what the registry was opened with.
        $all = [System.Reflection.BindingFlags]'Instance, Static, Public, NonPublic'
        $session = (Get-Command Connect-Cdf).ImplementingType.Assembly.GetType('CdfProvisioning.PowerShell.SessionConnection').GetProperty('Current', $all).GetValue($null)
        $registry = $session.GetType().GetMethod('GetAsync', $all, @([System.Threading.CancellationToken])).Invoke($session, @([System.Threading.CancellationToken]::None)).AsTask().Result.Registry
        $registry.GetType().GetProperty('Options', $all).GetValue($registry).FullSync | Should -Be $FullSync
    }

    It 'takes a relative path from PowerShell''s location' {
        $project = New-Item -ItemType Directory (Join-Path $folder project)
        Push-Location $project
        try {
            (Connect-Cdf ./registry).Path | Should -BeExactly (Join-Path $project registry)
        }
        finally {
            Pop-Location
        }
    }

    It 'uses the registry of CDF_HOME if it is not called' {
        (Invoke-Pwsh $folder '(Get-CdfConnection).Path').Output.Trim() | Should -BeExactly $folder
    }

    It 'says what is missing to connect to AWS: <Words>' -ForEach @(
        @{ Script = { Connect-Cdf -ProfileName there-is-none -Region eu-west-1 }; Id = 'InvalidRequest'; Words = 'there-is-none' }
        @{ Script = { Connect-Cdf -AccessKey A -SecretKey b -Region eu-west-1 -EndpointUrl http://127.0.0.1:1 }; Id = 'Unavailable'; Words = 'http://127.0.0.1:1' }
        @{ Script = { Connect-Cdf -AccessKey A -SecretKey b -Region eu-west-1 -EndpointUrl localhost }; Id = 'InvalidRequest'; Words = '-EndpointUrl' }
        @{ Script = { Connect-Cdf -AccessKey A -SecretKey b -Region eu-west-1 -EndpointUrl ftp://localhost }; Id = 'InvalidRequest'; Words = '-EndpointUrl' }
        @{ Script = { Connect-Cdf -AccessKey A -Region eu-west-1 }; Id = 'InvalidRequest'; Words = '-SecretKey' }
        @{ Script = { Connect-Cdf -Aws -Region eu-west-1 -BulkBucket lists }; Id = 'InvalidRequest'; Words = '-BulkRoleArn' }
    ) {
        $problem = Get-OneError $Script

        $problem.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $problem.Exception.Message | Should -BeLike "*$Words*"
    }

    It 'connects to AWS with the region and the credentials that the session has stored' {
        $null = Connect-Cdf -Path (Join-Path $folder registry) -AccountId 000000000042 -Region eu-north-1
        $server = Start-CdfServer -Port 0 -AwsPort 0 -AccessKey AKIDSTORED -SecretKey stored
        $global:StoredAWSRegion = 'eu-north-1'
        $global:StoredAWSCredentials = [StoredCredentials]@{ AccessKey = 'AKIDSTORED'; SecretKey = 'stored' }
        function global:Get-AWSCredential { $StoredAWSCredentials }
        try {
            $info = Connect-Cdf -EndpointUrl $server.AwsAddress
        }
        finally {
            Stop-CdfServer
            Remove-Item function:Get-AWSCredential
            Remove-Variable StoredAWSRegion, StoredAWSCredentials -Scope Global
        }

        $info.Backend | Should -BeExactly AWS
        $info.AccountId | Should -BeExactly '000000000042'
        $info.Region | Should -BeExactly eu-north-1
    }

    It 'opens a registry that is as strict as AWS' {
        $path = Join-Path $folder strict
        $null = Connect-Cdf -Path $path -StrictLimits -KeyAlgorithm P256
        $null = New-CdfThingType sensor

        (Get-OneError { Remove-CdfThingType sensor -Confirm:$false }).Exception.Message | Should -BeLike '*5 minutes*'

        $null = Connect-Cdf -Path $path
        Remove-CdfThingType sensor -Confirm:$false
        Get-CdfThingType | Should -BeNullOrEmpty
    }

    It 'is, in a sentence, the registry''s folder, or the account and region at AWS' {
        $path = Join-Path $folder registry
        $aws = Connect-TestAws $path

        "$(Get-CdfConnection)" | Should -BeExactly "AWS $($aws.AccountId) us-east-1"
        "$(Connect-Cdf $path)" | Should -BeExactly "Embedded $path"
    }

    Context 'with a device in a registry' {
        BeforeEach {
            Connect-TestRegistry $folder
            Add-TestTemplates
            Add-TestThings kept
        }

        It 'leaves no connection where a folder cannot be a registry, which is an error' {
            $file = Add-TestFile $folder file 'not a folder'

            $problem = Get-OneError { Connect-Cdf -Path $file }

            $problem.FullyQualifiedErrorId | Should -BeLike 'Unavailable,*'
            $problem.Exception.Message | Should -BeLike "*$file*"
            (Get-OneError { Get-CdfThing kept }).Exception.Message | Should -BeLike '*last Connect-Cdf failed*'
            Connect-TestRegistry $folder
            Get-CdfThing kept | Should -HaveCount 1
        }
    }
}

Describe 'Disconnect-Cdf' {
    It 'leaves a registry that can be moved and opened again' {
        $folder = New-TestFolder
        $null = Connect-Cdf (Join-Path $folder registry)
        Add-TestTemplates
        Add-TestThings moved

        Disconnect-Cdf
        Move-Item (Join-Path $folder registry) (Join-Path $folder elsewhere)
        $null = Connect-Cdf (Join-Path $folder elsewhere)

        Get-CdfThing moved | Should -HaveCount 1
    }

    It 'can be called twice' {
        Connect-TestRegistry (New-TestFolder)

        Disconnect-Cdf
        Disconnect-Cdf
    }
}

Describe 'Which registry' {
    BeforeEach {
        $folder = New-TestFolder
    }

    AfterEach {
        Disconnect-Cdf
    }

    It 'is none after a Connect-Cdf that failed, until the next that does not' {
        $null = Connect-Cdf (Join-Path $folder one)
        { Connect-Cdf -ProfileName there-is-none -Region eu-west-1 } | Should -Throw
        (Get-OneError { Get-CdfThing }).Exception.Message | Should -BeLike '*last Connect-Cdf failed*there-is-none*'
        (Get-OneError { New-CdfThingGroup g }).FullyQualifiedErrorId | Should -BeLike 'Unavailable,*'

        $null = Connect-Cdf (Join-Path $folder one)
        Get-CdfThing | Should -BeNullOrEmpty
        { Connect-Cdf -Aws -Region ../../x } | Should -Throw
        Disconnect-Cdf
        Get-CdfThing | Should -BeNullOrEmpty
    }

    It 'has a region that AWS has: <_>' -ForEach '../../x', 'nowhere-1', 'us-east-1/..' {
        $region = $_
        (Get-OneError { Connect-Cdf (Join-Path $folder here) -Region $region }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        Get-ChildItem $folder -Recurse | Should -BeNullOrEmpty
    }

    It 'is told once, where it may be thought to be AWS''s' {
        $run = Invoke-Captured { Connect-Cdf (Join-Path $folder here) -Region eu-central-1; Get-CdfThing }
        $run.Warnings | Should -HaveCount 1
        "$($run.Warnings)" | Should -BeLike "*embedded registry in '$folder*"

        $run = Invoke-Pwsh $folder '$env:AWS_PROFILE = "prod"; Get-CdfThing; Get-CdfThing'
        ([regex]::Matches($run.Output, 'WARNING')).Count | Should -Be 1
    }

    It 'can be another for one command, in one session: -Connection' {
        $one = Connect-Cdf (Join-Path $folder one) -PassThru
        $two = Connect-Cdf (Join-Path $folder two) -PassThru
        'one', 'two' | ForEach-Object { Set-CdfTemplate plain -Body $plainTemplate -Connection (Get-Variable $_ -ValueOnly) }
        $null = New-CdfThing plain -ThingName a -Connection $one
        $null = @{ ThingName = 'b' } | Start-CdfBulkRegistration plain -Wait

        (Get-CdfThing -Connection $one).ThingName | Should -BeExactly a
        (Get-CdfThing).ThingName | Should -BeExactly b
        (Get-CdfConnection).Path | Should -BeExactly $two.Path
        Disconnect-Cdf -Connection $one
        (Get-CdfThing -Connection $one).ThingName | Should -BeExactly a
        foreach ($command in (Get-Command -Module CdfProvisioning).Where{ $_.Name -ne 'Connect-Cdf' }) {
            $command.Parameters.Keys | Should -Contain Connection -Because $command.Name
        }
    }

    It 'is named by what changes it' {
        $null = Connect-Cdf (Join-Path $folder one)
        "$((Invoke-Captured { New-CdfThingGroup g -Verbose }).Verbose)" | Should -BeLike "*$folder*"
        (Invoke-Pwsh $folder "`$null = Connect-Cdf ./one; New-CdfThingGroup h -WhatIf").Output | Should -BeLike "*$folder*"
    }
}
