#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'One key file' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $file = Join-Path $folder keys.jsonl
    }

    It 'has a line for each device of a list, from which Export-CdfKey makes a file each' {
        1..3 | ForEach-Object { @{ ThingName = "a$_" } } | Start-CdfBulkRegistration withkey -KeyFile $file -Wait

        $lines = Get-Content $file | ConvertFrom-Json
        $lines.thing | Should -BeExactly a1, a2, a3
        $lines.row | Should -Be 1, 2, 3
        $lines.certificateId | Should -BeExactly ('a1', 'a2', 'a3' | ForEach-Object { (Get-CdfThing $_).Certificates.CertificateId })
        if (-not $IsWindows) {
            (Get-Item $file).UnixMode | Should -BeExactly '-rw-------'
        }

        $devices = Export-CdfKey -KeyFile $file -KeyDirectory (Join-Path $folder keys) -ThingName 'a[12]'
        $devices.ThingName | Should -BeExactly a1, a2
        $pair = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($devices[0].KeyFile)
        $pair.HasPrivateKey | Should -BeTrue
        $pair.GetCertHashString('SHA256') | Should -Be $devices[0].CertificateId
        (Export-CdfKey $file (Join-Path $folder keys)).ThingName | Should -BeExactly a1, a2, a3
    }

    It 'is refused by a plan as by the run where it cannot be used: <Case>' -ForEach @(
        @{ Case = 'a folder in the place of the key file'; Keys = 'KeyFile'; Kind = 'Directory' }
        @{ Case = 'another file in the place of the key file'; Keys = 'KeyFile'; Kind = 'File' }
        @{ Case = 'a file in the place of the key folder'; Keys = 'KeyDirectory'; Kind = 'File' }
    ) {
        $there = Join-Path $folder there
        $null = New-Item -ItemType $Kind $there -Value text
        $keys = @{ $Keys = $there }
        $device = [pscustomobject]@{ ThingName = 'a1' }

        $refusal = (Get-OneError { $device | Start-CdfBulkRegistration withkey @keys -Wait }).Exception.Message

        (Get-OneError { $device | Start-CdfBulkRegistration withkey @keys -WhatIf }).Exception.Message | Should -BeExactly $refusal
        (Get-OneError { $device | Sync-CdfList withkey @keys -WhatIf }).Exception.Message | Should -BeExactly $refusal
        (Get-OneError { $device | Sync-CdfList withkey @keys }).Exception.Message | Should -BeExactly $refusal
        if ($Keys -eq 'KeyDirectory') {
            (Get-OneError { New-CdfThing withkey -ThingName a1 @keys -WhatIf }).Exception.Message | Should -BeExactly $refusal
        }
    }

    It 'can be read by its recipient alone' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
        $rsa = [System.Security.Cryptography.RSA]::Create(2048)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
            'CN=Factory', $rsa, [System.Security.Cryptography.HashAlgorithmName]::SHA256, [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1))
        $cer = Join-Path $folder factory.cer
        [System.IO.File]::WriteAllBytes($cer, $certificate.Export('Cert'))
        $pem = Add-TestFile $folder factory.pem $certificate.ExportCertificatePem()
        $key = Add-TestFile $folder factory.key $rsa.ExportPkcs8PrivateKeyPem()

        @{ ThingName = 'a1' }, @{ ThingName = 'a2' } | Start-CdfBulkRegistration withkey -KeyFile $file -KeyRecipient $cer -Wait

        Get-Content $file -Raw | Should -Not -Match 'privateKey|PRIVATE KEY'
        $clear = Unprotect-CdfKeyFile $file -Certificate $pem -PrivateKey $key -Destination (Join-Path $folder clear.jsonl)
        (Get-Content $clear | ConvertFrom-Json).thing | Should -BeExactly a1, a2
        (Get-OneError { Export-CdfKey $file (Join-Path $folder keys) }).Exception.Message | Should -BeLike '*encrypted*'
        (Export-CdfKey $file (Join-Path $folder keys) -Certificate $pem -PrivateKey $key).ThingName | Should -BeExactly a1, a2
    }

    It 'or a folder, and not both' {
        $problem = Get-OneError { @{ ThingName = 'a' } | Start-CdfBulkRegistration withkey -KeyFile $file -KeyDirectory (Join-Path $folder keys) -Wait }

        $problem.Exception.Message | Should -BeLike '*-KeyDirectory*-KeyFile*'
        Get-CdfThing | Should -BeNullOrEmpty
    }
}

