BeforeAll { . "$PSScriptRoot/Common.ps1" }

Describe 'Rotating certificates' {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $devices = 'dev-1', 'dev-2', 'dev-3' | ForEach-Object { New-CdfThing withkey @{ ThingName = $_ } -KeyDirectory (Join-Path $folder keys) }
        $old = (Get-CdfThing dev-1, dev-2, dev-3).Certificates.CertificateId
        $newKeys = Join-Path $folder new-keys
    }

    It 'Shows with WhatIf whose certificates would be replaced, and does nothing' {
        'dev-1' | Start-CdfCertificateRotation withkey -KeyDirectory $newKeys -WhatIf
        (Get-CdfThing dev-1).Certificates | Should -HaveCount 1
        Get-CdfCertificateRotation | Should -BeNullOrEmpty
    }

    It 'Gives piped things new certificates with the policies of the old ones, both ACTIVE' {
        $task = Get-CdfThing dev-* | Start-CdfCertificateRotation withkey -KeyDirectory $newKeys -Wait
        $task.SuccessCount | Should -Be 3
        foreach ($name in 'dev-1', 'dev-2', 'dev-3') {
            $certificates = Get-CdfCertificate -ThingName $name
            $certificates.Status | Should -Be ACTIVE, ACTIVE
            $certificates.Policies | Should -Be sensors, sensors
        }
        Get-ChildItem $newKeys -Recurse -Filter '*dev-1*' | Should -Not -BeNullOrEmpty
    }

    It 'Says who has not moved' {
        $rotations = Get-CdfCertificateRotation -State Waiting
        $rotations.ThingName | Should -Be dev-1, dev-2, dev-3
        $rotations.OldCertificateId | Should -Be $old
        (Get-CdfThing dev-2).Certificates.CertificateId | Should -Contain $rotations[1].NewCertificateId
        Get-CdfCertificateRotation -OlderThan 1d | Should -BeNullOrEmpty
    }

    It 'Refuses to rotate what is being rotated' {
        (Get-OneError { 'dev-1' | Start-CdfCertificateRotation withkey -KeyDirectory $newKeys -Wait }).Exception.Message | Should -BeLike '*being rotated already*'
        (Get-OneError { $old[0] | Start-CdfCertificateRotation withkey -KeyDirectory $newKeys -Wait }).Exception.Message | Should -BeLike '*being rotated already*'
        Get-CdfCertificate -ThingName dev-1 | Should -HaveCount 2
    }

    It 'Replaces the certificate of a device that is named twice once, in the order of the names' {
        $null = 'twice-1', 'twice-2' | ForEach-Object { New-CdfThing withkey @{ ThingName = $_ } -KeyDirectory (Join-Path $folder keys) }
        $run = Invoke-Captured { 'twice-2', 'twice-1', 'twice-2' | Start-CdfCertificateRotation withkey -KeyDirectory (Join-Path $folder twice) -Wait }
        $run.Errors | Should -HaveCount 1
        "$($run.Errors[0])" | Should -BeLike "*'twice-2' is named twice*"
        ($run.Output | Get-CdfBulkRegistrationResult).ThingName | Should -Be twice-2, twice-1
        $null = Undo-CdfCertificateRotation twice-* -Force
    }

    It 'Deactivates the old certificates of those that are confirmed alone' {
        (Complete-CdfCertificateRotation -Confirmed dev-1, dev-2 -PassThru).State | Should -Be Completed, Completed
        (Get-CdfCertificate $old[0]).Status | Should -Be INACTIVE
        (Get-CdfCertificate $old[2]).Status | Should -Be ACTIVE
        (Get-CdfCertificateRotation -State Waiting).ThingName | Should -Be dev-3
        Get-OneError { Complete-CdfCertificateRotation -Confirmed dev-1 } | Should -BeLike '*waits to be completed*'
    }

    It 'Takes new certificates back, also of completed rotations' {
        (Undo-CdfCertificateRotation dev-1, dev-3 -PassThru -Confirm:$false).State | Should -Be Undone, Undone
        (Get-CdfCertificate -ThingName dev-1).CertificateId | Should -Be $old[0]
        (Get-CdfCertificate $old[0]).Status | Should -Be ACTIVE
        (Get-CdfCertificate -ThingName dev-3).CertificateId | Should -Be $old[2]
        (Get-CdfCertificateRotation dev-3).State | Should -Be Undone
        (Get-ChildItem $newKeys -File).Name | Should -Be dev-2.pem -Because 'the keys of the others are of no use'
    }

    It 'Makes new certificates of CSRs in a list' {
        $list = Join-Path $folder csrs.csv
        Set-Content (Join-Path $folder dev-3.csr) (New-TestCsr dev-3)
        Set-Content $list "ThingName,CsrFile`ndev-3,dev-3.csr"
        (Start-CdfCertificateRotation sensor-csr $list -CsrFileColumn CsrFile -Wait).SuccessCount | Should -Be 1
        Get-CdfCertificate -ThingName dev-3 | Should -HaveCount 2
        (Get-CdfCertificateRotation dev-3 -State Waiting).OldCertificateId | Should -Be $old[2]
    }

    It 'Leaves the old certificate alone where the new one is gone, and says that the old one has gone' {
        $rotation = Get-CdfCertificateRotation dev-3 -State Waiting
        Remove-CdfCertificate $rotation.OldCertificateId -Confirm:$false
        Get-OneError { Undo-CdfCertificateRotation dev-3 -Confirm:$false } | Should -BeLike '*is gone*'
        $run = Invoke-Captured { Complete-CdfCertificateRotation -Confirmed dev-3 }
        $run.Errors | Should -BeNullOrEmpty
        $run.Warnings | Should -BeLike '*has been deleted meanwhile*'

        $null = 'dev-1' | Start-CdfCertificateRotation withkey -KeyDirectory (Join-Path $folder keys-3) -Wait
        $rotation = Get-CdfCertificateRotation dev-1 -State Waiting
        Remove-CdfCertificate $rotation.NewCertificateId -Confirm:$false
        Get-OneError { Complete-CdfCertificateRotation -Confirmed dev-1 } | Should -BeLike '*stays ACTIVE*'
        (Get-CdfCertificate $old[0]).Status | Should -Be ACTIVE
    }

    It 'Reports things that there are not, and goes on with the others' {
        $run = Invoke-Captured { 'nobody', 'dev-2' | Start-CdfCertificateRotation withkey -KeyDirectory (Join-Path $folder keys-4) -Wait }
        $run.Errors | Should -HaveCount 1
        "$($run.Errors[0])" | Should -BeLike '*nobody*'
        $run.Errors[0].TargetObject | Should -BeExactly nobody
        $run.Output.SuccessCount | Should -Be 1
    }
}

