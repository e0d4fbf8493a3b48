<#
.SYNOPSIS
Provisions a device, lets it connect by MQTT, sees what it may publish, and locks it out.
.DESCRIPTION
The registry and the keys are in a folder of their own, which goes at the end. With mosquitto_pub the device publishes a
reading as a program of somebody else's; Test-CdfConnection connects either way.
#>
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)
$templates = Join-Path $PSScriptRoot .. templates
$folder = [System.IO.Directory]::CreateTempSubdirectory('cdf-device-').FullName

try {
    Connect-Cdf -Path (Join-Path $folder registry) | Out-Null
    $server = Start-CdfServer -Port 0 -DevicePort 0
    $port = $server.DeviceAddress.Port

    'A device is provisioned from a template:'
    New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json) | Out-Null
    Set-CdfTemplate sensor -Path (Join-Path $templates aws-certificate.json)
    New-CdfThing sensor @{ ThingName = 'sensor-1' } -KeyDirectory (Join-Path $folder keys) | Out-Null
    Get-CdfThing sensor-1 | Format-Table ThingName, CertificateStatus -HideTableHeaders | Out-String | ForEach-Object Trim

    'It connects, and may publish its readings:'
    $device = @{ ThingName = 'sensor-1'; KeyDirectory = Join-Path $folder keys }
    (Test-CdfConnection @device -PublishTo sensors/sensor-1/data).Steps | ForEach-Object { "  $($_.Name): $($_.Succeeded)" }

    if (Get-Command mosquitto_pub -ErrorAction Ignore) {
        $root = Join-Path $folder root.pem
        Export-CdfRootCertificate $root | Out-Null
        $pem = Join-Path $folder keys sensor-1.pem
        mosquitto_pub -h localhost -p $port --cafile $root --cert $pem --key $pem -i sensor-1 -q 1 -t sensors/sensor-1/data -m 21.5
        "mosquitto_pub: $($LASTEXITCODE -eq 0 ? 'published' : 'failed')"
    }

    'Another topic is not its own:'
    $refused = Test-CdfConnection @device -PublishTo sensors/sensor-2/data
    "  $($refused.FailedStep): $($refused.Reason)"

    'Locked out:'
    Set-CdfThingCertificateStatus sensor-1 INACTIVE
    $out = Test-CdfConnection @device
    "  $($out.FailedStep): $($out.Reason -replace '[0-9a-f]{56}\b', '...')"
    "  $($out.Remedy)"
}
finally {
    Stop-CdfServer
    Disconnect-Cdf
    Remove-Item $folder -Recurse -Force
}
