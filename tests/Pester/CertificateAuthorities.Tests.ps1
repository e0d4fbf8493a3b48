#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Certificate authorities' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
    }

    It 'makes, gets and removes a certificate authority' {
        $authority = New-CdfCertificateAuthority Factory -Organization Example -Country DE -ValidityDays 30

        (Read-Pem $authority.CertificatePem).Subject | Should -BeExactly 'CN=Factory, O=Example, C=DE'
        $authority.Status | Should -BeExactly ACTIVE
        $authority.HasPrivateKey | Should -BeTrue
        Get-CdfCertificateAuthority "$($authority.CaId.Substring(0, 5))*" | Should -HaveCount 1
        Get-CdfCertificateAuthority | Remove-CdfCertificateAuthority -Confirm:$false
        Get-CdfCertificateAuthority | Should -BeNullOrEmpty
    }

    It 'imports a certificate authority with its encrypted key' {
        $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=Elsewhere', $key, 'SHA256')
        $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
        $certificate = $request.CreateSelfSigned([datetimeoffset]::UtcNow.AddDays(-1), [datetimeoffset]::UtcNow.AddDays(30))
        $encryption = [System.Security.Cryptography.PbeParameters]::new('Aes256Cbc', 'SHA256', 1000)
        $import = @{
            CertificatePath = Add-TestFile $folder ca.pem $certificate.ExportCertificatePem()
            PrivateKeyPath = Add-TestFile $folder ca.key $key.ExportEncryptedPkcs8PrivateKeyPem('secret', $encryption)
        }

        $wrong = Get-OneError { New-CdfCertificateAuthority @import -Password (ConvertTo-SecureString wrong -AsPlainText) }
        $authority = New-CdfCertificateAuthority @import -Password (ConvertTo-SecureString secret -AsPlainText)

        $wrong.FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        $authority.Subject | Should -BeExactly 'CN=Elsewhere'
    }

    It 'makes nothing with WhatIf' {
        New-CdfCertificateAuthority c -WhatIf | Should -BeNullOrEmpty
        Get-CdfCertificateAuthority | Should -BeNullOrEmpty
    }
}
