#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    Connect-TestRegistry (New-TestFolder)

    # A key and a certificate that openssl has made, in files of a folder; their names end in .key and .cer.
    function New-OpenSslPair([string] $Folder, [string] $Name, [string[]] $NewKey = @('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')) {
        $files = "$Folder/$Name.key", "$Folder/$Name.cer"
        $out = openssl req -x509 -newkey @NewKey -nodes -keyout $files[0] -out $files[1] -days 30 -subj "/CN=$Name" 2>&1
        if ($LASTEXITCODE) { throw "openssl: $out" }
    }
}

Describe 'Makers'' manifests' {
    BeforeAll {
        New-CdfPolicy -Name sensors -Document $policyDocument | Out-Null
        Set-CdfTemplate without-ca -Path (Join-Path $templates without-ca.json)
        $certificates = New-Item -ItemType Directory (Join-Path $TestDrive certificates)
        1..3 | ForEach-Object {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout (Join-Path $TestDrive key) -out (Join-Path $certificates "chip$_.pem") -days 30 -subj "/CN=device $_" 2>&1 | Out-Null
        }
    }

    It 'are rows of a list whose template registers the devices'' own certificates' {
        $task = Import-CdfManifest $certificates -NameTemplate 'sensor-{FileName}' | Start-CdfBulkRegistration without-ca -Wait -PassThru

        $task.SuccessCount | Should -Be 3
        (Get-CdfThing sensor-chip2).Certificates.CertificateStatus | Should -Be ACTIVE
        (Get-CdfThing sensor-chip2).Certificates.CertificateId | Should -Be (Import-CdfManifest (Join-Path $certificates chip2.pem)).CertificateId
    }

    It 'take wildcards, and files from the pipeline' {
        (Import-CdfManifest (Join-Path $certificates chip[12].pem)).ThingName | Should -Be chip1, chip2
        (Get-ChildItem $certificates | Import-CdfManifest).Count | Should -Be 3
    }

    It 'tell bad items as errors, count them, and give the others' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive mixed)
        Copy-Item (Join-Path $certificates chip1.pem) $folder
        Set-Content (Join-Path $folder bad.pem) '-----BEGIN CERTIFICATE-----'

        $good = Import-CdfManifest $folder -ErrorAction SilentlyContinue -ErrorVariable bad -WarningVariable counted 3> $null

        $good.ThingName | Should -Be chip1
        $bad | Should -HaveCount 1
        $bad.TargetObject | Should -BeLike '*bad.pem*'
        $counted | Should -Be '1 of 2 devices are bad, and were left out.'
    }

    It 'that are cut in half give the devices before, and one error that says where' {
        $list = Add-TestFile (New-TestFolder) list.txt (((1..3 | ForEach-Object { (Get-Content (Join-Path $certificates "chip$_.pem") | Where-Object { $_ -notlike '-----*' }) -join '' }) -join "`n"))
        $text = Get-Content $list -Raw
        Set-Content $list $text.Substring(0, $text.Length - 200) -NoNewline

        $run = Invoke-Captured { Import-CdfManifest $list }

        $run.Output.CommonName | Should -Be 'device 1', 'device 2'
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].Exception.Message | Should -BeLike '*line 3*'
    }

    It 'that are PFX files need their passwords' {
        $folder = New-TestFolder
        New-OpenSslPair $folder chip
        openssl pkcs12 -export -in "$folder/chip.cer" -inkey "$folder/chip.key" -passout pass:secret -out "$folder/chip.pfx"
        $pfx = Join-Path $folder chip.pfx

        (Import-CdfManifest $pfx -Password (ConvertTo-SecureString secret -AsPlainText)).CommonName | Should -Be chip
        (Get-OneError { Import-CdfManifest $pfx -WarningAction Ignore }).Exception.Message | Should -BeLike '*chip.pfx*needs a password*-Password*'
        (Get-OneError { Import-CdfManifest $pfx -Password (ConvertTo-SecureString wrong -AsPlainText) -WarningAction Ignore }).Exception.Message | Should -BeLike '*chip.pfx*password*'
    }

    It 'that are signed are read only with their signers, and only if nobody has changed them' {
        $folder = New-TestFolder
        New-OpenSslPair $folder signer
        New-OpenSslPair $folder stranger
        $encode = { [System.Buffers.Text.Base64Url]::EncodeToString([System.Text.Encoding]::UTF8.GetBytes($args[0])) }
        $none = @{ payload = & $encode '{"uniqueId":"01"}'; protected = & $encode '{"alg":"none"}'; header = @{ uniqueId = '01' }; signature = '' }
        $unsigned = Add-TestFile $folder manifest.json (ConvertTo-Json @($none) -Depth 3)

        (Get-OneError { Import-CdfManifest $unsigned }).Exception.Message | Should -BeLike '*-SignerCertificate*'
        (Get-OneError { Import-CdfManifest $unsigned -SignerCertificate "$folder/signer.cer" -WarningAction Ignore }).Exception.Message | Should -BeLike "*signed with 'none'*"
        (Get-OneError { Import-CdfManifest $unsigned -SignerCertificate "$folder/nobody.cer" -WarningAction Ignore }).Exception.Message | Should -BeLike '*nobody.cer*'
    }

    It 'that are archives but no reels, or damaged, are an error that names them' {
        $folder = New-TestFolder
        [System.IO.File]::WriteAllBytes("$folder/reel.7z", [byte[]] (0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4, 1, 2, 3))

        (Get-OneError { Import-CdfManifest "$folder/reel.7z" }).Exception.Message | Should -BeLike '*reel.7z*7z archive*'
    }
}