Describe 'A command that is stopped at any moment' {
    BeforeAll {
        function Get-CertificateId([string] $Pem) { (Read-Pem $Pem).GetCertHashString('SHA256').ToLowerInvariant() }

        # The certificates whose keys are in the files of a folder, each with the key that it belongs to.
        function Get-FiledId([string] $Folder) {
            Get-ChildItem $Folder -Filter *.pem -ErrorAction Ignore | ForEach-Object {
                [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($_.FullName).GetCertHashString('SHA256').ToLowerInvariant()
            }
        }
    }

    BeforeEach {
        # Beside the registry, or, on AWS, beside this computer's journal of it.
        function Get-UndeliveredFolder { Get-ChildItem $folder -Recurse -Directory -Filter undelivered-keys }

        $folder = New-TestFolder
        $env:CDF_HOME = $folder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $keys = Join-Path $folder keys
        $file = Join-Path $folder keys.jsonl
    }

    AfterEach {
        $env:CDF_HOME = Join-Path $TestDrive home
    }

    It 'leaves no certificate without its key, and no key without its certificate: <Name>' -ForEach @(
        @{ Name = 'devices whose keys are in the output'; Script = 'New-CdfThing withkey -Connection $args[0]' }
        @{ Name = 'devices whose keys are in files'; Script = 'New-CdfThing withkey -KeyDirectory $args[2] -Connection $args[0]' }
        @{ Name = 'a list whose keys are in files'; Script = 'Start-CdfBulkRegistration withkey -KeyDirectory $args[2] -Wait -Connection $args[0]' }
        @{ Name = 'a list whose keys are in one file'; Script = 'Start-CdfBulkRegistration withkey -KeyFile $args[3] -Wait -Connection $args[0]' }
    ) {
        $connection = Get-CdfConnection
        $outputs = foreach ($round in 0..11) {
            $session = New-Session
            $pipeline = New-Pipeline $session "1..40 | ForEach-Object { @{ ThingName = `"t`$(`$args[1])-`$_`" } } | $Script" @($connection, $round, $keys, $file)
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $run = $pipeline.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            # The first round runs to its end and tells how long that takes; the others are stopped somewhere in it.
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            if ($round -eq 0) {
                $null = $run.AsyncWaitHandle.WaitOne()
                $length = $clock.Elapsed
            }
            else {
                $null = $run.AsyncWaitHandle.WaitOne($length * $round / 12)
                $pipeline.Stop()
            }
            $output
            $session.Dispose()
        }
        Get-CdfBulkRegistration | Where-Object Status -EQ Interrupted | Stop-CdfBulkRegistration

        $registered = @((Get-CdfThing).Certificates.CertificateId | Sort-Object)
        $known = @(
            $outputs | Where-Object { $_.PSObject.Properties['PrivateKey'] } | ForEach-Object { Get-CertificateId $_.CertificatePem; $null = Read-Pem $_.CertificatePem $_.PrivateKey }
            Get-FiledId $keys
            Get-UndeliveredFolder | ForEach-Object { Get-FiledId $_ }
            if (Test-Path $file) { Get-Content $file | ConvertFrom-Json | ForEach-Object certificateId }
        )
        $registered.Count | Should -BeGreaterThan 39
        (Get-CdfCertificate).CertificateId | Sort-Object | Should -BeExactly $registered
        $known | Sort-Object -Unique | Should -BeExactly $registered
    }

    It 'puts the key of a device that was just being registered into a private file, and says where' -Skip:($IsWindows) {
        $null = Add-TestFile $folder withkey.json $withKeyTemplate
        $said = for ($attempt = 1; $attempt -le 20; $attempt++) {
            $process = Start-Pwsh $folder "`$null = Connect-Cdf ./own-$attempt -KeyAlgorithm P256; Set-CdfTemplate withkey ./withkey.json; `$null = New-CdfPolicy sensors '$policyDocument'; 1..2000 | ForEach-Object { @{ ThingName = `"t`$_`" } } | New-CdfThing withkey | ForEach-Object { [Console]::Out.WriteLine(`$_.CertificatePem.Replace(`"``n`", '|')) }"
            $output = [System.Collections.Generic.List[string]]::new()
            $output.Add($process.StandardOutput.ReadLine())
            kill -INT $process.Id
            $rest = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            $output.AddRange([string[]]($rest -split "`n" -match '-----BEGIN'))

            $own = Connect-Cdf (Join-Path $folder "own-$attempt") -PassThru
            $registered = @((Get-CdfThing -Connection $own).Certificates.CertificateId)
            $handed = @($output | ForEach-Object { Get-CertificateId $_.Replace('|', "`n") })
            $kept = @(Get-UndeliveredFolder | ForEach-Object { Get-FiledId $_ } | Where-Object { $_ -in $registered })
            $handed + $kept | Sort-Object -Unique | Should -BeExactly @($registered | Sort-Object)
            if ($kept) { $rest; break }
        }

        $files = Get-UndeliveredFolder | Get-ChildItem -Filter *.pem
        $files | Should -HaveCount 1
        $files.UnixMode | Should -BeExactly '-rw-------'
        ($said -replace '\s') | Should -Match ([regex]::Escape(($files.FullName -replace '\s')))
        Disconnect-Cdf
    }
}

