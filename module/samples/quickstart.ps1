<#
.SYNOPSIS
Provisions one device and then a list of 10,000, in a registry of its own that is deleted at the end.
.DESCRIPTION
Uses only what the PowerShell engine itself has, so that it runs in pwsh and in CdfProvisioning.Shell alike.
#>
$ErrorActionPreference = 'Stop'

if (-not (Get-Command New-CdfThing -ErrorAction Ignore)) {
    Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'CdfProvisioning.psd1'))
}

$templates = [System.IO.Path]::Combine($PSScriptRoot, '..', 'templates')
$folder = [System.IO.Directory]::CreateTempSubdirectory('cdf-quickstart-').FullName
$keys = [System.IO.Path]::Combine($folder, 'keys')

try {
    '--- A registry, with what the template refers to: a policy, a thing type, a group, and a CA'
    Connect-Cdf -Path ([System.IO.Path]::Combine($folder, 'registry')) | Out-Default
    New-CdfPolicy -Name sensors -Path "$templates/sensors.policy.json" | Out-Default
    New-CdfThingType -Name sensor -Description 'Measures, does not act' | Out-Default
    New-CdfThingGroup -Name sensors | Out-Default
    $ca = New-CdfCertificateAuthority -CommonName 'Quick start CA' -Organization Example -Country DE
    $ca | Out-Default

    '--- The template: checked, then stored'
    Test-CdfTemplate -Path "$templates/sensor.json" | Out-Default
    Set-CdfTemplate -TemplateId sensor -Path "$templates/sensor.json" -PassThru | Out-Default

    '--- One device: first what would happen, then for real'
    $device = @{ ThingName = 'sensor-0'; SerialNumber = 'SN-0'; Site = 'ulm' }
    $certificate = @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor'; organization = 'Example'; daysExpiry = 365 } }
    New-CdfThing -TemplateId sensor -Parameters $device -CdfParameters $certificate -WhatIf
    New-CdfThing -TemplateId sensor -Parameters $device -CdfParameters $certificate -KeyDirectory $keys | Out-Default
    Get-CdfThing sensor-0 | Out-Default

    '--- 10,000 devices, each with a key and a certificate of its own'
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $task = Start-CdfBulkRegistration -TemplateId sensor -Path "$PSScriptRoot/devices.csv" -CdfParameters $certificate -KeyDirectory $keys -Wait -PassThru
    $task | Out-Default
    "$($task.SuccessCount) devices in $($watch.Elapsed.TotalSeconds.ToString('0.0')) s"

    '--- What became of each device: the first three'
    $results = [System.Collections.Generic.List[object]]::new()
    Get-CdfBulkRegistrationResult -TaskId $task.TaskId | ForEach-Object { $results.Add($_) }
    $results.GetRange(0, 3) | Out-Default

    '--- Lock a device out, and let it in again'
    Set-CdfThingCertificateStatus -Name sensor-00042 -Status INACTIVE -PassThru | Out-Default
    Set-CdfThingCertificateStatus -Name sensor-00042 -Status ACTIVE -PassThru | Out-Default

    '--- Remove some devices'
    Get-CdfThing sensor-0000* | Remove-CdfThing -Confirm:$false -Verbose
}
finally {
    Disconnect-Cdf
    [System.IO.Directory]::Delete($folder, $true)
}