Describe 'Bundles for a factory' {
    BeforeAll {
        $keys = New-Item -ItemType Directory (Join-Path $TestDrive keys)
        1..3 | ForEach-Object {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout (Join-Path $TestDrive key) -out (Join-Path $TestDrive crt) -days 30 -subj "/CN=device $_" 2>&1 | Out-Null
            Get-Content (Join-Path $TestDrive key), (Join-Path $TestDrive crt) | Set-Content (Join-Path $keys "meter-$_.pem")
        }
        Push-Location $TestDrive
        openssl req -x509 -newkey rsa:2048 -nodes -keyout factory.key -out factory.cer -days 2 -subj '/CN=Factory 7' 2>&1 | Out-Null
        Pop-Location
    }

    It 'are a folder a device, and a second run has nothing to do' {
        $bundles = Join-Path $TestDrive bundles

        (Export-CdfBundle $bundles -KeyDirectory $keys -Include QrSvg, Labels).DeviceCount | Should -Be 3
        (Get-Content (Join-Path $bundles meter-2 config.json) | ConvertFrom-Json).thingName | Should -Be meter-2
        Import-Csv (Join-Path $bundles labels.csv) | Should -HaveCount 3
        (Export-CdfBundle $bundles -KeyDirectory $keys -Include QrSvg, Labels).SkippedCount | Should -Be 3
    }

    It 'for a recipient open with openssl and the recipient''s key' {
        $bundles = Join-Path $TestDrive sealed
        $opened = Join-Path $TestDrive opened

        Export-CdfBundle $bundles -KeyDirectory $keys -Format Zip -Recipient (Join-Path $TestDrive factory.cer) | Out-Null
        openssl cms -decrypt -inform DER -in (Join-Path $bundles 000001.zip.p7m) -inkey (Join-Path $TestDrive factory.key) -binary -out "$opened.zip"
        Expand-Archive "$opened.zip" $opened

        Get-Content (Join-Path $opened meter-1 private-key.pem) | Should -Be (Get-Content (Join-Path $keys meter-1.pem) | Select-Object -First 5)
    }

    It 'have the keys of a key file, also of one that is encrypted, and the CA that signed' {
        $folder = New-TestFolder
        New-OpenSslPair $folder operator
        $null = New-CdfCertificateAuthority 'Factory 9'
        New-CdfCertificate 'meter-{n:000}' -Count 5 -CaId 'Factory 9' -KeyFile "$folder/clear.jsonl" -Wait | Out-Null
        New-CdfCertificate meter -Count 2 -CaId 'Factory 9' -KeyFile "$folder/sealed.jsonl" -KeyRecipient "$folder/operator.cer" -Wait | Out-Null

        (Export-CdfBundle "$folder/clear" -KeyFile "$folder/clear.jsonl").DeviceCount | Should -Be 5
        openssl verify -CAfile "$folder/clear/meter-003/chain.pem" "$folder/clear/meter-003/certificate.pem" | Should -BeLike '*: OK'
        (Read-Pem (Get-Content "$folder/clear/meter-003/certificate.pem" -Raw) (Get-Content "$folder/clear/meter-003/private-key.pem" -Raw)).Subject | Should -Be 'CN=meter-003'
        (Get-Content "$folder/clear/meter-003/config.json" | ConvertFrom-Json).chain | Should -Be chain.pem

        (Get-OneError { Export-CdfBundle "$folder/none" -KeyFile "$folder/sealed.jsonl" }).Exception.Message | Should -BeLike '*encrypted*recipient*'
        (Export-CdfBundle "$folder/sealed" -KeyFile "$folder/sealed.jsonl" -Certificate "$folder/operator.cer" -PrivateKey "$folder/operator.key").DeviceCount | Should -Be 2
        (Get-ChildItem "$folder/sealed" -Directory).Name | Should -Match '^[0-9a-f]{64}$'
    }

    It 'of piped devices find their keys in a key file' {
        $folder = New-TestFolder
        Set-CdfTemplate withkey -Body $withKeyTemplate
        $task = 'a', 'b', 'c' | ForEach-Object { @{ ThingName = "piped-$_" } } | Start-CdfBulkRegistration withkey -KeyFile "$folder/keys.jsonl" -Wait

        $task | Get-CdfBulkRegistrationResult | Select-Object -First 2 | Export-CdfBundle "$folder/results" -KeyFile "$folder/keys.jsonl" | Select-Object -ExpandProperty DeviceCount | Should -Be 2
        (Get-CdfThing piped-c | Export-CdfBundle "$folder/things" -KeyFile "$folder/keys.jsonl").DeviceCount | Should -Be 1

        'piped-a', 'piped-b' | ForEach-Object { "$folder/results/$_/private-key.pem" | Should -Exist }
        "$folder/results/piped-c" | Should -Not -Exist
        "$folder/things/piped-c/private-key.pem" | Should -Exist
    }

    It 'of a task have its keys, wherever they are' {
        $folder = New-TestFolder
        Set-CdfTemplate withkey -Body $withKeyTemplate
        $keyed = 1..3 | ForEach-Object { @{ ThingName = "t-$_" } } | Start-CdfBulkRegistration withkey -KeyDirectory "$folder/keys" -Wait
        $filed = 4..6 | ForEach-Object { @{ ThingName = "t-$_" } } | Start-CdfBulkRegistration withkey -KeyFile "$folder/keys.jsonl" -Wait
        7..9 | ForEach-Object { @{ ThingName = "t-$_" } } | Start-CdfBulkRegistration withkey -KeyFile "$folder/keys.jsonl" -Wait | Out-Null

        ($keyed, $filed | Export-CdfBundle "$folder/bundles").DeviceCount | Should -Be 6

        (Get-ChildItem "$folder/bundles/*/private-key.pem").Directory.Name | Sort-Object | Should -Be (1..6 | ForEach-Object { "t-$_" })
    }

    It 'for a recipient with an EC key open with openssl too' {
        $folder = New-TestFolder
        New-OpenSslPair $folder ec

        Export-CdfBundle "$folder/bundles" -KeyDirectory $keys -Format Zip -Recipient "$folder/ec.cer" | Out-Null
        openssl cms -decrypt -inform DER -in "$folder/bundles/000001.zip.p7m" -inkey "$folder/ec.key" -recip "$folder/ec.cer" -binary -out "$folder/opened.zip"
        Expand-Archive "$folder/opened.zip" "$folder/opened"

        (Get-ChildItem "$folder/opened").Name | Should -Be meter-1, meter-2, meter-3
    }

    It 'are refused, before anything is written, for <Why>' -ForEach @(
        @{ Why = 'a recipient that is not there'; With = @{ Format = 'Zip'; Recipient = 'nobody.cer' }; Like = '*nobody.cer*' }
        @{ Why = 'a recipient that is no certificate'; With = @{ Format = 'Zip'; Recipient = 'text.cer' }; Like = '*text.cer*PEM or DER*' }
        @{ Why = 'a recipient whose key cannot encrypt'; With = @{ Format = 'Zip'; Recipient = 'ed25519.cer' }; Like = '*RSA key*EC key*' }
        @{ Why = 'a recipient, but no archive'; With = @{ Recipient = 'factory.cer' }; Like = '*Zip*' }
        @{ Why = 'PFX files without a password'; With = @{ Include = 'Pfx' }; Like = '*-PfxPassword*' }
    ) {
        $null = Add-TestFile $TestDrive text.cer 'dear diary'
        if (-not (Test-Path "$TestDrive/ed25519.cer")) { New-OpenSslPair $TestDrive ed25519 ed25519 }
        if ($With.Recipient) { $With.Recipient = Join-Path $TestDrive $With.Recipient }
        $bundles = Join-Path (New-TestFolder) bundles

        (Get-OneError { Export-CdfBundle $bundles -KeyDirectory $keys @With }).Exception.Message | Should -BeLike $Like
        $bundles | Should -Not -Exist
    }

    It 'are refused where keys, or a place for them, are not to be had' {
        $folder = New-TestFolder
        $file = Add-TestFile $folder file 'dear diary'

        (Get-OneError { Export-CdfBundle "$file/bundles" -KeyDirectory $keys }).Exception.Message | Should -BeLike "*cannot be written*"
        (Get-OneError { Export-CdfBundle "$folder/bundles" -KeyDirectory "$folder/none" }).Exception.Message | Should -BeLike '*no key folder*none*'
        (Get-OneError { Export-CdfBundle "$folder/bundles" -KeyFile "$folder/none.jsonl" }).Exception.Message | Should -BeLike '*no key file*none.jsonl*'
        (Get-OneError { Export-CdfBundle "$folder/bundles" -KeyFile $file }).Exception.Message | Should -BeLike "*Line 1 of*no key of a device*"
    }

    It 'do not replace what is another''s' {
        $folder = New-TestFolder
        $null = New-Item -ItemType Directory "$folder/other", "$folder/keys"
        $null = Add-TestFile "$folder/other" index.jsonl "dear diary`n"
        Copy-Item (Join-Path $keys meter-1.pem), (Join-Path $keys meter-2.pem) "$folder/keys"
        Export-CdfBundle "$folder/bundles" -KeyDirectory "$folder/keys" | Out-Null
        Copy-Item (Join-Path $keys meter-3.pem) "$folder/keys/meter-1.pem"
        Copy-Item (Join-Path $keys meter-3.pem) "$folder/keys"

        (Get-OneError { Export-CdfBundle "$folder/other" -KeyDirectory "$folder/keys" }).Exception.Message | Should -BeLike '*index.jsonl*'
        $run = Invoke-Captured { Export-CdfBundle "$folder/bundles" -KeyDirectory "$folder/keys" }

        $run.Errors.Exception.Message | Should -BeLike '*meter-1*another certificate*'
        ($run.Output.DeviceCount, $run.Output.SkippedCount, $run.Output.FailedCount) | Should -Be 1, 1, 1
        Get-Content "$folder/bundles/meter-1/private-key.pem" | Should -Be (Get-Content (Join-Path $keys meter-1.pem) | Select-Object -First 5)
    }

    It 'that were <Ended> midway go on where they ended' -ForEach @(@{ Ended = 'stopped' }, @{ Ended = 'killed' }) {
        $folder = New-TestFolder
        $null = New-CdfCertificateAuthority "CA of $Ended"
        New-CdfCertificate 'm-{n}' -Count 50 -CaId "CA of $Ended" -KeyFile "$folder/keys.jsonl" -Wait | Out-Null
        Export-CdfKey "$folder/keys.jsonl" "$folder/keys" | Out-Null
        # Thirty devices are in archives, and five are not, when it ends.
        $script = '1..50 | ForEach-Object { if ($_ -eq 36) { REACHED; Start-Sleep 600 }; [pscustomobject]@{ ThingName = "m-$_" } } | Export-CdfBundle FOLDER/bundles -KeyDirectory FOLDER/keys -Format Zip -BatchSize 10 -Endpoint x' -replace 'FOLDER', $folder
        if ($Ended -eq 'killed') {
            $process = Start-Pwsh $folder ($script -replace 'REACHED', '[Console]::WriteLine("reached")')
            $process.StandardOutput.ReadLine() | Should -BeExactly reached
            $process.Kill()
            $process.WaitForExit()
        }
        else {
            $session = New-Session
            $reached = [System.Threading.ManualResetEventSlim]::new()
            $pipeline = New-Pipeline $session ('$reached = $args[0]; ' + ($script -replace 'REACHED', '$reached.Set()')) $reached
            $null = $pipeline.BeginInvoke()
            $reached.Wait(60000) | Should -BeTrue
            $pipeline.Stop()
            $pipeline.InvocationStateInfo.State | Should -Be Stopped
            $session.Dispose()
        }
        (Get-ChildItem "$folder/bundles/*.zip") | Should -HaveCount 3

        $export = Export-CdfBundle "$folder/bundles" -KeyDirectory "$folder/keys" -Format Zip -BatchSize 10 -Endpoint x

        ($export.DeviceCount, $export.SkippedCount, $export.FailedCount) | Should -Be 20, 30, 0
        $names = Get-ChildItem "$folder/bundles/*.zip" | ForEach-Object { $zip = [System.IO.Compression.ZipFile]::OpenRead($_); $zip.Entries.FullName; $zip.Dispose() } | Where-Object { $_ -like '*/private-key.pem' }
        $names | Should -HaveCount 50
        $names | Sort-Object -Unique | Should -HaveCount 50
    }

    It 'show with -WhatIf what would be written, and write nothing' {
        $bundles = Join-Path $TestDrive nothing
        Export-CdfBundle $bundles -KeyDirectory $keys -WhatIf | Should -BeNullOrEmpty
        $bundles | Should -Not -Exist
    }
}

