#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Devices that connect' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
    BeforeAll {
        Connect-Cdf -Path (Join-Path $TestDrive registry) | Out-Null
        $keys = Join-Path $TestDrive keys
        $server = Start-CdfServer -Port 0 -DevicePort 0 -HostName devices.example -PreProvisioningHook {
            param($event)
            switch ($event.parameters.SerialNumber) {
                text { @{ allowProvisioning = 'false' } }
                silent { '{ "allowProvisioning": true }' }
                default { @{ allowProvisioning = $_ -ne 'stolen'; parameterOverrides = @{ Site = 'ulm' } } }
            }
        }
        New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json) | Out-Null
        Set-CdfTemplate sensor -Path (Join-Path $templates aws-certificate.json)
        1..3 | ForEach-Object { New-CdfThing sensor @{ ThingName = "sensor-$_" } -KeyDirectory $keys } | Out-Null
    }

    AfterAll {
        Stop-CdfServer
        Disconnect-Cdf
    }

    It 'connect and publish what their policy allows, step by step' {
        $result = Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)" -PublishTo sensors/sensor-1/data
        $result.Succeeded | Should -BeTrue -Because $result.Reason
        $result.Steps.Name | Should -Be Resolve, Tcp, Tls, Connect, Publish
    }

    It 'are told which statement does not allow it' {
        $result = Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)" -PublishTo other
        $result.FailedStep | Should -Be Publish
        $result.Reason | Should -BeLike '*allows iot:Publish*'
        $result.StatementsLookedAt | Should -HaveCount 2
        Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)" -ClientId another -Quiet | Should -BeFalse
    }

    It 'are found from the pipeline, several at a time' {
        Get-CdfThing sensor-* | Test-CdfConnection -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)" -ThrottleLimit 3 -Quiet | Should -BeTrue
    }

    It 'are tested by the list, with the file of its keys' {
        $file = Join-Path $TestDrive listed.jsonl
        $task = 1..5 | ForEach-Object { @{ ThingName = "listed-$_" } } | Start-CdfBulkRegistration sensor -KeyFile $file -Wait -PassThru
        $test = @{ KeyFile = $file; EndPoint = "localhost:$($server.DeviceAddress.Port)"; ThrottleLimit = 5 }
        $results = Get-CdfBulkRegistrationResult $task | Test-CdfConnection @test
        $results | Should -HaveCount 5
        $results.Where{ -not $_.Succeeded } | Should -BeNullOrEmpty
        Set-CdfThingCertificateStatus listed-3 INACTIVE
        (Get-CdfBulkRegistrationResult $task | Test-CdfConnection @test).Where{ -not $_.Succeeded }.ThingName | Should -Be listed-3
        (Get-OneError { Test-CdfConnection sensor-1 @test }).Exception.Message | Should -BeLike '*no key of thing ''sensor-1''*'
    }

    It 'are tested over AWS''s protocol too, and refused with the reason that its registry has' {
        $aws = Start-CdfServer -Port 0 -AwsPort 0
        $own = Get-CdfConnection
        $overAws = Connect-Cdf -EndpointUrl $aws.AwsAddress -Region us-east-1 -AccessKey any -SecretKey any -PassThru
        $null = Connect-Cdf -Path $own.Path
        $root = Export-CdfRootCertificate (Join-Path $TestDrive aws-root.pem)
        $test = @{ KeyDirectory = $keys; EndPoint = "localhost:$($server.DeviceAddress.Port)"; RootCertificatePath = $root.FullName; Connection = $overAws }
        (Test-CdfConnection sensor-1 @test -PublishTo sensors/sensor-1/data).Reason | Should -BeNullOrEmpty
        (Test-CdfConnection sensor-1 @test -PublishTo other).Reason | Should -BeLike '*allows iot:Publish*'
        Set-CdfThingCertificateStatus sensor-3 INACTIVE
        (Test-CdfConnection sensor-3 @test).Reason | Should -BeLike '*is INACTIVE*'
        Stop-CdfServer $aws.Port
    }

    It 'are locked out by the status of their certificate' {
        Set-CdfThingCertificateStatus sensor-2 INACTIVE
        $result = Test-CdfConnection sensor-2 -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)"
        $result.Succeeded | Should -BeFalse
        $result.Reason | Should -BeLike '*is INACTIVE*'
    }

    It 'are refused where nothing listens, or something else' {
        $result = Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint localhost:1
        $result.FailedStep | Should -Be Tcp
        $result = Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint "localhost:$($server.Port)"
        $result.FailedStep | Should -Be Tls
        $result.Remedy | Should -BeLike '*is the one for devices*'
    }

    It 'are shown with their port and their number' {
        $shown = Get-CdfServer | Out-String
        $shown | Should -BeLike "*DeviceAddress*mqtts://127.0.0.1:$($server.DeviceAddress.Port)*"
        $shown | Should -Match 'Devices +: 0'
    }

    It 'are tested at the address that Get-CdfServer has, with a root that is one' {
        Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint (Get-CdfServer).DeviceAddress -Quiet | Should -BeTrue
        { Test-CdfConnection sensor-1 -KeyDirectory $keys -RootCertificatePath $PSCommandPath -ErrorAction Stop } | Should -Throw '*Devices.Tests.ps1*PEM*'
    }

    It 'are told what is wrong with <_>' -ForEach 'sensors/sensor-1/#', 'sensors/sensor-1/3/4/5/6/7/8/9' {
        $result = Test-CdfConnection sensor-1 -KeyDirectory $keys -EndPoint "localhost:$($server.DeviceAddress.Port)" -PublishTo $_
        $result.Reason | Should -BeLike "*'$_' cannot be published to. It has *"
        $result.Remedy | Should -BeLike 'Check the topic*'
    }

    It 'provision themselves as far as the hook says $true' -Skip:(-not (Get-Command mosquitto_rr -ErrorAction Ignore)) {
        $fleet = '{ "Parameters": { "SerialNumber": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "SerialNumber" } } }, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "ACTIVE" } } } }'
        New-CdfProvisioningTemplate hooked -Body $fleet | Out-Null
        $claim = New-CdfProvisioningClaim hooked -KeyDirectory (Join-Path $TestDrive hooked)
        $root = Export-CdfRootCertificate (Join-Path $TestDrive hooked-root.pem)
        $as = '-h', 'localhost', '-p', $server.DeviceAddress.Port, '--cafile', $root, '--cert', $claim.CertificatePath, '--key', $claim.PrivateKeyPath, '-q', 1, '-W', 60
        function Request-Device($SerialNumber, $Answer) {
            $certificate = mosquitto_rr @as -t '$aws/certificates/create/json' -e '$aws/certificates/create/json/accepted' -m '{}' | ConvertFrom-Json
            $request = @{ certificateOwnershipToken = $certificate.certificateOwnershipToken; parameters = @{ SerialNumber = $SerialNumber } } | ConvertTo-Json -Compress
            $topic = '$aws/provisioning-templates/hooked/provision/json'
            mosquitto_rr @as -t $topic -e "$topic/$Answer" -m $request | ConvertFrom-Json
        }
        (Request-Device good accepted).thingName | Should -Be good
        'stolen', 'text', 'silent' | ForEach-Object { (Request-Device $_ rejected).errorCode | Should -Be AccessDenied }
        Get-CdfThing good, text, silent, stolen -ErrorAction Ignore | ForEach-Object ThingName | Should -Be good
    }

    It 'trust the root that is exported' {
        $file = Export-CdfRootCertificate (Join-Path $TestDrive root.pem)
        $file.FullName | Should -FileContentMatch 'BEGIN CERTIFICATE'
        { Export-CdfRootCertificate $file.FullName -ErrorAction Stop } | Should -Throw '*-Force*'
    }

    It 'may what Test-CdfPolicy says' {
        (Test-CdfPolicy sensor-1 -Action iot:Publish -Topic sensors/sensor-1/data).Allowed | Should -BeTrue
        $denied = Test-CdfPolicy sensor-1 -Action Publish -Topic sensors/sensor-2/data
        $denied.Decision | Should -Be ImplicitDeny
        Test-CdfPolicy sensor-1, sensor-3 -Action iot:Connect -Quiet | Should -BeTrue
        (Test-CdfPolicy sensor-* Connect).ThingName | Sort-Object -Unique | Should -Be (Get-CdfThing sensor-*).ThingName
        { Test-CdfPolicy nobody -Action iot:Connect -ErrorAction Stop } | Should -Throw
    }
}

