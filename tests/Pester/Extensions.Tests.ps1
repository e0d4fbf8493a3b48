#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    $acmPcaTemplate = @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" } },
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
    "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } }
  },
  "CDF": { "acmpca": { "mode": "REGISTER_WITH_CA" } }
}
'@
}

# On AWS, ACM PCA has CAs of its own.
Describe 'The extension acmpca on the embedded registry' {
    BeforeEach {
        $folder = New-TestFolder
        $null = Connect-Cdf -Path (Join-Path $folder registry) -KeyAlgorithm P256
        Set-CdfTemplate acmpca -Body $acmPcaTemplate
        $ca = New-CdfCertificateAuthority 'Test CA'
    }

    It 'has a CA issue as ACM PCA does under an alias of the connection' {
        $null = Connect-Cdf -Path (Join-Path $folder registry) -PrivateCaAlias @{ factory = $ca.PrivateCaArn } -CaAlias @{ factory = $ca.Arn } -DeviceCertificateExpiryDays 30

        $response = New-CdfThing acmpca @{ ThingName = 'a' } -CdfParameters @{ acmpcaCaAlias = 'factory'; awsiotCaAlias = 'factory'; certInfo = @{ commonName = '{ThingName}' } }

        $pair = Read-Pem $response.CertificatePem $response.PrivateKey
        $pair.Subject | Should -BeExactly 'CN=a'
        ($pair.NotAfter - (Get-Date)).TotalDays | Should -BeGreaterThan 29.9
        ($pair.NotAfter - (Get-Date)).TotalDays | Should -BeLessThan 30.1
    }

    It 'has a list name the file of each device''s request' {
        Set-CdfTemplate sensor-csr (Join-Path $templates sensor-csr.json)
        $null = New-CdfPolicy sensors $policyDocument
        $null = Add-TestFile $folder a.csr (New-TestCsr 'device a')
        $null = Add-TestFile $folder b.csr (New-TestCsr 'device b')
        $list = Add-TestFile $folder list.csv "ThingName,File`na,a.csr`nb,b.csr`n"

        Start-CdfBulkRegistration acmpca $list -CsrFileColumn File -CdfParameters @{ acmpcaCaArn = $ca.PrivateCaArn; awsiotCaArn = $ca.Arn } -Wait
        Start-CdfBulkRegistration sensor-csr $list -CsrFileColumn File -Wait

        (Get-CdfThing).Certificates | Should -HaveCount 4
        (Read-Pem (Get-CdfThing b).Certificates[0].CertificatePem).Subject | Should -BeExactly 'CN=device b'
    }
}

Describe 'A list of signing requests' {
    It 'is refused before anything is registered if a file is missing, which WhatIf lists' {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $null = Add-TestFile $folder a.csr (New-TestCsr a)
        $list = Add-TestFile $folder list.csv "ThingName,File`na,a.csr`nb,missing.csr`nc,`n"

        $check = Start-CdfBulkRegistration sensor-csr $list -CsrFileColumn File -WhatIf
        $problem = Get-OneError { Start-CdfBulkRegistration sensor-csr $list -CsrFileColumn File -Wait }

        $check.BadRows | Should -HaveCount 2
        $problem.Exception.Message | Should -BeLike '*Row 2*'
        Get-CdfThing | Should -BeNullOrEmpty
    }
}
