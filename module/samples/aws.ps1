<#
.SYNOPSIS
Does at AWS, with a few devices, what this module is for: a CA, templates in S3, single devices, both kinds of lists. Removes all of it at the end.
.DESCRIPTION
Without parameters it needs no account: it serves AWS's own protocol in this process, and connects to that as to AWS. Everything
it makes in the registry has a name that begins with cdf-sample-.
.PARAMETER Connection
How to connect to AWS: the parameters of Connect-Cdf, with a TemplateBucket, and for a list that AWS itself registers with a
BulkBucket and a BulkRoleArn. AWS IoT keeps no trace; the list and the templates' earlier versions may stay in the buckets.
.EXAMPLE
./aws.ps1
.EXAMPLE
./aws.ps1 -Connection @{ ProfileName = 'sandbox'; Region = 'eu-west-1'; TemplateBucket = 'my-templates'; BulkBucket = 'my-bulk'; BulkRoleArn = 'arn:aws:iam::123456789012:role/iot-bulk' }
#>
param([System.Collections.IDictionary] $Connection)
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot .. .. CdfProvisioning.psd1)

$name = "cdf-sample-$((New-Guid).ToString('N').Substring(0, 8))"
$folder = [System.IO.Directory]::CreateTempSubdirectory("$name-").FullName
$keys = Join-Path $folder keys
$server = $null

function New-Template([string] $Certificate, [string] $Cdf) {
    $parameters = foreach ($parameter in 'ThingName', 'CertificateId', 'CertificatePem', 'CaCertificatePem') {
        if ("""ThingName"" $Certificate".Contains("""$parameter""")) { """$parameter"": { ""Type"": ""String"" }" }
    }
    @"
{
  "Parameters": { $($parameters -join ', ') },
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "ThingGroups": ["$name"] } }$(if ($Certificate) { @"
,
    "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { $Certificate } },
    "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "$name" } }
"@ })
  }$(if ($Cdf) { ",`n  ""CDF"": { $Cdf }" })
}
"@
}

try {
    if (-not $Connection) {
        $null = Connect-Cdf -Path (Join-Path $folder account)
        $server = Start-CdfServer -Port 0 -AwsPort 0 -NewAccessKey
        'templates', 'lists' | ForEach-Object { $null = New-Item -ItemType Directory -Force (Join-Path $folder account buckets $_) }
        $Connection = @{
            EndpointUrl = $server.AwsAddress; Region = 'us-east-1'; AccessKey = $server.AccessKey; SecretKey = $server.SecretKey
            TemplateBucket = 'templates'; BulkBucket = 'lists'; BulkRoleArn = 'arn:aws:iam::123456789012:role/lists'
        }
    }
    '--- Connect, and make what the templates refer to'
    Connect-Cdf @Connection | Out-Default
    New-CdfPolicy -Name $name -Path (Join-Path $PSScriptRoot .. templates sensors.policy.json) | Out-Default
    New-CdfThingGroup -Name $name | Out-Default
    $ca = New-CdfCertificateAuthority -CommonName "$name CA" -Organization Example
    $ca | Out-Default

    '--- Templates: a certificate of that CA, one of AWS IoT, and none'
    Set-CdfTemplate -TemplateId "$name-ca" -PassThru -Body (New-Template '"CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" }' '"createDeviceCertificate": true, "clientIdMustMatchThingName": true') | Out-Default
    Set-CdfTemplate -TemplateId "$name-aws" -PassThru -Body (New-Template '"CertificateId": { "Ref": "CertificateId" }' '"createDeviceAWSCertificate": true') | Out-Default
    Set-CdfTemplate -TemplateId "$name-plain" -PassThru -Body (New-Template) | Out-Default

    '--- One device of each'
    $certificate = @{ caId = $ca.CaId; certInfo = @{ commonName = '{ThingName}'; daysExpiry = 30 } }
    New-CdfThing -TemplateId "$name-ca" -Parameters @{ ThingName = "$name-1" } -CdfParameters $certificate -KeyDirectory $keys | Out-Default
    New-CdfThing -TemplateId "$name-aws" -Parameters @{ ThingName = "$name-2" } -KeyDirectory $keys | Out-Default
    New-CdfThing -TemplateId "$name-plain" -Parameters @{ ThingName = "$name-3" } | Out-Default
    Get-CdfThing "$name-1" | Out-Default
    Set-CdfThingCertificateStatus -Name "$name-1" -Status INACTIVE -PassThru | Out-Default

    '--- A list that is registered from here, since its template has a CDF section'
    11..20 | ForEach-Object { @{ ThingName = "$name-$_" } } | Start-CdfBulkRegistration -TemplateId "$name-ca" -CdfParameters $certificate -KeyDirectory $keys -Wait -PassThru | Out-Default

    if ($Connection['BulkBucket']) {
        '--- A list that AWS registers'
        21..30 | ForEach-Object { @{ ThingName = "$name-$_" } } | Start-CdfBulkRegistration -TemplateId "$name-plain" -Wait -PassThru | Out-Default
    }

    $things = @(Get-CdfThing -Group $name)
    "$($things.Count) things in the group, $(@($things.Certificates).Count) certificates, $(@(Get-ChildItem $keys).Count) keys"
}
finally {
    '--- Remove everything'
    if (Get-CdfConnection -ErrorAction Ignore) {
        Get-CdfThing "$name-*" | Remove-CdfThing -IncludeCertificates -Confirm:$false -ErrorAction Continue
        Get-CdfPolicy "clientIdEnforcementPolicy_$name-*" | Remove-CdfPolicy -Confirm:$false -ErrorAction Continue
        Get-CdfTemplate "$name-*" | Remove-CdfTemplate -Confirm:$false -ErrorAction Continue
        Get-CdfThingGroup "$name*" | Remove-CdfThingGroup -Confirm:$false -ErrorAction Continue
        Get-CdfPolicy "$name*" | Remove-CdfPolicy -Confirm:$false -ErrorAction Continue
        if ($ca) { $ca | Remove-CdfCertificateAuthority -Confirm:$false -ErrorAction Continue }
        "Left: $(@(Get-CdfThing "$name-*").Count) things, $(@(Get-CdfPolicy "*$name*").Count) policies, $(@(Get-CdfThingGroup "$name*").Count) groups, $(@(Get-CdfTemplate "$name-*").Count) templates, $(@($ca | Get-CdfCertificateAuthority -ErrorAction Ignore).Count) CAs"
    }
    Disconnect-Cdf
    if ($server) { $server | Stop-CdfServer }
    Remove-Item $folder -Recurse -Force
}
