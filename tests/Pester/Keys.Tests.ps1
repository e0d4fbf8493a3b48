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
