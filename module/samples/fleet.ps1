<#
.SYNOPSIS
A thousand devices, and every day after: what expires, a rotation, an edited list, a new policy, a retired CA, and a page of it all.
.DESCRIPTION
The registry and the keys are in a folder of their own, which goes at the end. Devices connect to the registry's own device port.
.EXAMPLE
./fleet.ps1
#>
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)
$templates = Join-Path $PSScriptRoot .. templates
$folder = [System.IO.Directory]::CreateTempSubdirectory('cdf-fleet-').FullName
$newKeys = Join-Path $folder new-keys
$list = Join-Path $folder devices.csv

try {
    Connect-Cdf -Path (Join-Path $folder registry) -KeyAlgorithm P256 | Out-Null
    New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json) | Out-Null
    New-CdfThingType sensor | Out-Null
    New-CdfThingGroup sensors | Out-Null
    $ca = New-CdfCertificateAuthority 'Factory 7'
    Set-CdfTemplate sensor (Join-Path $templates sensor.json)
    $signed = @{ CertificateAuthority = 'Factory 7'; Subject = 'CN={ThingName}'; KeyDirectory = Join-Path $folder keys }

    $devices = Import-Csv (Join-Path $PSScriptRoot devices.csv) | Select-Object -First 1000
    $devices[0..4] | Sync-CdfList sensor @signed -ValidDays 20 | Out-Null
    $devices | Export-Csv $list
    $first = Sync-CdfList sensor $list @signed -ValidDays 365
    "The list: $($first.NewCount) new, $($first.SameCount) as they are."

    'What expires within 30 days:'
    $soon = Get-CdfCertificate -ExpiresWithin 30d
    $soon | ForEach-Object { "  $($_.Things) in $($_.DaysLeft) days" }

    'They get new certificates, and four of the five move to them:'
    $rotation = $soon | Start-CdfCertificateRotation sensor -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName}' -ValidDays 365 -KeyDirectory $newKeys -Wait
    $server = Start-CdfServer -Port 0 -DevicePort 0
    $moved = $soon.Things | Select-Object -First 4 | Test-CdfConnection -KeyDirectory $newKeys -EndPoint "localhost:$($server.DeviceAddress.Port)" -Quiet
    Stop-CdfServer
    $completed = Complete-CdfCertificateRotation -TaskId $rotation.TaskId -PassThru
    "  all four connected: $moved; old certificates INACTIVE: $(@($completed).Count)"
    "  left behind: $((Get-CdfCertificateRotation -State Waiting).ThingName)"

    'The list is edited: two sites change, one device goes, one comes.'
    $edited = $devices | Select-Object -Skip 1
    $edited[10].Site = $edited[11].Site = 'bonn'
    @($edited) + [pscustomobject]@{ ThingName = 'sensor-new'; SerialNumber = 'SN-NEW'; Site = 'ulm' } | Export-Csv $list
    Compare-CdfList sensor $list @signed -Group sensors | Group-Object State -NoElement | ForEach-Object { "  $($_.Name): $($_.Count)" }
    $second = Sync-CdfList sensor $list @signed -Group sensors -Prune -Confirm:$false
    "  synchronised: $($second.NewCount) new, $($second.ChangedCount) changed, $($second.RemovedCount) removed"
    "  once more: $((Sync-CdfList sensor $list @signed -Group sensors).SameCount) the same"

    'A policy changes for all:'
    $document = Get-Content -Raw (Join-Path $templates sensors.policy.json) | ConvertFrom-Json -AsHashtable
    $document.Statement += @{ Effect = 'Allow'; Action = 'iot:Subscribe'; Resource = 'arn:aws:iot:*:*:topicfilter/sensors/${iot:Connection.Thing.ThingName}/commands' }
    Set-CdfPolicy sensors ($document | ConvertTo-Json -Depth 5)
    "  version $((Get-CdfPolicy sensors).DefaultVersionId) for $(@(Get-CdfCertificate | Where-Object Policies -contains sensors).Count) certificates"

    'The CA is retired: its devices go on, and no new one is registered with it.'
    Set-CdfCertificateAuthority $ca.CaId -Status INACTIVE
    try { New-CdfThing sensor @{ ThingName = 'sensor-late'; SerialNumber = 'SN-LATE' } @signed | Out-Null }
    catch { "  $(($_.Exception.Message -split '(?<=\.) ')[0] -replace '[0-9a-f]{56}\b', '...')" }

    $page = Export-CdfReport (Join-Path $folder fleet.html) -PassThru
    "A page of it all: $($page.Name), $([Math]::Round($page.Length / 1kb)) kB"
}
finally {
    Get-CdfServer | Stop-CdfServer
    Disconnect-Cdf
    Remove-Item $folder -Recurse -Force
}
