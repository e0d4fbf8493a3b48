<#
.SYNOPSIS
Provisions one device and then a list of 10,000, in a registry of its own that is deleted at the end.
.EXAMPLE
./quickstart.ps1
#>
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)

$templates = Join-Path $PSScriptRoot .. templates
$folder = [System.IO.Directory]::CreateTempSubdirectory('cdf-quickstart-').FullName
$keys = Join-Path $folder keys

try {
    '--- A registry, with what the template refers to: a policy, a thing type, a group, and a CA'
    Connect-Cdf -Path (Join-Path $folder registry) | Out-Default
    New-CdfPolicy -Name sensors -Path (Join-Path $templates sensors.policy.json) | Out-Default
    New-CdfThingType -Name sensor -Description 'Measures, does not act' | Out-Default
    New-CdfThingGroup -Name sensors | Out-Default
    $ca = New-CdfCertificateAuthority -CommonName 'Quick start CA' -Organization Example -Country DE
    $ca | Out-Default

    '--- The template: checked, then stored'
    Test-CdfTemplate -Path (Join-Path $templates sensor.json) | Out-Default
    Set-CdfTemplate -TemplateId sensor -Path (Join-Path $templates sensor.json) -PassThru | Out-Default

    '--- One device: first what would happen, then for real'
    $device = @{ ThingName = 'sensor-0'; SerialNumber = 'SN-0'; Site = 'ulm' }
    $certificate = @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor'; organization = 'Example'; daysExpiry = 365 } }
    New-CdfThing -TemplateId sensor -Parameters $device -CdfParameters $certificate -WhatIf
    New-CdfThing -TemplateId sensor -Parameters $device -CdfParameters $certificate -KeyDirectory $keys | Out-Default
    Get-CdfThing sensor-0 | Out-Default

    '--- 10,000 devices, each with a key and a certificate of its own'
    $time = Measure-Command {
        $task = Import-Csv (Join-Path $PSScriptRoot devices.csv) |
            Start-CdfBulkRegistration -TemplateId sensor -CdfParameters $certificate -KeyDirectory $keys -Wait -PassThru
    }
    $task | Out-Default
    '{0} devices in {1:0.0} s' -f $task.SuccessCount, $time.TotalSeconds

    '--- What became of each device: the first three'
    $task | Get-CdfBulkRegistrationResult | Select-Object -First 3 | Out-Default

    '--- Lock a device out, and let it in again'
    Set-CdfThingCertificateStatus -Name sensor-00042 -Status INACTIVE -PassThru | Out-Default
    Set-CdfThingCertificateStatus -Name sensor-00042 -Status ACTIVE -PassThru | Out-Default

    '--- Remove some devices'
    Get-CdfThing sensor-0000* | Remove-CdfThing -Confirm:$false -Verbose
}
finally {
    Disconnect-Cdf
    Remove-Item $folder -Recurse -Force
}
