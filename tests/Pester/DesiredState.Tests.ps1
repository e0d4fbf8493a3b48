BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # A thing of a group with an attribute, and a key and certificate that AWS IoT makes.
    $fleetTemplate = @'
{
  "Parameters": {
    "ThingName": { "Type": "String" }, "Site": { "Type": "String" }, "Type": { "Type": "String", "Default": "sensor" },
    "Group": { "Type": "String", "Default": "fleet" }, "CertificateId": { "Type": "String" }
  },
  "Resources": {
    "thing": {
      "Type": "AWS::IoT::Thing",
      "Properties": {
        "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "site": { "Ref": "Site" } },
        "ThingTypeName": { "Ref": "Type" }, "ThingGroups": [{ "Ref": "Group" }]
      }
    },
    "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "ACTIVE" } },
    "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
  },
  "CDF": { "createDeviceAWSCertificate": true }
}
'@

    function Add-Fleet {
        Connect-TestRegistry $folder
        Add-TestTemplates
        Set-CdfTemplate fleet -Body $fleetTemplate
        $null = New-CdfThingType sensor
        'fleet', 'north' | New-CdfThingGroup | Out-Null
    }

    # A list of devices in a file: name, site and whatever further columns.
    function Set-List([string[]] $Rows, [string] $Header = 'ThingName,Site') {
        Add-TestFile $folder list.csv (@($Header) + $Rows -join "`n")
    }

    # The comparison in short: 'Changed dev-2: changes Attributes.site from 'ulm' to 'bonn''.
    function Get-Comparison {
        Compare-CdfList @args | ForEach-Object { "$($_.State) $($_.ThingName)$(if ($_.State -eq 'Changed') { ": $($_.Changes -join '; ')" } elseif ($_.Problems) { ": $($_.Problems)" })" }
    }
}

