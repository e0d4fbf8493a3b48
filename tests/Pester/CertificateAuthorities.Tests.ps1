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
        (Get-CdfCertificateAuthority $authority.Subject, $authority.CaId.Substring(0, 12)).CaId | Should -Be $authority.CaId, $authority.CaId
        (Get-OneError { Remove-CdfCertificateAuthority $authority.CaId.Substring(0, 12) -Force }).Exception.Message | Should -BeLike '*Get-CdfCertificateAuthority lists*'
        Remove-CdfCertificateAuthority Factory -Confirm:$false
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

    Context 'with a key in a token' {
        BeforeDiscovery {
            $softHsm = (Get-Command softhsm2-util -ErrorAction Ignore) -and (Test-Path /usr/lib/softhsm/libsofthsm2.so)
        }
        BeforeAll {
            function Add-TestToken([string] $Label) {
                $null = softhsm2-util --init-token --free --label $Label --so-pin 0000 --pin pin-271828 2>&1
                $key = Add-TestFile $folder "$Label.key" ([System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256).ExportPkcs8PrivateKeyPem())
                $null = softhsm2-util --import $key --token $Label --label ca --id 01 --pin pin-271828 2>&1
                Remove-Item $key
                "pkcs11:token=$Label;object=ca?module-path=/usr/lib/softhsm/libsofthsm2.so"
            }
            if ($IsLinux) {
                # The library reads the environment of the process, of which PowerShell has a copy.
                $null = New-Item -ItemType Directory (Join-Path $TestDrive tokens)
                $env:SOFTHSM2_CONF = Add-TestFile $TestDrive softhsm2.conf "directories.tokendir = $(Join-Path $TestDrive tokens)`n"
                Add-Type -Namespace CdfTest -Name Process -MemberDefinition '[DllImport("libc")] public static extern int setenv(string name, string value, int overwrite);'
                $null = [CdfTest.Process]::setenv('SOFTHSM2_CONF', $env:SOFTHSM2_CONF, 1)
            }
        }

        It 'signs a list, also in another session, and keeps no PIN' -Skip:(-not $softHsm) {
            $uri = "$(Add-TestToken "list-$onAws")&pin-source=file:$(Add-TestFile $folder pin "pin-271828`n")"

            $authority = New-CdfCertificateAuthority -KeyUri $uri
            Set-CdfTemplate sensor (Join-Path $templates sensor.json)
            $null = New-CdfPolicy sensors $policyDocument
            $null = New-CdfThingType sensor
            $null = New-CdfThingGroup sensors
            Get-CdfConnection | ForEach-Object { if ($_.Path) { Disconnect-Cdf; $null = Connect-Cdf $_.Path -KeyAlgorithm P256 } }
            $task = 1..20 | ForEach-Object { @{ ThingName = "sensor-$_"; SerialNumber = "SN-$_" } } |
                Start-CdfBulkRegistration sensor -CertificateAuthority $authority -Subject 'CN={ThingName}' -KeyDirectory (Join-Path $folder keys) -Wait

            $authority.Subject | Should -BeExactly 'CN=ca'
            $authority.KeyUri | Should -BeExactly $uri
            $task.SuccessCount | Should -Be 20
            $chain = [System.Security.Cryptography.X509Certificates.X509Chain]::new()
            $chain.ChainPolicy.RevocationMode = 'NoCheck'
            $chain.ChainPolicy.TrustMode = 'CustomRootTrust'
            $null = $chain.ChainPolicy.CustomTrustStore.Add((Read-Pem $authority.CertificatePem))
            $chain.Build((Read-Pem (Get-CdfThing sensor-20).Certificates[0].CertificatePem)) | Should -BeTrue
            Get-ChildItem (Join-Path $folder registry) -Recurse -File | Select-String pin-271828 -SimpleMatch | Should -BeNullOrEmpty
        }

        It 'takes the PIN as a secret, tries a wrong one once, and registers no CA whose key cannot sign' -Skip:(-not $softHsm) {
            $uri = Add-TestToken "pin-$onAws"
            $pin, $wrong = 'pin-271828', '314159' | ForEach-Object { ConvertTo-SecureString $_ -AsPlainText }

            $refused = 1..2 | ForEach-Object { Get-OneError { New-CdfCertificateAuthority Factory -KeyUri $uri -Pin $wrong } }
            $missing = Get-OneError { New-CdfCertificateAuthority Factory -KeyUri ($uri -replace 'object=ca', 'object=other') -Pin $pin }
            $malformed = Get-OneError { New-CdfCertificateAuthority Factory -KeyUri 'pkcs11:token=x;objekt=ca' }
            Get-CdfCertificateAuthority | Should -BeNullOrEmpty
            New-CdfCertificateAuthority Factory -KeyUri $uri -Pin $pin -WhatIf | Should -BeNullOrEmpty
            $authority = New-CdfCertificateAuthority Factory -KeyUri $uri -Pin $pin

            $refused.FullyQualifiedErrorId | Should -BeLike 'AccessDenied,*'
            "$refused" | Should -Not -BeLike '*314159*'
            "$missing" | Should -BeLike "*'ca' (id %01)*"
            "$malformed" | Should -BeLike '*position 16*objekt*'
            $authority.HasPrivateKey | Should -BeTrue
        }
    }

    It 'makes nothing with WhatIf' {
        New-CdfCertificateAuthority c -WhatIf | Should -BeNullOrEmpty
        Get-CdfCertificateAuthority | Should -BeNullOrEmpty
    }
}
