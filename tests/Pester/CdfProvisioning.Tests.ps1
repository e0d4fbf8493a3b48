#Requires -Version 7.6

BeforeAll {
    Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'CdfProvisioning.psd1')) -Force
    $templates = [System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'templates')
    Connect-Cdf -Path (Join-Path $TestDrive registry)
    New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json)
    New-CdfThingType sensor
    New-CdfThingGroup sensors
    Set-CdfTemplate sensor (Join-Path $templates sensor.json)
    $ca = New-CdfCertificateAuthority -CommonName Factory
    $certificate = @{ caId = $ca.CaId; certInfo = @{ commonName = 'sensor' } }
}

AfterAll {
    Disconnect-Cdf
    Remove-Module CdfProvisioning
}

Describe 'A session in pwsh' {
    It 'provisions a device' {
        $device = New-CdfThing sensor @{ ThingName = 'one'; SerialNumber = 1 } -CdfParameters $certificate -KeyDirectory (Join-Path $TestDrive keys)

        $device.PrivateKey | Should -BeNullOrEmpty
        (Get-CdfThing one).CertificateStatus | Should -Be ACTIVE
    }

    It 'registers a list from Import-Csv' {
        $csv = Join-Path $TestDrive devices.csv
        1..50 | ForEach-Object { [pscustomobject]@{ ThingName = "csv-$_"; SerialNumber = $_ } } | Export-Csv $csv

        $task = Import-Csv $csv | Start-CdfBulkRegistration -TemplateId sensor -CdfParameters $certificate -KeyDirectory (Join-Path $TestDrive list) -Wait -PassThru

        $task.SuccessCount | Should -Be 50
        $task | Get-CdfBulkRegistrationResult | Where-Object Succeeded | Should -HaveCount 50
    }

    Context 'with a device whose key is in the output' {
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

            Test-CdfTemplate -Body $wrong | Out-String -Width 80 | Should -Not -Match '…'
        }

        It 'shows a name in full that is longer than those before it' {
            $long = 'z' * 60
            New-CdfThing sensor @{ ThingName = $long; SerialNumber = 4 } -CdfParameters $certificate -KeyDirectory (Join-Path $TestDrive keys)

            (Get-CdfThing one, $long | Out-String -Width 80) -replace '[^z]' | Should -Be $long
        }

        It 'lists a thing with its certificate and attributes' {
            $thing = Get-CdfThing one
            $list = $thing | Format-List | Out-String -Width 200

            $list | Should -Match "ACTIVE $($thing.Certificates[0].CertificateId)"
            $list | Should -Match 'serialNumber = 1'
        }
    }

    It 'has each runspace of ForEach-Object -Parallel use the one registry' {
        $registry = (Get-CdfConnection).Path
        $names = 1..4 | ForEach-Object -Parallel {
            Import-Module ([System.IO.Path]::Combine($using:PSScriptRoot, '..', '..', 'CdfProvisioning.psd1'))
            $null = Connect-Cdf $using:registry
            (Get-CdfThing one).ThingName
        }

        $names | Should -Be @('one', 'one', 'one', 'one')
    }

    It 'binds the output of each command to the next' {
        $ErrorActionPreference = 'Stop'

        Get-CdfBulkRegistration | Wait-CdfBulkRegistration | Get-CdfBulkRegistrationResult | Select-Object -First 1 |
            Get-CdfThing | Set-CdfThingCertificateStatus -Status INACTIVE -PassThru | Set-CdfThingCertificateStatus -Status ACTIVE
        Get-CdfTemplate | Set-CdfTemplate -PassThru | Test-CdfTemplate | Should -BeNullOrEmpty
        Get-CdfPolicy | Get-CdfPolicy | Remove-CdfPolicy -WhatIf
        Get-CdfThingGroup | Get-CdfThingGroup | Remove-CdfThingGroup -WhatIf
        Get-CdfThingType | Get-CdfThingType | Remove-CdfThingType -WhatIf
        Get-CdfCertificateAuthority | Get-CdfCertificateAuthority | Remove-CdfCertificateAuthority -WhatIf
    }

    It 'serves the registry over HTTP' {
        $server = Start-CdfServer -Port 0

        (Invoke-RestMethod "$($server.Address)things/one").thingName | Should -Be one
        $server | Stop-CdfServer

        { Invoke-RestMethod "$($server.Address)health" } | Should -Throw
    }

    It 'removes things' {
        Get-CdfThing csv-* | Remove-CdfThing -Confirm:$false

        Get-CdfThing csv-* | Should -BeNullOrEmpty
    }
}
