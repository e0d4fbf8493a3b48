<#
.SYNOPSIS
Serves the REST API until Ctrl+C, over a registry with the template 'sensor' and a CA, whose id it writes first.
.DESCRIPTION
The registry is that of the environment variable CDF_HOME, or the user's own. What is there already is left as it is.
#>
param([int] $Port = 3004)
$ErrorActionPreference = 'Stop'

if (-not (Get-Command Start-CdfServer -ErrorAction Ignore)) {
    Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'CdfProvisioning.psd1'))
}

$templates = [System.IO.Path]::Combine($PSScriptRoot, '..', 'templates')
if (-not (Get-CdfTemplate sensor -ErrorAction Ignore)) {
    New-CdfPolicy -Name sensors -Path "$templates/sensors.policy.json" | Out-Null
    New-CdfThingType -Name sensor | Out-Null
    New-CdfThingGroup -Name sensors | Out-Null
    New-CdfCertificateAuthority -CommonName 'Sample CA' | Out-Null
    Set-CdfTemplate -TemplateId sensor -Path "$templates/sensor.json"
}

[Console]::Out.WriteLine("CA=$(@(Get-CdfCertificateAuthority)[0].CaId)")
Start-CdfServer -Port $Port -KeyDirectory ([System.IO.Path]::Combine((Get-CdfConnection).Path, 'device-keys')) -Wait -Verbose