Describe 'Rotating to certificates of ACM PCA' {
    It 'Has it sign the new ones' {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        Set-CdfTemplate acmpca (Join-Path $templates acmpca-with-ca.json)
        $make = { New-CdfCertificateAuthority 'Private CA' }
        # The CA of ACM PCA is the account's: it is made where that is, and used from here.
        $ca = $onAws ? (Invoke-InSession $global:CdfTestAws.Session $make) : (& $make)
        $null = New-CdfThing withkey @{ ThingName = 'dev-1' } -KeyDirectory (Join-Path $folder keys)
        $cdf = @{ acmpcaCaArn = $ca.PrivateCaArn; awsiotCaArn = $ca.Arn; certInfo = @{ commonName = '{ThingName}' } }
        $task = 'dev-1' | Start-CdfCertificateRotation acmpca -CdfParameters $cdf -KeyDirectory (Join-Path $folder new-keys) -Wait

        $task.SuccessCount | Should -Be 1
        $new = Get-CdfCertificate (Get-CdfCertificateRotation dev-1).NewCertificateId
        $new.Issuer | Should -BeLike '*Private CA*'
        $new.Policies | Should -Be sensors
        $new.Things | Should -Be dev-1
    }
}

Describe 'Devices that move to their new certificates' {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        1..3 | ForEach-Object { $null = New-CdfThing withkey @{ ThingName = "dev-$_" } -KeyDirectory (Join-Path $folder keys) }
        $newKeys = Join-Path $folder new-keys
        $null = Get-CdfThing | Start-CdfCertificateRotation withkey -KeyDirectory $newKeys -Wait
    }

    It 'Are seen when they connect to the device port, and their old certificates deactivated' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
        $server = Start-CdfServer -Port 0 -DevicePort 0
        try {
            $endPoint = "localhost:$($server.DeviceAddress.Port)"
            Test-CdfConnection dev-1 -KeyDirectory $newKeys -EndPoint $endPoint -Quiet | Should -BeTrue
            Test-CdfConnection dev-2 -KeyDirectory (Join-Path $folder keys) -EndPoint $endPoint -Quiet | Should -BeTrue
        }
        finally {
            Stop-CdfServer # which has written what it has seen
        }

        (Get-CdfCertificateRotation -State Waiting | Where-Object SeenDate).ThingName | Should -Be dev-1
        (Get-CdfCertificate -ThingName dev-2 | Where-Object LastConnected).CertificateId | Should -Be (Get-CdfCertificateRotation dev-2).OldCertificateId
        (Complete-CdfCertificateRotation -PassThru).ThingName | Should -Be dev-1
        (Get-CdfCertificateRotation -State Waiting).ThingName | Should -Be dev-2, dev-3 -Because 'the one has connected with its old certificate, and the other not at all'
        Get-OneError { Complete-CdfCertificateRotation dev-2 } | Should -BeLike '*has connected with its new certificate*'
    }

    It 'Have to be named on AWS, which does not say who has connected' -Skip:($env:CDF_TEST_BACKEND -ne 'aws') {
        Get-OneError { Complete-CdfCertificateRotation } | Should -BeLike '*-Confirmed*'
        (Complete-CdfCertificateRotation -Confirmed dev-1 -PassThru).State | Should -Be Completed
    }
}

