<#
.SYNOPSIS
Serves the REST API until Ctrl+C, over a registry with the template 'sensor' and a CA, whose id it writes first.
.DESCRIPTION
The registry is that of the environment variable CDF_HOME, or the user's own. What is there already is left as it is.
#>
param([int] $Port = 3004)
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)

$templates = Join-Path $PSScriptRoot .. templates
if (-not (Get-CdfTemplate sensor -ErrorAction Ignore)) {
    New-CdfPolicy -Name sensors -Path (Join-Path $templates sensors.policy.json) | Out-Null
    New-CdfThingType -Name sensor | Out-Null
    New-CdfThingGroup -Name sensors | Out-Null
    New-CdfCertificateAuthority -CommonName 'Sample CA' | Out-Null
    Set-CdfTemplate -TemplateId sensor -Path (Join-Path $templates sensor.json)
}

$ca = Get-CdfCertificateAuthority | Select-Object -First 1
"CA=$($ca.CaId)"
Start-CdfServer -Port $Port -KeyDirectory (Join-Path (Get-CdfConnection).Path device-keys) -Wait -Verbose
