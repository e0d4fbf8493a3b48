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