Describe 'Comparing and synchronising a list' {
    BeforeAll {
        $folder = New-TestFolder
        Add-Fleet
        $list = Set-List 'dev-1,ulm', 'dev-2,ulm', 'dev-3,ulm'
    }

    It 'Says that all is new, without a key folder and without changing anything' {
        Get-Comparison fleet $list -Group fleet | Should -Be 'New dev-1', 'New dev-2', 'New dev-3'
        Get-CdfThing | Should -BeNullOrEmpty
    }

    It 'Registers what is new, and says what it has come to' {
        $result = Sync-CdfList fleet $list -KeyDirectory (Join-Path $folder keys)
        $result | Select-Object RowCount, NewCount, ChangedCount, SameCount, FailureCount | Should -BeLike '@{RowCount=3; NewCount=3; ChangedCount=0; SameCount=0; FailureCount=0}'
        (Get-CdfBulkRegistrationResult $result.TaskId).Succeeded | Should -Be $true, $true, $true
        (Get-CdfThing dev-1).Attributes.site | Should -Be ulm
    }

    It 'Changes nothing and fails nothing the second time, with or without a key folder' {
        $certificates = (Get-CdfThing).Certificates.CertificateId | Sort-Object
        Get-Comparison fleet $list -ThingType sensor | Should -Be 'Same dev-1', 'Same dev-2', 'Same dev-3'
        $result = Sync-CdfList fleet $list
        $result.SameCount | Should -Be 3
        $result.TaskId | Should -BeNullOrEmpty
        (Get-CdfThing).Certificates.CertificateId | Sort-Object | Should -Be $certificates
    }

    It 'Says what differs from an edited list, and makes it so with the certificates that there are' {
        $certificates = (Get-CdfThing).Certificates.CertificateId | Sort-Object
        $null = Set-List 'dev-1,bonn', 'dev-2,ulm', 'dev-4,ulm'
        Get-Comparison fleet $list -Group fleet | Should -Be "Changed dev-1: changes Attributes.site from 'ulm' to 'bonn'", 'Same dev-2', 'New dev-4', 'Extra dev-3'
        $result = Sync-CdfList fleet $list -KeyDirectory (Join-Path $folder keys) -Group fleet
        $result | Select-Object RowCount, NewCount, ChangedCount, SameCount, FailureCount, ExtraCount, RemovedCount |
            Should -BeLike '@{RowCount=3; NewCount=1; ChangedCount=1; SameCount=1; FailureCount=0; ExtraCount=1; RemovedCount=0}'
        (Get-CdfThing dev-1).Attributes.site | Should -Be bonn
        (Get-CdfThing dev-1, dev-2, dev-3).Certificates.CertificateId | Sort-Object | Should -Be $certificates
        Get-Comparison fleet $list | Should -Be 'Same dev-1', 'Same dev-2', 'Same dev-4'
    }

    It 'Shows with WhatIf what Compare shows, and does nothing' {
        $null = Set-List 'dev-1,ulm', 'dev-5,ulm'
        $whatIf = Sync-CdfList fleet $list -Group fleet -Prune -WhatIf
        $whatIf.State | Should -Be Changed, New, Extra, Extra, Extra
        (Get-CdfThing dev-1).Attributes.site | Should -Be bonn
    }

    It 'Removes what is extra with Prune alone' {
        $null = Set-List 'dev-1,bonn', 'dev-2,ulm'
        $result = Sync-CdfList fleet $list -Group fleet -Prune -Confirm:$false
        $result | Select-Object SameCount, ExtraCount, RemovedCount | Should -BeLike '@{SameCount=2; ExtraCount=2; RemovedCount=2}'
        (Get-CdfThing).ThingName | Sort-Object | Should -Be dev-1, dev-2
        (Sync-CdfList fleet $list -Group fleet -Prune).RemovedCount | Should -Be 0 -Because 'there is nothing to ask for'
        $null = Set-List 'dev-1,bonn', 'dev-2,ulm', 'dev-6,ulm'
        $null = Sync-CdfList fleet $list -KeyDirectory (Join-Path $folder keys)
        $null = Set-List 'dev-1,bonn', 'dev-2,ulm'
        (Sync-CdfList fleet $list -Group fleet -Prune -Force).RemovedCount | Should -Be 1
    }

    It 'Asks before it removes' {
        $null = Set-List 'dev-1,bonn'
        $session = New-Session
        { Invoke-InSession $session { Sync-CdfList fleet $args[0] -ThingType sensor -Prune -Connection $args[1] } $list (Get-CdfConnection) } | Should -Throw -Because 'nobody is there to answer'
        $session.Dispose()
        (Get-CdfThing).ThingName | Sort-Object | Should -Be dev-1, dev-2
    }

    It 'Keeps a certificate that was deactivated so' {
        $id = (Get-CdfThing dev-1).Certificates.CertificateId
        Set-CdfThingCertificateStatus dev-1 INACTIVE
        $null = Set-List 'dev-1,celle', 'dev-2,ulm'
        $null = Sync-CdfList fleet $list
        $thing = Get-CdfThing dev-1
        $thing.Attributes.site | Should -Be celle
        $thing.Certificates.CertificateId | Should -Be $id
        (Get-CdfCertificate $id).Status | Should -Be INACTIVE
    }

    It 'Looks with Recurse for extra things in the groups below too' {
        $null = New-CdfThingGroup below -ParentGroup fleet
        Remove-CdfThingGroupMember fleet dev-2
        Add-CdfThingGroupMember below dev-2
        $null = Set-List 'dev-1,celle'
        (Compare-CdfList fleet $list -Group fleet).State | Should -Not -Contain Extra
        (Compare-CdfList fleet $list -Group fleet -Recurse | Where-Object State -EQ Extra).ThingName | Should -Be dev-2
        (Sync-CdfList fleet $list -Group fleet -Recurse -Prune -WhatIf | Where-Object State -EQ Extra).ThingName | Should -Be dev-2
        Remove-CdfThingGroupMember below dev-2
        Add-CdfThingGroupMember fleet dev-2
    }

    It 'Adds a group and attributes, and lets those be that the list does not mention' {
        $null = Set-List 'dev-2,ulm,north' 'ThingName,Site,Group'
        Get-Comparison fleet $list | Should -Be "Changed dev-2: adds it to group 'north'"
        $null = Sync-CdfList fleet $list
        (Get-CdfThing dev-2).Groups.GroupName | Sort-Object | Should -Be fleet, north
        Get-Comparison fleet $list | Should -Be 'Same dev-2'
    }
}

