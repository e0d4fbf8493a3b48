#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    Connect-TestRegistry (New-TestFolder)
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

    It 'show with -WhatIf what would be written, and write nothing' {
        $bundles = Join-Path $TestDrive nothing
        Export-CdfBundle $bundles -KeyDirectory $keys -WhatIf | Should -BeNullOrEmpty
        $bundles | Should -Not -Exist
    }
}
