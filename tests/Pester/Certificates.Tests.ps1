#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # A certificate that a maker has made, and how long it is valid.
    function New-MakersCertificate([string] $CommonName, [int] $Days) {
        $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$CommonName", $key, 'SHA256')
        $request.CreateSelfSigned([datetimeoffset]::Now.AddDays(-400), [datetimeoffset]::Now.AddDays($Days)).ExportCertificatePem()
    }
}

Describe 'Device certificates' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        Add-TestThings sensor-1, sensor-2
        $ids = @{}
        foreach ($days in -10, 10, 100) {
            $ids[$days] = (Import-CdfCertificate -CertificatePem (New-MakersCertificate "device $days" $days) -WithoutCA).CertificateId
        }
    }

    It 'are got with what is in them, and what they are attached to' {
        $pem = New-MakersCertificate 'device x' 50
        Import-CdfCertificate -CertificatePem $pem -WithoutCA -ThingName sensor-1 -PolicyName sensors | Out-Null

        $certificate = Get-CdfCertificate -ThingName sensor-1

        $certificate.Subject | Should -Be 'CN=device x'
        $certificate.Status | Should -Be ACTIVE
        $certificate.KeyAlgorithm | Should -Be P256
        $certificate.DaysLeft | Should -BeIn 49, 50
        $certificate.Things | Should -Be sensor-1
        $certificate.Policies | Should -Be sensors
        $certificate.CertificatePem.Trim() | Should -Be $pem.Trim()
        (Get-CdfCertificate "$($certificate.CertificateId.Substring(0, 10))*").CertificateId | Should -Be $certificate.CertificateId
        Get-CdfCertificate | Should -HaveCount 4
    }

    It 'are found by when they expire, the first first' {
        (Get-CdfCertificate -ExpiresWithin 30d).CertificateId | Sort-Object | Should -Be ($ids[-10], $ids[10] | Sort-Object)
        (Get-CdfCertificate -ExpiresWithin 0d).CertificateId | Should -Be $ids[-10]
        (Get-CdfCertificate -ExpiresWithin ([timespan]::FromDays(365))).Count | Should -Be 3
    }

    It 'are not looked for within <Time>, which is no time' -ForEach @{ Time = 30 }, @{ Time = '30' }, @{ Time = 'soon' }, @{ Time = '-5d' }, @{ Time = '1e9d' }, @{ Time = '9999999y' }, @{ Time = [timespan]::MaxValue } {
        { Get-CdfCertificate -ExpiresWithin $Time } | Should -Throw "*'$Time' is *" -ErrorId 'ParameterArgumentTransformationError,*'
        { Get-CdfCertificateRotation -OlderThan $Time } | Should -Throw "*'$Time' is *"
    }

    It 'of all things whose names match are found' {
        $expected = Get-CdfThing | Get-CdfCertificate
        (Get-CdfCertificate -ThingName *).CertificateId | Sort-Object | Should -Be ($expected.CertificateId | Sort-Object)
        Get-CdfCertificate -ThingName nosuch* | Should -BeNullOrEmpty
    }

    It 'that no thing has are found' {
        Import-CdfCertificate -CertificatePem (New-MakersCertificate attached 50) -WithoutCA -ThingName sensor-1 | Out-Null

        (Get-CdfCertificate -NotAttached).CertificateId | Sort-Object | Should -Be ($ids.Values | Sort-Object)
    }

    It 'get another status; what is revoked stays revoked' {
        (Set-CdfCertificate $ids[10] -Status INACTIVE -PassThru).Status | Should -Be INACTIVE
        (Get-CdfCertificate -Status INACTIVE).CertificateId | Should -Be $ids[10]
        Set-CdfCertificate $ids[10] -Status REVOKED -Force
        { Set-CdfCertificate $ids[10] -Status ACTIVE } | Should -Throw -ErrorId 'Conflict,*'
    }

    It 'are removed with their attachments, which the plan names' {
        $id = (Import-CdfCertificate -CertificatePem (New-MakersCertificate attached 50) -WithoutCA -ThingName sensor-1 -PolicyName sensors).CertificateId

        Remove-CdfCertificate $id -WhatIf
        (Get-CdfCertificate $id).Status | Should -Be ACTIVE

        Remove-CdfCertificate $id -Force
        { Get-CdfCertificate $id } | Should -Throw -ErrorId 'NotFound,*'
        (Get-CdfThing sensor-1).Certificates | Should -BeNullOrEmpty
        Get-CdfPolicy sensors | Should -Not -BeNullOrEmpty
    }

    It 'that cannot be attached are not imported either' {
        { Import-CdfCertificate -CertificatePem (New-MakersCertificate lost 50) -WithoutCA -ThingName nobody } | Should -Throw -ErrorId 'NotFound,*'
        { Import-CdfCertificate -CertificatePem (New-MakersCertificate lost 50) -WithoutCA -PolicyName nothing } | Should -Throw -ErrorId 'NotFound,*'
        Get-CdfCertificate | Should -HaveCount 3
    }
}