Describe 'A list that says which billing group devices are in' {
    It 'Moves those that exist, and registers new ones there' {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        'north', 'south' | New-CdfBillingGroup | Out-Null
        Set-CdfTemplate billed -Body @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "Pays": { "Type": "String" } },
  "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "BillingGroup": { "Ref": "Pays" } } } }
}
'@
        Add-TestTemplates
        Add-TestThings paid-1
        $list = Set-List 'paid-1,north', 'paid-2,north' 'ThingName,Pays'
        Get-Comparison billed $list | Should -Be "Changed paid-1: sets BillingGroup to 'north'", 'New paid-2'
        (Sync-CdfList billed $list).FailureCount | Should -Be 0
        (Get-CdfThing paid-*).BillingGroup | Should -Be north, north
        Get-Comparison billed $list | Should -Be 'Same paid-1', 'Same paid-2'

        $null = Set-List 'paid-1,south', 'paid-2,nowhere' 'ThingName,Pays'
        (Get-Comparison billed $list)[0] | Should -Be "Changed paid-1: changes BillingGroup from 'north' to 'south'"
        (Get-Comparison billed $list)[1] | Should -BeLike "Bad paid-2: Billing group 'nowhere' does not exist.*"
        (Sync-CdfList billed $list -ErrorAction SilentlyContinue).ChangedCount | Should -Be 1
        (Get-CdfThing paid-1).BillingGroup | Should -Be south
        (Get-CdfThing paid-2).BillingGroup | Should -Be north
        Set-CdfThing paid-1 -BillingGroup north
        (Get-CdfThing paid-1).BillingGroup | Should -Be north
        Get-OneError { Set-CdfThing paid-1 -BillingGroup nowhere } | Should -BeLike "*'nowhere'*"
        (Get-CdfThing paid-1).BillingGroup | Should -Be north
    }
}

Describe 'A list of devices whose certificates are known' {
    BeforeAll {
        $folder = New-TestFolder
        Add-Fleet
        Set-CdfTemplate own -Body @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "Site": { "Type": "String" }, "CertificateId": { "Type": "String" } },
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "site": { "Ref": "Site" } } } },
    "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "ACTIVE" } },
    "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
  },
  "CDF": { "registerDeviceCertificateWithoutCA": true }
}
'@
        $own = foreach ($name in 'own-1', 'own-2') {
            $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
            $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$name", $key, 'SHA256')
            [pscustomobject]@{ ThingName = $name; Site = 'ulm'; 'cdf.certificatePem' = $request.CreateSelfSigned([DateTimeOffset]::UtcNow, [DateTimeOffset]::UtcNow.AddYears(1)).ExportCertificatePem() }
        }
        $signed = foreach ($name in 'csr-1', 'csr-2') { [pscustomobject]@{ ThingName = $name; Csr = New-TestCsr $name } }
    }

    It 'Registers makers'' certificates once, however often the list comes' {
        (Sync-CdfList own -InputObject $own[0]).NewCount | Should -Be 1
        ($own | Sync-CdfList own).SameCount | Should -Be 1
        ($own | Sync-CdfList own).SameCount | Should -Be 2
        $own[1].Site = 'bonn'
        ($own | Sync-CdfList own).ChangedCount | Should -Be 1
        (Get-CdfThing own-2).Attributes.site | Should -Be bonn
        (Get-CdfThing own-2).Certificates | Should -HaveCount 1
    }

    It 'Signs CSRs once, and again for another key' {
        $template = Get-Content -Raw (Join-Path $templates sensor-csr.json)
        $csrParameter = ($template | ConvertFrom-Json -AsHashtable).Parameters.Keys | Where-Object { $_ -like '*csr*' -or $_ -like '*Request*' }
        $rows = $signed | ForEach-Object { @{ ThingName = $_.ThingName; $csrParameter = $_.Csr } }
        ($rows | Sync-CdfList sensor-csr).NewCount | Should -Be 2
        ($rows | Sync-CdfList sensor-csr).SameCount | Should -Be 2
        $rows[0].$csrParameter = New-TestCsr csr-1
        ($rows | Compare-CdfList sensor-csr).State | Should -Be Changed, Same
        ($rows | Sync-CdfList sensor-csr).ChangedCount | Should -Be 1
        ($rows | Sync-CdfList sensor-csr).SameCount | Should -Be 2
    }
}