Describe 'A rotation, or a synchronisation, whose process is killed' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $connect = "`$null = Connect-Cdf -Path '$folder/registry' -KeyAlgorithm P256"
        $list = Add-TestFile $folder list.csv (@('ThingName') + (1..300 | ForEach-Object { "many-$_" }) -join "`n")

        # Runs a script in a process of its own, and kills that as soon as devices have been registered.
        function Stop-Midway([string] $Script) {
            $process = Start-Pwsh $folder "$connect; $Script"
            while (-not $process.HasExited -and -not (Get-CdfBulkRegistration | Where-Object { $_.Status -eq 'InProgress' -and $_.SuccessCount -gt 0 })) { Start-Sleep -Milliseconds 20 }
            $process.Kill($true)
            $process.WaitForExit()
        }
    }

    It 'Registers each device once when the list is synchronised again' {
        Stop-Midway "Sync-CdfList withkey '$list' -KeyDirectory '$folder/keys'"
        $null = Sync-CdfList withkey $list -KeyDirectory (Join-Path $folder keys)
        (Compare-CdfList withkey $list | Group-Object State).Name | Should -Be Same
        $things = Get-CdfThing many-*
        $things | Should -HaveCount 300
        $things.Certificates | Should -HaveCount 300
        Get-CdfBulkRegistration | Where-Object Status -EQ Interrupted | Should -BeNullOrEmpty
    }

    It 'Gives each device one new certificate when the task is resumed' {
        Stop-Midway "Get-CdfThing many-* | Start-CdfCertificateRotation withkey -KeyDirectory '$folder/new-keys' -Wait"
        Get-CdfBulkRegistration | Where-Object Status -EQ Interrupted | Resume-CdfBulkRegistration -Wait
        (Get-CdfCertificateRotation many-* -State Waiting) | Should -HaveCount 300
        (Get-CdfThing many-*).Certificates | Should -HaveCount 600
    }
}
