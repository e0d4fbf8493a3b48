#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # The lists in an object of ours, at any depth.
    function Get-Lists($Value, [string] $Place) {
        if ($null -eq $Value -or $Value -is [string] -or $Value -is [System.Collections.IDictionary] -or $Value -is [enum]) {
            return
        }
        if ($Value -is [System.Collections.IEnumerable]) {
            @{ Place = $Place; Type = $Value.GetType().Name }
            foreach ($item in $Value) { Get-Lists $item $Place }
        }
        elseif ($Value.GetType().Namespace -clike 'CdfProvisioning*') {
            foreach ($property in $Value.GetType().GetProperties().Where{ $_.GetIndexParameters().Count -eq 0 }) {
                Get-Lists $property.GetValue($Value) "$($Value.GetType().Name).$($property.Name)"
            }
        }
    }
}

Describe 'Output' {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $null = New-CdfThingType sensor -SearchableAttribute a
        $null = New-CdfThingGroup sensors
        $null = New-CdfThingGroup below -ParentGroup sensors
        Set-CdfTemplate sensor (Join-Path $templates sensor.json)
        $ca = New-CdfCertificateAuthority -CommonName Factory
        $certificate = @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor' } }
        $keys = Join-Path $folder keys
        $null = New-CdfThing sensor @{ ThingName = 'one'; SerialNumber = 1 } -CdfParameters $certificate -KeyDirectory $keys
        1..3 | ForEach-Object { @{ ThingName = "row-$_"; SerialNumber = $_ } } | Start-CdfBulkRegistration sensor -CdfParameters $certificate -KeyDirectory $keys -Wait
    }

    # The lists that the compiler makes for a collection expression have no indexer that PowerShell sees.
    It 'has lists that can be indexed' {
        $outputs = @(
            Get-CdfThing one
            Get-CdfThingType sensor
            Get-CdfThingGroup below
            Set-CdfTemplateAssignment plain /above/below, /else -PassThru
            @{ ThingName = 'x' }, @{ ThingName = '!' } | Start-CdfBulkRegistration plain -WhatIf
            Test-CdfTemplate sensor -Parameters @{ ThingName = 'a'; SerialNumber = 1; CertificatePem = ''; CaCertificatePem = '' } -CdfParameters $certificate -Detailed -WarningAction Ignore
            $server = Start-CdfServer 0
            $null = Invoke-RestMethod "$($server.Address)health"
            Get-CdfServer
            Stop-CdfServer
        )

        $lists = @($outputs | ForEach-Object { Get-Lists $_ })
        $lists.Count | Should -BeGreaterThan 8
        $lists.Where{ $_.Type.StartsWith('<') }.Place | Should -BeNullOrEmpty
    }

    It 'binds to the next command' {
        Get-CdfBulkRegistration | Wait-CdfBulkRegistration | Get-CdfBulkRegistrationResult | Select-Object -First 1 |
            Get-CdfThing | Set-CdfThingCertificateStatus -Status INACTIVE -PassThru | Set-CdfThingCertificateStatus -Status ACTIVE
        Get-CdfTemplate | Set-CdfTemplate -PassThru | Test-CdfTemplate | Select-Object -Unique | Should -BeExactly $true
        Get-CdfPolicy | Get-CdfPolicy | Remove-CdfPolicy -WhatIf
        Get-CdfThingGroup | Get-CdfThingGroup | Remove-CdfThingGroup -WhatIf
        Get-CdfThingType | Get-CdfThingType | Remove-CdfThingType -WhatIf
        Get-CdfCertificateAuthority | Get-CdfCertificateAuthority | Remove-CdfCertificateAuthority -WhatIf
        (Get-CdfThing row-1).CertificateStatus | Should -BeExactly ACTIVE
    }

    Context 'with a device whose key is in it' {
        BeforeAll {
            $device = New-CdfThing sensor @{ ThingName = 'shown'; SerialNumber = 2 } -CdfParameters $certificate
        }

        It 'has the key' {
            $device.PrivateKey | Should -Match 'PRIVATE KEY'
        }

        It 'does not show it' {
            $device | Out-String | Should -Not -Match 'PRIVATE KEY'
        }

        It 'does not show it after a table of something else' {
            (Get-CdfThing shown), $device | Out-String | Should -Not -Match 'PRIVATE KEY'
        }

        It 'does not show it in a session that has not imported the module' {
            $session = [powershell]::Create()
            $session.AddScript('$args[0] | Out-String').AddArgument($device).Invoke() | Should -Not -Match 'PRIVATE KEY'
            $session.Dispose()
        }

        It 'does not show it when a job hands it over' {
            $handedOver = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($device))

            $handedOver.PrivateKey | Should -Be $device.PrivateKey
            (Get-CdfThing shown), $handedOver | Out-String | Should -Not -Match 'PRIVATE KEY'
        }

        It 'hands it over to those who have type data of their own' {
            Update-TypeData -TypeName CdfProvisioning.ProvisionResponse -DefaultDisplayPropertySet ThingName -Force
            (New-CdfThing sensor @{ ThingName = 'own'; SerialNumber = 3 } -CdfParameters $certificate).PrivateKey | Should -Match 'PRIVATE KEY'
            Remove-TypeData -TypeName CdfProvisioning.ProvisionResponse
        }
    }

    Context 'on a terminal of 80 columns' {
        It 'shows the id and the status of a task in full' {
            $task = Get-CdfBulkRegistration | Select-Object -First 1

            $task | Out-String -Width 80 | Should -Match "$($task.TaskId) Completed   100%"
        }

        It 'shows the id of a certificate authority in full' {
            $ca | Out-String -Width 80 | ForEach-Object { $_ -replace '\s' } | Should -Match $ca.CaId
        }

        It 'shows what is wrong with a template in full' {
            $wrong = '{ "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Nowhere" } } } } }'

            Test-CdfTemplate -Body $wrong -Detailed | Out-String -Width 80 | Should -Not -Match '…'
        }

        It 'shows a name in full that is longer than those before it' {
            $long = 'z' * 60
            $null = New-CdfThing sensor @{ ThingName = $long; SerialNumber = 4 } -CdfParameters $certificate -KeyDirectory $keys

            (Get-CdfThing one, $long | Out-String -Width 80) -replace '[^z]' | Should -Be $long
        }

        It 'lists a thing with its certificate and attributes' {
            $thing = Get-CdfThing one
            $list = $thing | Format-List | Out-String -Width 200

            $list | Should -Match "ACTIVE $($thing.Certificates[0].CertificateId)"
            $list | Should -Match 'serialNumber = 1'
        }
    }
}