Describe 'Certificates of a CA that is elsewhere' -Skip:(-not (Get-Command openssl -ErrorAction Ignore)) {
    BeforeAll {
        # The CA, in a folder that no command of ours knows.
        function New-CaElsewhere([string] $Folder) {
            $null = New-Item -ItemType Directory $Folder
            $null = openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Elsewhere' -days 30 -keyout (Join-Path $Folder ca.key) -out (Join-Path $Folder ca.pem) 2>&1
        }

        # Signs requests: each .csr of a folder, or those of a CSV file. The certificates are files of the CA's folder.
        function Invoke-CaElsewhere([string] $Folder, [string] $Requests) {
            $files = if (Test-Path $Requests -PathType Container) { Get-ChildItem $Requests/*.csr }
            else { Import-Csv $Requests | ForEach-Object { Get-Item (Add-TestFile $Folder "$($_.ThingName).csr" $_.CSR) } }
            foreach ($file in $files) {
                $out = openssl x509 -req -in $file -CA (Join-Path $Folder ca.pem) -CAkey (Join-Path $Folder ca.key) -CAcreateserial -days 20 -out (Join-Path $Folder "$($file.BaseName).crt") 2>&1
                if ($LASTEXITCODE) { throw "openssl: $out" }
            }
        }
    }

    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        Set-CdfTemplate without-ca (Join-Path $templates without-ca.json)
        $ca, $keys = 'ca', 'keys' | ForEach-Object { Join-Path $folder $_ }
        New-CaElsewhere $ca
        $list = Add-TestFile $folder devices.csv "thingname,Site`nsensor-1,Ulm`nsensor-2,Bonn`nsensor:3,Rom`n"
    }

    It 'come back for the requests of a list and are registered with their things, once however often it is repeated' {
        $requests = Join-Path $folder requests
        $export = @{ Path = $list; Subject = 'CN={ThingName},L={Site}'; KeyDirectory = $keys }
        $import = @{ Path = "$ca/*.crt"; KeyDirectory = $keys; TemplateId = 'without-ca'; ListPath = $list; WarningAction = 'Ignore' }

        Export-CdfSigningRequest $requests @export -WhatIf
        Test-Path $keys | Should -BeFalse
        $first = Export-CdfSigningRequest $requests @export
        $again = Export-CdfSigningRequest $requests @export
        Invoke-CaElsewhere $ca $requests
        Import-CdfCertificate @import -WhatIf | Should -BeNullOrEmpty
        $imported = Import-CdfCertificate @import
        $repeated = Import-CdfCertificate @import
        $last = Export-CdfSigningRequest $requests @export

        ($first.RequestCount, $first.NewKeyCount, $again.RequestCount, $again.NewKeyCount, $last.RequestCount, $last.SkippedCount) | Should -Be 3, 3, 3, 0, 0, 3
        $imported.Things | Sort-Object | Should -Be 'sensor-1', 'sensor-2', 'sensor:3'
        $repeated.CertificateId | Should -Be $imported.CertificateId
        Get-CdfCertificate | Should -HaveCount 3
        foreach ($name in 'sensor-1', 'sensor-2', 'sensor:3') {
            $certificate = Get-CdfCertificate -ThingName $name
            ($certificate.Status, $certificate.Issuer, $certificate.Policies) | Should -Be 'ACTIVE', 'CN=Elsewhere', 'sensors'
            $file = Get-Content (Join-Path $keys "$($name -replace ':', '%3A').pem") -Raw
            $file | Should -Not -BeLike '*reserved*'
            (Read-Pem $file $file).Thumbprint | Should -Be (Read-Pem $certificate.CertificatePem).Thumbprint
        }
        (Get-CdfCertificate -ThingName sensor-1).Subject | Should -Be 'CN=sensor-1, L=Ulm'
    }

    It 'are imported alone for piped things, from one file that has them all, and what is no key of ours is an error' {
        Add-TestThings sensor-1, sensor-2
        $requests = Join-Path $folder requests.csv

        $export = Get-CdfThing | Export-CdfSigningRequest $requests -KeyDirectory $keys -KeyAlgorithm P384
        Invoke-CaElsewhere $ca $requests
        New-CaElsewhere (Join-Path $folder other)
        $null = openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=stranger' -keyout (Join-Path $folder s.key) -out (Join-Path $ca stranger.csr) 2>&1
        Invoke-CaElsewhere $ca $ca
        $all = Add-TestFile $folder all.pem ((Get-ChildItem $ca/*.crt, $ca/ca.pem | Get-Content -Raw) -join '')
        $run = Invoke-Captured { Import-CdfCertificate $all -KeyDirectory $keys -WithoutCA -PolicyName sensors }

        $export.RequestCount | Should -Be 2
        $run.Errors | Should -HaveCount 1
        $run.Errors[0] | Should -BeLike "*'CN=stranger'*none of the keys*"
        $run.Output.Things | Sort-Object | Should -Be sensor-1, sensor-2
        $run.Output.KeyAlgorithm | Should -Be P384, P384
        (Get-CdfThing sensor-1).Certificates.CertificateStatus | Should -Be ACTIVE
    }

    It 'have keys whose places nobody else takes while they wait' {
        $null = [pscustomobject]@{ ThingName = 'sensor-1' } | Export-CdfSigningRequest (Join-Path $folder requests.pem) -KeyDirectory $keys
        $before = Get-Content (Join-Path $keys sensor-1.pem) -Raw
        $null = New-CdfCertificateAuthority Factory
        Set-CdfTemplate withkey -Body $withKeyTemplate

        $refused = Get-OneError { New-CdfThing withkey @{ ThingName = 'sensor-1' } -KeyDirectory $keys }

        "$refused" | Should -BeLike '*waits for the certificate of its signing request*'
        Get-CdfThing | Should -BeNullOrEmpty
        Get-Content (Join-Path $keys sensor-1.pem) -Raw | Should -BeExactly $before
        openssl req -in (Join-Path $folder requests.pem) -noout -verify -subject 2>&1 | Out-String | Should -BeLike '*CN*sensor-1*'
    }

    It 'tell of bad devices one by one' {
        $run = Invoke-Captured { @{ ThingName = 'sensor-1' }, @{ Serial = 7 }, @{ ThingName = 'bad name' } | Export-CdfSigningRequest (Join-Path $folder requests) -KeyDirectory $keys -Subject 'CN={ThingName}' }
        $unknown = Get-OneError { 'sensor-2' | Export-CdfSigningRequest (Join-Path $folder requests) -KeyDirectory $keys -Subject 'CN={Serial}' }

        ($run.Output.RequestCount, $run.Output.FailedCount) | Should -Be 1, 2
        $run.Errors | Should -HaveCount 2
        "$unknown" | Should -BeLike "*'sensor-2'*{Serial}*"
        (Get-ChildItem $keys/*.pem).Name | Should -Be sensor-1.pem
        "$(Get-OneError { Import-CdfCertificate (Join-Path $ca ca.pem) -KeyDirectory (Join-Path $folder nowhere) })" | Should -BeLike '*no key folder*'
    }
}
