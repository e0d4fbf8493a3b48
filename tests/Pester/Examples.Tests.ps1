#Requires -Version 7.6

# What the help and the README print runs as it is printed.

BeforeDiscovery {
    Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'CdfProvisioning.psd1'))
    $examples = foreach ($command in (Get-Command -Module CdfProvisioning).Name) {
        $number = 0
        foreach ($code in @((Get-Help $command -Full).examples.example.code)) {
            $number++
            # What cannot be run here, and why.
            $why = switch -Regex ($code) {
                'Test-CdfConnection|mosquitto_pub' { 'devices that connect have tests of their own'; break }
                '-ProfileName' { 'it needs an account of AWS'; break }
                'Start-CdfServer.*-Wait' { 'it waits for Ctrl+C'; break }
                '-KeyUri' { 'tokens and KMS have tests of their own'; break }
                'Read-Host' { 'it asks for a password'; break }
                '^aws |aws --endpoint-url' { 'the AWS CLI has tests of its own'; break }
                'Get-PfxCertificate' { 'it serves all of the network'; break }
                'Export-CdfKey|Unprotect-CdfKeyFile' { 'key files have tests of their own'; break }
                'Complete-CdfCertificateRotation -Confirmed|Path ./csrs.csv' { 'certificates under rotation have tests of their own'; break }
                'Export-CdfSigningRequest|Import-CdfCertificate ./signed' { 'CAs elsewhere have tests of their own'; break }
                'Import-CdfManifest|Export-CdfBundle' { 'the files of makers and factories have tests of their own'; break }
            }
            @{ Name = "$command, example $number"; Code = $code; Why = $why }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # The files that the examples name.
    function Add-ExampleFiles([string] $Folder) {
        $null = New-Item -ItemType Directory (Join-Path $Folder module), (Join-Path $Folder lists)
        Copy-Item $templates (Join-Path $Folder module templates) -Recurse
        Copy-Item (Join-Path $repository module samples) (Join-Path $Folder module samples) -Recurse
        Copy-Item (Join-Path $templates csr) (Join-Path $Folder csr) -Recurse
        Copy-Item (Join-Path $templates sensor-csr.csv) (Join-Path $Folder devices-csr.csv)
        Copy-Item (Join-Path $templates sensor.json), (Join-Path $templates sensors.policy.json), (Join-Path $templates csr *.csr) $Folder
        Get-Content (Join-Path $repository module samples devices.csv) -First 6 | Set-Content (Join-Path $Folder devices.csv)
        Add-Content (Join-Path $Folder devices.csv) 'sensor-ulm,SN-9,Ulm'
        'fleet', 'jitp' | ForEach-Object { Set-Content (Join-Path $Folder "$_.json") '{ "Parameters": { "AWS::IoT::Certificate::Id": { "Type": "String" } }, "Resources": { "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" } } } } }' }
        $null = Add-TestFile $Folder sensor-1.pem ((Get-Content (Join-Path $templates without-ca.jsonl) -First 1 | ConvertFrom-Json).'cdf.certificatePem')
        1..2 | ForEach-Object { $null = Add-TestFile (Join-Path $Folder lists) "list$_.csv" "ThingName,Serial No.`nlisted-$_,$_`n" }
    }
}

Describe 'The example of <Name>' -ForEach $examples {
    It 'runs as printed' {
        if ($Why) { Set-ItResult -Skipped -Because $Why; return }
        $folder = New-TestFolder
        Add-ExampleFiles $folder
        $ConfirmPreference = 'None'
        $null = Connect-Cdf (Join-Path $folder home) -KeyAlgorithm P256
        Push-Location $folder
        try {
            # What the examples take to be there.
            $null = New-CdfPolicy sensors -Path ./sensors.policy.json
            'sensor', 'thermometer' | ForEach-Object { $null = New-CdfThingType $_ }
            'sensors', 'pallet-12', 'ulm', 'hall-1', 'hall-2' | ForEach-Object { $null = New-CdfThingGroup $_ }
            if ($Code -notmatch 'New-CdfBillingGroup') { $null = New-CdfBillingGroup plant-7 }
            if ($Code -notmatch 'New-CdfThingGroup factory-7') {
                $null = New-CdfThingGroup factory-7
                $null = New-CdfThingGroup factory-7-hall-1 -ParentGroup factory-7
            }
            $ca = New-CdfCertificateAuthority 'Factory 7'
            Set-CdfTemplate sensor ./sensor.json
            Set-CdfTemplate sensor-ulm ./sensor.json
            Set-CdfTemplate sensor-csr module/templates/sensor-csr.json
            Set-CdfTemplate without-ca module/templates/without-ca.json
            Set-CdfTemplate plain -Body ($plainTemplate -replace 'Model', 'SerialNumber')
            if ($Code -match 'GroupPath|Resolve-|Assignment' -and $Code -notmatch 'Set-CdfTemplateAssignment') { Set-CdfTemplateAssignment sensor /europe/ulm }
            if ($Code -match 'Get-CdfThing sensor-1 \|') { Set-CdfTemplateAssignment sensor / }
            if ($Code -match 'sensor-1(?!.*Set-CdfTemplate)' -and $Code -notmatch 'New-CdfThing|Test-CdfTemplate') {
                $null = New-CdfThing sensor @{ ThingName = 'sensor-1'; SerialNumber = 'SN-1' } -CertificateAuthority $ca -Subject 'CN=x' -KeyDirectory ./keys
            }
            if ($Code -match 'CdfProvisioning(Template|Claim) fleet' -and $Code -notmatch 'New-CdfProvisioningTemplate') { $null = New-CdfProvisioningTemplate fleet ./fleet.json }
            if ($Code -match 'New-CdfPolicy') { Remove-CdfPolicy sensors }
            if ($Code -match 'New-CdfThingType') { Remove-CdfThingType thermometer }
            if ($Code -match '\$task' -and $Code -notmatch '\$task =') {
                $task = Start-CdfBulkRegistration sensor (Add-TestFile $folder x.csv "ThingName,SerialNumber`nbad,not ok`n") -CertificateAuthority $ca -Subject 'CN=x' -KeyDirectory ./keys -Wait -ErrorAction Ignore
            }
            if ($Code -match 'again\.csv') { $ErrorActionPreference = 'SilentlyContinue' } # its one device is bad
            if ($Code -match '^\(Get-CdfServer') { $null = Start-CdfServer -Port 0 }

            $warnings = @()
            & ([scriptblock]::Create($Code)) -WarningVariable warnings *>&1 | ForEach-Object {
                if ($_ -is [System.Management.Automation.ErrorRecord] -and $Code -notmatch 'again\.csv') { throw $_ }
            }
        }
        finally {
            Pop-Location
            Get-CdfServer | Stop-CdfServer
            Disconnect-Cdf
        }
    }
}

Describe 'The README' {
    It 'runs as printed, from its first block to its last' {
        $folder = New-TestFolder
        Add-ExampleFiles $folder
        # The list of the README has 10,000 devices; a few do.
        Get-Content (Join-Path $repository module samples devices.csv) -First 21 | Set-Content (Join-Path $folder module samples devices.csv)
        $blocks = [regex]::Matches((Get-Content (Join-Path $repository README.md) -Raw), '(?s)```powershell\r?\n(.*?)```').ForEach{ $_.Groups[1].Value }
        $run = $blocks.Where{ $_ -notmatch 'build\.ps1|-ProfileName|Start-CdfServer .*-Wait' }
        $run.Count | Should -BeGreaterThan 5
        $ConfirmPreference = 'None'
        $null = Connect-Cdf (Join-Path $folder home) -KeyAlgorithm P256
        Push-Location $folder
        try {
            foreach ($block in $run) {
                . ([scriptblock]::Create($block)) *>&1 | ForEach-Object {
                    if ($_ -is [System.Management.Automation.ErrorRecord]) { throw $_ }
                    if ($_ -is [System.Management.Automation.WarningRecord] -and "$_" -like "Nothing uses*") { throw "$_" }
                    if ($_.psobject.Properties['BadCount']) { $_.BadCount | Should -Be 0 -Because $block }
                }
            }
        }
        finally {
            Pop-Location
            Disconnect-Cdf
        }
    }
}

Describe 'The topic about every day after' {
    It 'runs as printed, from its first job to its last' {
        $folder = New-TestFolder
        Add-ExampleFiles $folder
        $text = Get-Content -Raw (Join-Path $repository module en-US about_CdfProvisioning_Day2.help.txt)
        $jobs = [regex]::Matches($text, '(?m)(?:^ {8}\S.*\r?\n)+').Value
        $jobs | Should -HaveCount 20
        $ConfirmPreference = 'None'
        $null = Connect-Cdf (Join-Path $folder home) -KeyAlgorithm P256
        Push-Location $folder
        try {
            $null = New-CdfPolicy sensors -Path ./sensors.policy.json
            $null = New-CdfThingType sensor
            'sensors', 'hall-1', 'hall-2' | New-CdfThingGroup | Out-Null
            $null = New-CdfCertificateAuthority 'Factory 7'
            Set-CdfTemplate sensor ./sensor.json
            foreach ($name in 'sensor-1', 'sensor-2', 'sensor-3') {
                $null = New-CdfThing sensor @{ ThingName = $name; SerialNumber = 'SN' } -CertificateAuthority 'Factory 7' -Subject 'CN=x' -KeyDirectory ./keys
            }
            Add-CdfThingGroupMember hall-1 sensor-1, sensor-3
            $null = Start-CdfServer -Port 0 -DevicePort 0

            $connected = foreach ($job in $jobs) {
                . ([scriptblock]::Create($job)) *>&1 | ForEach-Object {
                    if ($_ -is [System.Management.Automation.ErrorRecord]) { throw "$job $_" }
                    if ($job -like '*Test-CdfConnection*') { $_ }
                }
            }

            ($connected | Where-Object ThingName -EQ sensor-2)[-1].Succeeded | Should -BeTrue

            (Get-CdfThing sensor-3 -ErrorAction Ignore) | Should -BeNullOrEmpty -Because 'the list does not have it'
            (Get-CdfCertificateAuthority | Where-Object Subject -EQ 'CN=Factory 7').Status | Should -Be INACTIVE
            Join-Path $folder fleet.html | Should -Exist
        }
        finally {
            Pop-Location
            Get-CdfServer | Stop-CdfServer
            Disconnect-Cdf
        }
    }
}