Describe 'What is wrong with a list or a scope' {
    BeforeAll {
        $folder = New-TestFolder
        Add-Fleet
        $list = Set-List 'dev-1,ulm', 'dev-2,ulm'
        $keys = Join-Path $folder keys
        $null = Sync-CdfList fleet $list -KeyDirectory $keys
    }

    It 'Needs a scope for Prune' {
        (Get-OneError { Sync-CdfList fleet $list -Prune -Confirm:$false }).Exception.Message | Should -BeLike '*-Group or -ThingType*'
    }

    It 'Takes a group or type that does not exist for an error' {
        (Get-OneError { Compare-CdfList fleet $list -Group nowhere }).Exception.Message | Should -BeLike '*nowhere*'
        (Get-OneError { Sync-CdfList fleet $list -ThingType nothing -Prune -Confirm:$false }).Exception.Message | Should -BeLike '*nothing*'
    }

    It 'Finds nothing to remove in a group that has no things' {
        (Compare-CdfList fleet $list -Group north).State | Should -Be Same, Same
        (Sync-CdfList fleet $list -Group north -Prune) | Select-Object SameCount, ExtraCount, RemovedCount | Should -BeLike '@{SameCount=2; ExtraCount=0; RemovedCount=0}'
        Get-CdfThing | Should -HaveCount 2
    }

    It 'Takes an empty list for an error, and removes nothing for it' {
        $empty = Add-TestFile $folder empty.csv "ThingName,Site`n"
        Get-OneError { Sync-CdfList fleet $empty -Group fleet -Prune -Confirm:$false } | Should -Not -BeNullOrEmpty
        Get-CdfThing | Should -HaveCount 2
    }

    It 'Reports bad rows and goes on with the others; a bad row''s thing is not extra' {
        $null = Set-List "dev-1,$('x' * 900)", 'dev-2,bonn', 'dev-2,celle', 'dev-3,ulm'
        $run = Invoke-Captured { Sync-CdfList fleet $list -KeyDirectory $keys -Group fleet -Prune -Confirm:$false }
        $run.Errors | Should -HaveCount 2
        $run.Errors[0] | Should -BeLike 'Row 1 (dev-1): *'
        $run.Errors[1] | Should -BeLike 'Row 3 (dev-2): *'
        $run.Output | Select-Object NewCount, ChangedCount, FailureCount, RemovedCount | Should -BeLike '@{NewCount=1; ChangedCount=1; FailureCount=2; RemovedCount=0}'
        (Get-CdfThing).ThingName | Sort-Object | Should -Be dev-1, dev-2, dev-3
    }

    It 'Removes nothing while a row''s thing is not known' {
        $null = Set-List 'a name with spaces,ulm', 'dev-2,bonn'
        $run = Invoke-Captured { Sync-CdfList fleet $list -Group fleet -Prune -Confirm:$false }
        $run.Errors.Count | Should -Be 2
        "$($run.Errors[1])" | Should -BeLike 'Nothing is removed*'
        (Get-CdfThing).ThingName | Sort-Object | Should -Be dev-1, dev-2, dev-3
    }

    It 'Has a row whose key has no place fail, and no other' {
        $null = Set-List 'dev-2,ulm', 'dev-9,ulm'
        $run = Invoke-Captured { Sync-CdfList fleet $list }
        $run.Errors | Should -HaveCount 1
        "$($run.Errors[0])" | Should -BeLike 'Row 2 (dev-9): *-KeyDirectory*'
        (Get-CdfThing dev-2).Attributes.site | Should -Be ulm
    }

    It 'Refuses what the template refuses to change, and nothing that has not changed' {
        $template = $fleetTemplate | ConvertFrom-Json -AsHashtable
        $template.Resources.thing.OverrideSettings = @{ AttributePayload = 'FAIL'; ThingTypeName = 'FAIL'; ThingGroups = 'DO_NOTHING' }
        Set-CdfTemplate refusing -Body ($template | ConvertTo-Json -Depth 9)
        $null = Set-List 'dev-2,ulm', 'dev-3,bonn'
        $comparison = Compare-CdfList refusing $list
        $comparison.State | Should -Be Same, Bad
        $comparison[1].Problems | Should -BeLike "*Attributes.site*'ulm'*'bonn'*FAIL*"
    }

    It 'Lets two synchronisations of one list do no more than one' {
        $rows = 1..40 | ForEach-Object { "both-$_,ulm" }
        $null = Set-List $rows
        $connection = Get-CdfConnection
        $jobs = 1..2 | ForEach-Object {
            Start-ThreadJob -ArgumentList $manifest, $list, $keys, $connection -ScriptBlock {
                param($manifest, $list, $keys, $connection)
                Import-Module $manifest
                Sync-CdfList fleet $list -KeyDirectory $keys -Connection $connection
            }
        }
        $results = $jobs | Receive-Job -Wait -AutoRemoveJob
        ($results | Measure-Object NewCount -Sum).Sum | Should -Be 40
        ($results | Measure-Object SameCount -Sum).Sum | Should -Be 40
        (Get-CdfThing both-*).Certificates | Should -HaveCount 40
    }
}