BeforeDiscovery {
    # A file system of a few pages takes the right to mount one.
    $disk = Join-Path ([System.IO.Path]::GetTempPath()) "cdf-$([guid]::NewGuid())"
    $canMount = $IsLinux -and $(
        $null = New-Item $disk -ItemType Directory
        mount -t tmpfs -o size=64k tmpfs $disk 2>$null
        $LASTEXITCODE -eq 0
        umount $disk 2>$null
        Remove-Item $disk
    )
}

Describe 'A full disk' -Skip:(-not $canMount) {
    BeforeAll {
        function Get-RegisteredId { @((Get-CdfCertificate).CertificateId | Where-Object { $_ -notin $before } | Sort-Object) }

        # The certificates of the keys on the disk, but for those of devices that are not registered yet, as the file says.
        function Get-KeyedId {
            $ids = @(
                Get-ChildItem $disk -Recurse -Force -Filter *.pem | ForEach-Object {
                    $id = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($_.FullName).GetCertHashString('SHA256').ToLowerInvariant()
                    if ($id -in $registered -or -not (Select-String -Quiet 'no device has this key yet' -LiteralPath $_.FullName)) { $id }
                }
                if (Test-Path $file) { Get-Content $file | ConvertFrom-Json | ForEach-Object certificateId }
            )
            @($ids | Sort-Object)
        }
    }

    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $disk = New-Item (Join-Path $folder disk) -ItemType Directory
        mount -t tmpfs -o size=64k,mode=700 tmpfs $disk
        $keys = Join-Path $disk keys
        $file = Join-Path $disk keys.jsonl
        $devices = 1..80 | ForEach-Object { @{ ThingName = "t$_" } }
    }

    AfterEach {
        umount -l $disk
    }

    It 'leaves no certificate without its key, and no key without its certificate: <Name>' -ForEach @(
        @{ Name = 'devices'; Script = { $devices | New-CdfThing withkey -KeyDirectory $keys } }
        @{ Name = 'a list whose keys are in files'; Script = { $devices | Start-CdfBulkRegistration withkey -KeyDirectory $keys -Wait } }
        @{ Name = 'a list whose keys are in one file'; Script = { $devices | Start-CdfBulkRegistration withkey -KeyFile $file -Wait } }
        @{ Name = 'a rotation'; IsRotation = $true; Script = { Get-CdfThing | Start-CdfCertificateRotation withkey -KeyDirectory $keys -Wait } }
    ) {
        if ($IsRotation) { $null = $devices | Start-CdfBulkRegistration withkey -KeyDirectory (Join-Path $folder old-keys) -Wait }
        $before = @((Get-CdfCertificate).CertificateId)

        $run = Invoke-Captured $Script

        $run.Errors[0].Exception.Message | Should -BeLike '*No space left on device*'
        $registered = Get-RegisteredId
        $registered.Count | Should -BeLessThan $devices.Count
        Get-KeyedId | Should -BeExactly $registered

        mount -o remount,size=8m $disk
        Get-CdfBulkRegistration | Where-Object Status -EQ Interrupted | Resume-CdfBulkRegistration -Wait
        $registered = Get-RegisteredId
        $registered.Count | Should -Be ($Name -eq 'devices' ? $run.Output.Count : $devices.Count)
        Get-KeyedId | Should -BeExactly $registered
    }

    It 'leaves nothing of keys that are decrypted, or of requests, however few' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
        $rsa = [System.Security.Cryptography.RSA]::Create(2048)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=recipient', $rsa, 'SHA256', [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $recipient = Add-TestFile $folder recipient.pem $request.CreateSelfSigned([datetime]::Now.AddDays(-1), [datetime]::Now.AddDays(9)).ExportCertificatePem()
        $own = Add-TestFile $folder recipient.key $rsa.ExportPkcs8PrivateKeyPem()
        $sealed = Join-Path $folder sealed.pem
        $null = $devices | Select-Object -First 2 | Start-CdfBulkRegistration withkey -KeyFile $sealed -KeyRecipient $recipient -Wait
        { [System.IO.File]::WriteAllBytes((Join-Path $disk filler), [byte[]]::new(1mb)) } | Should -Throw '*No space left on device*'

        $run = Invoke-Captured {
            Unprotect-CdfKeyFile $sealed (Join-Path $disk plain.jsonl) -Certificate $recipient -PrivateKey $own
            $devices | Select-Object -First 2 | Export-CdfSigningRequest (Join-Path $disk requests.pem) -KeyDirectory (Join-Path $folder waiting)
        }

        "$($run.Errors)" | Should -BeLike '*The file for the keys*No space left on device*The file of signing requests*No space left on device*'
        (Get-ChildItem $disk -Force).Name | Should -Be filler
    }

    It 'is what a server says, which ends all the same' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
        $temporary = $env:TMPDIR
        mount -o remount,size=4m $disk
        Connect-TestRegistry $disk
        Add-TestTemplates
        try {
            $server = Start-CdfServer -Port 0 -LogPath (Join-Path $disk requests.log)
            $env:TMPDIR = $disk
            { [System.IO.File]::WriteAllBytes((Join-Path $disk filler), [byte[]]::new(4mb)) } | Should -Throw '*No space left on device*'
            $list = @{ parameters = @(1..5000 | ForEach-Object { @{ ThingName = "t$_" } }); provisioningTemplateId = 'plain' } | ConvertTo-Json -Depth 5

            $answers = foreach ($request in @{ Uri = 'health' }, @{ Uri = 'bulkthings'; Method = 'Post'; Body = $list }) {
                $request.Uri = "$($server.Address)$($request.Uri)"
                Invoke-WebRequest @request -ContentType application/json -SkipHttpErrorCheck
            }

            $answers.StatusCode | Should -Be 503, 503
            "$($answers.Content)" | Should -Not -Match ([regex]::Escape($disk))
            Stop-CdfServer
            Disconnect-Cdf
        }
        finally {
            $env:TMPDIR = $temporary
        }
    }

    It 'is what Export-CdfKey says, which leaves no half of a key and goes on when there is room' {
        $source = Join-Path $folder all.jsonl
        $null = $devices | Start-CdfBulkRegistration withkey -KeyFile $source -Wait

        $run = Invoke-Captured { Export-CdfKey $source $keys }

        $run.Errors[0].Exception.Message | Should -BeLike '*No space left on device*'
        $run.Output.Count + $run.Errors.Count | Should -Be $devices.Count
        Get-ChildItem $keys | Should -HaveCount $run.Output.Count
        mount -o remount,size=8m $disk
        Export-CdfKey $source $keys | Should -HaveCount $devices.Count
        Get-ChildItem $keys | Should -HaveCount $devices.Count
    }

    It 'stops certificates for devices that register themselves, which go on when there is room' {
        $ca = New-CdfCertificateAuthority Factory

        $run = Invoke-Captured { New-CdfCertificate 'meter-{n:000}' -Count 200 -CertificateAuthority $ca -KeyFile $file -Wait }

        $run.Errors[0].Exception.Message | Should -BeLike "*$file*No space left on device*Make room*"
        $task = Get-CdfBulkRegistration
        $task.Status | Should -Be Interrupted
        $made = @(Get-CdfBulkRegistrationResult $task.TaskId | Where-Object Succeeded | ForEach-Object CertificateId | Sort-Object)
        $made.Count | Should -BeLessThan 200
        @(Get-Content $file | ConvertFrom-Json | ForEach-Object certificateId | Sort-Object) | Should -BeExactly $made

        mount -o remount,size=8m $disk
        $task | Resume-CdfBulkRegistration -Wait
        $lines = Get-Content $file | ConvertFrom-Json
        $lines.thing | Should -BeExactly (1..200 | ForEach-Object { 'meter-{0:000}' -f $_ })
        $lines.certificateId | Sort-Object | Should -BeExactly @(Get-CdfBulkRegistrationResult $task.TaskId | ForEach-Object CertificateId | Sort-Object)
        $lines | ForEach-Object { (Read-Pem $_.certificatePem $_.privateKeyPem).HasPrivateKey } | Should -Not -Contain $false
    }

    It 'leaves whole bundles only, which go on when there is room: <Name>' -ForEach @(
        @{ Name = 'folders'; Of = 'a key folder'; With = @{} }
        @{ Name = 'folders of piped devices'; Of = 'devices'; With = @{} }
        @{ Name = 'folders with labels'; Of = 'devices'; With = @{ Include = 'Labels' } }
        @{ Name = 'archives'; Of = 'a key folder'; With = @{ Format = 'Zip'; BatchSize = 7 } }
        @{ Name = 'archives of piped devices'; Of = 'devices'; With = @{ Format = 'Zip'; BatchSize = 7 } }
        @{ Name = 'encrypted archives'; Of = 'a key folder'; With = @{ Format = 'Zip'; BatchSize = 7; Recipient = 'factory.cer' } }
    ) {
        $source = Join-Path $folder source
        $null = $devices | Start-CdfBulkRegistration withkey -KeyDirectory $source -Wait
        $factory = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
            'CN=Factory', [System.Security.Cryptography.RSA]::Create(2048), [System.Security.Cryptography.HashAlgorithmName]::SHA256, [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        [System.IO.File]::WriteAllBytes((Join-Path $folder factory.cer), $factory.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1)).Export('Cert'))
        $with = $With.Clone()
        if ($with.Recipient) { $with.Recipient = Join-Path $folder factory.cer }
        $bundles = Join-Path $disk bundles
        function Export-Bundles { if ($Of -eq 'devices') { Get-CdfThing | Export-CdfBundle $bundles -KeyDirectory $source @with } else { Export-CdfBundle $bundles -KeyDirectory $source @with } }

        $run = Invoke-Captured { Export-Bundles }

        $run.Errors | Should -HaveCount 1
        $run.Errors[0].Exception.Message | Should -BeLike "*$bundles*No space left on device*free some space*"
        Get-ChildItem $bundles -Filter *.tmp | Should -BeNullOrEmpty
        $indexed = @(Get-Content (Join-Path $bundles index.jsonl) | ForEach-Object { try { $_ | ConvertFrom-Json } catch { } })
        if ($indexed) { $indexed | ForEach-Object { Join-Path $bundles $_.in } | Should -Exist }

        mount -o remount,size=8m $disk
        $export = Export-Bundles
        $export.DeviceCount + $export.SkippedCount | Should -Be $devices.Count
        $export.SkippedCount | Should -Be $indexed.Count
        $all = @(Get-Content (Join-Path $bundles index.jsonl) | ConvertFrom-Json)
        $all.thingName | Sort-Object | Should -BeExactly @($devices.ThingName | Sort-Object)
        if ($with.Format -eq 'Zip') {
            $all | Group-Object in | Measure-Object Count -Maximum | ForEach-Object Maximum | Should -Be 7
            Get-ChildItem $bundles -Filter *.zip* | ForEach-Object Name | Should -BeExactly @($all.in | Sort-Object -Unique)
        }
        else {
            foreach ($each in $all) {
                foreach ($name in $each.sha256.PSObject.Properties) {
                    (Get-FileHash (Join-Path $bundles $each.in $name.Name)).Hash | Should -Be $name.Value
                }
            }
        }
    }

    It 'is told before a claim is asked for, which has a whole key or does not exist' {
        $body = '{ "Parameters": { "SerialNumber": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "SerialNumber" } } }, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "ACTIVE" } } } }'
        $null = New-CdfProvisioningTemplate fleet -Body $body -RoleArn arn:aws:iam::123456789012:role/provisioning
        $filler = Join-Path $disk filler
        $claims = foreach ($room in 0..16) {
            Remove-Item $filler -ErrorAction Ignore
            $free = [System.IO.DriveInfo]::new($disk).AvailableFreeSpace
            [System.IO.File]::WriteAllBytes($filler, [byte[]]::new([Math]::Max(0, $free - 4kb * $room)))

            $run = Invoke-Captured { New-CdfProvisioningClaim fleet -KeyDirectory $keys }

            if (-not $run.Output) {
                $run.Errors | Should -HaveCount 1
                $run.Errors[0].Exception.Message | Should -BeLike "*$keys*No space left on device*free some space*"
                (Get-OneError { New-CdfProvisioningClaim nosuch -KeyDirectory $keys }).Exception.Message | Should -BeLike '*No space left on device*'
            }
            else {
                (Read-Pem (Get-Content -Raw $run.Output.CertificatePath) (Get-Content -Raw $run.Output.PrivateKeyPath)).HasPrivateKey | Should -BeTrue
            }
            if (Test-Path $keys) { Get-ChildItem $keys -Force | Should -HaveCount (2 * @($run.Output).Count) }
            Get-ChildItem $keys -Force -ErrorAction Ignore | Remove-Item
            $run.Output
        }
        $claims.Count | Should -BeGreaterThan 0
    }
}