Describe 'What leaves the session' {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        $null = New-CdfThingGroup halls
        $null = New-CdfThing withkey -ThingName keyed -KeyDirectory (Join-Path $folder keys)
    }

    It 'keeps certificates and policies when a job hands it over' {
        $there = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-CdfThing keyed)))

        $there.Certificates[0].CertificateStatus | Should -BeExactly ACTIVE
        $there.Policies[0].PolicyName | Should -BeExactly sensors
    }

    It 'has columns in CSV that can be read' {
        $null = New-CdfThing plain -ThingName plain -Model m7
        $rows = Get-CdfThing plain, keyed | ConvertTo-Csv | ConvertFrom-Csv

        $rows[0].Attributes | Should -BeExactly 'model=m7'
        $rows[1].Certificates | Should -Match '^ACTIVE [0-9a-f]{64}$'
        $rows[1].Policies | Should -BeExactly sensors
        Get-CdfThing | ConvertTo-Csv | Out-String | Should -Not -Match 'System\.|CdfProvisioning\.'
        @{ ThingName = 'x' } | Start-CdfBulkRegistration plain -Wait | ConvertTo-Csv | Out-String | Should -Not -Match 'System\.|CdfProvisioning\.'
    }

    It 'is caught by its type, which says what it is about' {
        try { Get-CdfThing nosuch -ErrorAction Stop }
        catch [CdfProvisioning.CdfException] { $caught = $_ }

        $caught.Exception.Code | Should -Be ([CdfProvisioning.CdfErrorCode]::NotFound)
        $caught.TargetObject | Should -BeExactly nosuch
    }

    It 'is removed by pattern, and not promised to be where it is not' {
        (Get-OneError { Remove-CdfThing nosuch -WhatIf }).CategoryInfo.Category | Should -Be ObjectNotFound
        (Get-OneError { Remove-CdfPolicy nosuch -WhatIf }).CategoryInfo.Category | Should -Be ObjectNotFound
        (Get-OneError { Remove-CdfTemplate nosuch -WhatIf }).CategoryInfo.Category | Should -Be ObjectNotFound
        (Get-OneError { Remove-CdfThingType nosuch -WhatIf }).CategoryInfo.Category | Should -Be ObjectNotFound
        Add-TestThings trial-1, trial-2, other
        Remove-CdfThing trial-* -Force

        (Get-CdfThing).ThingName | Should -Not -BeLike 'trial-*'
        Get-CdfThing other | Should -Not -BeNullOrEmpty
        Remove-CdfThing 'no*' -Force
    }
}