Describe 'Certificates for devices that register themselves later' {
    BeforeAll {
        $null = New-CdfCertificateAuthority 'Line 1'
        $registered = @(Get-CdfThing) + @(Get-CdfCertificate)
    }

    BeforeEach {
        $folder = New-TestFolder
        $file = Join-Path $folder keys.jsonl
    }

    AfterAll {
        @(Get-CdfThing) + @(Get-CdfCertificate) | Should -HaveCount $registered.Count -Because 'nothing is registered'
    }

    It 'are numbered, each with its own key, and no thing is made' {
        $task = New-CdfCertificate 'sensor-{n:000000}' -Count 1000 -CaId 'Line 1' -Subject 'O=Example,C=DE' -ValidDays 100 -KeyFile $file -Wait

        ($task.Status, $task.SuccessCount, $task.KeyFile) | Should -Be 'Completed', 1000, $file
        $lines = Get-Content $file | ConvertFrom-Json
        $lines.thing | Should -BeExactly (1..1000 | ForEach-Object { "sensor-$($_.ToString('000000'))" })
        $lines.privateKeyPem | Sort-Object -Unique | Should -HaveCount 1000
        $certificate = Read-Pem $lines[41].certificatePem $lines[41].privateKeyPem
        $certificate.Subject | Should -Be 'CN=sensor-000042, O=Example, C=DE'
        [Math]::Round(($certificate.NotAfter - [datetime]::Now).TotalDays) | Should -Be 100
        ($task | Get-CdfBulkRegistrationResult).CertificateId | Should -Be $lines.certificateId
        if (-not $IsWindows) { (Get-Item $file).UnixMode | Should -BeExactly '-rw-------' }
    }

    It 'are named after a column of a list or a property of an object, or all alike' {
        $list = Add-TestFile $folder list.csv "serial no.;Site`nA 1;Ulm`nB-2;Bonn`n"

        New-CdfCertificate 'SN-{Serial No.}' $list -CertificateAuthority 'Line 1' -KeyFile $file -Wait | Out-Null
        Import-Csv $list -Delimiter ';' | New-CdfCertificate '{site}-{n}' -FirstNumber 7 -CertificateAuthority 'Line 1' -KeyFile $file -Wait | Out-Null
        New-CdfCertificate 'Sensor' -Count 2 -CertificateAuthority 'Line 1' -KeyAlgorithm P384 -KeyFile $file -Wait | Out-Null

        $lines = Get-Content $file | ConvertFrom-Json
        $lines | ForEach-Object { (Read-Pem $_.certificatePem).Subject } | Should -Be 'CN=SN-A 1', 'CN=SN-B-2', 'CN=Ulm-7', 'CN=Bonn-8', 'CN=Sensor', 'CN=Sensor'
        $lines.thing | Should -Be $null, 'SN-B-2', 'Ulm-7', 'Bonn-8', $null, $null -Because 'the others have no name of their own that a thing can have'
        (Read-Pem $lines[5].certificatePem).PublicKey.GetECDsaPublicKey().KeySize | Should -Be 384
    }

    It 'are only counted with -WhatIf' {
        $check = New-CdfCertificate 'sensor-{n}' -Count 1000 -CaId 'Line 1' -KeyFile $file -WhatIf

        ($check.RowCount, $check.NewCount, $check.BadCount) | Should -Be 1000, 1000, 0
        $file | Should -Not -Exist
        $bad = 'ok', ('x' * 65) | ForEach-Object { @{ name = $_ } } | New-CdfCertificate '{name}' -CaId 'Line 1' -KeyFile $file -WhatIf
        ($bad.NewCount, $bad.BadRows.Row) | Should -Be 1, 2
        $bad.BadRows.Error | Should -BeLike '*65 characters*64*'
    }

    It 'are a job, on demand' {
        $job = New-CdfCertificate 'sensor-{n}' -Count 1000 -CaId 'Line 1' -KeyFile $file -AsJob

        $null = $job | Wait-Job
        $job.Progress.Activity | Select-Object -Unique | Should -BeExactly 'Making certificates'
        ($job | Receive-Job).SuccessCount | Should -Be 1000
    }

    It 'go on after their process was killed, with exactly one key each' {
        $other = New-TestFolder
        $process = Start-Pwsh $other '$null = New-CdfCertificateAuthority Own; $null = New-CdfCertificate "s-{n}" -Count 5000 -CaId Own -KeyFile ./keys.jsonl; "started"; Start-Sleep 600'
        $process.StandardOutput.ReadLine() | Should -BeExactly started
        $process.Kill()
        $process.WaitForExit()

        $run = Invoke-Pwsh $other 'Get-CdfBulkRegistration | Where-Object Status -NE Completed | Resume-CdfBulkRegistration -Wait | Out-Null; (Get-CdfBulkRegistration).SuccessCount'

        $lines = Get-Content (Join-Path $other keys.jsonl) | ConvertFrom-Json
        $lines.thing | Should -BeExactly (1..5000 | ForEach-Object { "s-$_" })
        $run.Output.Trim() | Should -Be 5000 -Because $run.Error
    }

    It 'are refused for <Why>' -ForEach @(
        @{ Why = 'a column without a list'; Name = '{Serial}'; With = @{ Count = 2 }; Like = "*'{Serial}'*column*-Path*" }
        @{ Why = 'a number that is none'; Name = 'x-{n:zz}'; With = @{ Count = 2 }; Like = "*'{n:zz}'*{n:000000}*" }
        @{ Why = 'names that are too long'; Name = 'x' * 65; With = @{ Count = 2 }; Like = '*65 characters*' }
        @{ Why = 'a CA that is not there'; Name = 'x'; With = @{ Count = 2; CaId = 'nobody' }; Like = "*'nobody'*Get-CdfCertificateAuthority*" }
        @{ Why = 'a subject with a CN'; Name = 'x'; With = @{ Count = 2; Subject = 'CN=y' }; Like = '*-CommonName*' }
        @{ Why = 'more days than the CA has'; Name = 'x'; With = @{ Count = 2; ValidDays = 36500 }; Like = '*CA * itself expires*' }
    ) {
        $parameters = @{ CaId = 'Line 1'; KeyFile = $file } + @{}
        $With.GetEnumerator() | ForEach-Object { $parameters[$_.Key] = $_.Value }

        (Get-OneError { New-CdfCertificate $Name @parameters }).Exception.Message | Should -BeLike $Like
        if (Test-Path $file) { (Get-Item $file).Length | Should -Be 0 }
    }

    It 'are refused for a list with a row that lacks the column' {
        $problem = Get-OneError { @{ Serial = 1 }, @{ Site = 'Ulm' } | New-CdfCertificate '{Serial}' -CaId 'Line 1' -KeyFile $file }

        $problem.Exception.Message | Should -BeLike "*'{Serial}'*"
        if (Test-Path $file) { (Get-Item $file).Length | Should -Be 0 }
    }
}
