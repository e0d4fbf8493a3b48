<#
.SYNOPSIS
A maker's manifest and a CSV file come in, devices are registered, and what the factory needs goes back sealed: only its key opens it.
.DESCRIPTION
The maker, its chips and the factory are made up with .NET and openssl. The registry and the keys are in a folder of their own,
which goes at the end.
.EXAMPLE
./factory.ps1
#>
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)
$templates = Join-Path $PSScriptRoot .. templates
$folder = [System.IO.Directory]::CreateTempSubdirectory('cdf-factory-').FullName

function New-Certificate([string] $Name) {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $key, 'SHA256').CreateSelfSigned([datetimeoffset]::UtcNow.AddMinutes(-5), [datetimeoffset]::UtcNow.AddYears(10))
}

function ConvertTo-Base64Url([byte[]] $Bytes) { [System.Buffers.Text.Base64Url]::EncodeToString($Bytes) }

# What a maker of secure elements does: signs what it says of each chip (RFC 7515).
function New-ManifestItem([string] $UniqueId, $Signer) {
    $chip = New-Certificate "sn$UniqueId"
    $point = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPublicKey($chip).ExportParameters($false).Q
    $keys = @(@{ kid = '0'; kty = 'EC'; crv = 'P-256'; x = ConvertTo-Base64Url $point.X; y = ConvertTo-Base64Url $point.Y; x5c = @([Convert]::ToBase64String($chip.RawData)) })
    $device = @{ version = 1; model = 'ATECC608B'; uniqueId = $UniqueId; publicKeySet = @{ keys = $keys } } | ConvertTo-Json -Depth 6 -Compress
    $header = @{ alg = 'ES256'; typ = 'JWT'; 'x5t#S256' = ConvertTo-Base64Url $Signer.GetCertHash('SHA256') } | ConvertTo-Json -Compress
    $payload, $protected = $device, $header | ForEach-Object { ConvertTo-Base64Url ([System.Text.Encoding]::UTF8.GetBytes($_)) }
    $key = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($Signer)
    $signature = $key.SignData([System.Text.Encoding]::ASCII.GetBytes("$protected.$payload"), [System.Security.Cryptography.HashAlgorithmName]::SHA256)
    @{ payload = $payload; protected = $protected; header = @{ uniqueId = $UniqueId }; signature = ConvertTo-Base64Url $signature }
}

Push-Location $folder
try {
    Connect-Cdf -Path ./registry -KeyAlgorithm P256 | Out-Null
    New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json) | Out-Null
    New-CdfThingType sensor | Out-Null
    New-CdfThingGroup sensors | Out-Null
    $ca = New-CdfCertificateAuthority 'Factory 7'
    Set-CdfTemplate sensor (Join-Path $templates sensor.json)
    Set-CdfTemplate without-ca (Join-Path $templates without-ca.json)

    'A maker hands in the manifest of its chips. Somebody has changed one of them:'
    $signer = New-Certificate 'Manifest Signer 001'
    Set-Content signer.crt $signer.ExportCertificatePem()
    $items = 1..100 | ForEach-Object { New-ManifestItem "0123aabb$($_.ToString('x4'))" $signer }
    $items[41].payload = $items[42].payload
    ConvertTo-Json $items -Depth 4 | Set-Content manifest.json
    $chips = Import-CdfManifest manifest.json -SignerCertificate signer.crt -NameTemplate 'chip-{uniqueId}' -ErrorAction SilentlyContinue -ErrorVariable bad -WarningVariable counted 3> $null
    "  $counted"
    "  $(Split-Path -Leaf ($bad[0].Exception.Message -replace "'$([regex]::Escape($folder)).", "'"))"
    $task = $chips | Start-CdfBulkRegistration without-ca -Wait -WarningAction Ignore
    "  registered: $($task.SuccessCount)"

    'Other devices get their keys here, from a CSV file:'
    $list = Import-Csv (Join-Path $PSScriptRoot devices.csv) | Select-Object -First 1000 |
        Start-CdfBulkRegistration sensor -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName}' -KeyFile ./keys.jsonl -Wait
    "  registered: $($list.SuccessCount)"

    'And some register themselves when they first connect; they need a certificate only:'
    $later = New-CdfCertificate 'meter-{n:0000}' -Count 500 -CertificateAuthority 'Factory 7' -KeyFile ./keys.jsonl -Wait
    "  certificates: $($later.SuccessCount); things: $(@(Get-CdfThing meter-*).Count)"

    'The factory gets it all in archives that its key alone opens:'
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Factory 7' -days 30 -keyout factory.key -out factory.cer 2> $null
    $export = Export-CdfBundle ./bundles -KeyFile ./keys.jsonl -Format Zip -Recipient factory.cer -Include QrSvg, Labels
    "  devices: $($export.DeviceCount), in $(@(Get-ChildItem bundles/*.p7m).Count) archives"
    "  once more: $((Export-CdfBundle ./bundles -KeyFile ./keys.jsonl -Format Zip -Recipient factory.cer -Include QrSvg, Labels).SkippedCount) are there already"

    'There:'
    openssl cms -decrypt -inform DER -binary -in bundles/000001.zip.p7m -inkey factory.key -recip factory.cer -out 000001.zip
    Expand-Archive 000001.zip opened
    "  sensor-00001: $((Get-ChildItem opened/sensor-00001).Name -join ', ')"
    "  openssl verify: $((openssl verify -CAfile opened/sensor-00001/chain.pem opened/sensor-00001/certificate.pem) -replace '^.*: ')"
    "  labels: $(@(Import-Csv opened/labels.csv).Count)"

    'A meter is switched on. The first time it is registered and has to connect again:'
    Set-Content jitp.json @'
{
  "Parameters": { "AWS::IoT::Certificate::CommonName": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } },
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "AWS::IoT::Certificate::CommonName" } } },
    "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "ACTIVE" } },
    "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
  }
}
'@
    Set-CdfCertificateAuthority $ca.CaId -AutoRegistration -TemplatePath ./jitp.json
    Export-CdfKey ./keys.jsonl ./meter -ThingName meter-0001 | Out-Null
    $server = Start-CdfServer -Port 0 -DevicePort 0
    $connected = 1..2 | ForEach-Object { Test-CdfConnection meter-0001 -KeyDirectory ./meter -EndPoint "localhost:$($server.DeviceAddress.Port)" -Quiet }
    "  connected: $($connected -join ', then '); things: $((Get-CdfThing meter-*).ThingName)"
}
finally {
    Get-CdfServer | Stop-CdfServer
    Pop-Location
    Disconnect-Cdf
    Remove-Item $folder -Recurse -Force
}