Describe 'Provisioning templates' -Skip:($env:CDF_TEST_BACKEND -eq 'aws') {
    BeforeAll {
        Connect-Cdf -Path (Join-Path $TestDrive templates-registry) | Out-Null
        $fleet = Join-Path $TestDrive fleet.json
        Set-Content $fleet '{ "Parameters": { "SerialNumber": { "Type": "String" }, "AWS::IoT::Certificate::Id": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "SerialNumber" } } }, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" } } } } }'
    }

    AfterAll { Disconnect-Cdf }

    It 'are created, changed, found and removed' {
        (New-CdfProvisioningTemplate fleet $fleet -Description first).Enabled | Should -BeTrue
        1..5 | ForEach-Object { Set-CdfProvisioningTemplate fleet (Join-Path $TestDrive 'fl*.json') }
        Set-CdfProvisioningTemplate fleet -LiteralPath $fleet
        { New-CdfProvisioningTemplate other -LiteralPath (Join-Path $TestDrive 'fl*.json') } | Should -Throw '*fl`*.json*'
        $template = Set-CdfProvisioningTemplate fleet -Enabled:$false -PassThru
        $template.DefaultVersionId | Should -Be 7
        $template.Enabled | Should -BeFalse
        (Get-CdfProvisioningTemplate fl*).TemplateName | Should -Be fleet
        Remove-CdfProvisioningTemplate fleet -Confirm:$false
        Get-CdfProvisioningTemplate | Should -BeNullOrEmpty
    }

    It 'are claimed with a key that is for its owner alone' {
        New-CdfProvisioningTemplate claimed $fleet | Out-Null
        $claim = New-CdfProvisioningClaim claimed -KeyDirectory (Join-Path $TestDrive claim)
        $claim.PrivateKeyPath | Should -FileContentMatch 'PRIVATE KEY'
        $claim | Out-String | Should -Not -BeLike '*PRIVATE KEY*'
        if (-not $IsWindows) { (Get-Item $claim.PrivateKeyPath).UnixMode | Should -Be '-rw-------' }
    }

    It 'have a CA provision its devices' {
        $ca = New-CdfCertificateAuthority -CommonName Factory
        $changed = Set-CdfCertificateAuthority $ca.CaId -AutoRegistration -TemplatePath $fleet -PassThru
        $changed.AutoRegistration | Should -BeTrue
        $changed.TemplateBody | Should -Not -BeNullOrEmpty
        { $ca | Set-CdfCertificateAuthority -ProvisioningTemplateName claimed -ErrorAction Stop } | Should -Throw '*JITP*'
        ($ca | Set-CdfCertificateAuthority -RemoveTemplate -AutoRegistration:$false -PassThru).AutoRegistration | Should -BeFalse
    }
}
