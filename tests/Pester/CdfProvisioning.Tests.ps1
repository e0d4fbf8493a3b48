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

    It 'does not show a private key' {
        New-CdfThing sensor @{ ThingName = 'shown'; SerialNumber = 2 } -CdfParameters $certificate | Out-String | Should -Not -Match 'PRIVATE KEY'
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

    It 'removes things' {
        Get-CdfThing csv-* | Remove-CdfThing -Confirm:$false

        Get-CdfThing csv-* | Should -BeNullOrEmpty
    }
}
