#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Things' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
    }

    It 'provisions a device from a hashtable' {
        $response = New-CdfThing -TemplateId plain -Parameters @{ ThingName = 'a'; Model = 7 }

        $response.ThingName | Should -BeExactly a
        (Get-CdfThing a).Attributes['model'] | Should -BeExactly '7'
    }

    It 'provisions devices from piped objects' {
        [pscustomobject]@{ ThingName = 'a' }, @{ ThingName = 'b'; Model = $null } | New-CdfThing -TemplateId plain

        (Get-CdfThing).ThingName | Should -BeExactly a, b
    }

    It 'goes on with the others after a bad device in a pipeline, which is an error' {
        $run = Invoke-Captured { @{ ThingName = 'a' }, @{ ThingName = 'not allowed!' }, @{ Model = 'x' }, @{ ThingName = 'b' } | New-CdfThing -TemplateId plain }

        $run.Output | Should -HaveCount 2
        $run.Errors | Should -HaveCount 2
        $run.Errors[0].Exception.Message | Should -BeLike '*not allowed!*'
        $run.Errors[1].Exception.Message | Should -BeLike '*ThingName*'
    }

    It 'does not find an unknown template' {
        $problem = Get-OneError { New-CdfThing nosuch @{ ThingName = 'a' } }

        $problem.FullyQualifiedErrorId | Should -BeExactly 'NotFound,CdfProvisioning.PowerShell.NewCdfThingCommand'
        $problem.CategoryInfo.Category | Should -Be ObjectNotFound
        $problem.Exception.Message | Should -BeLike '*nosuch*'
    }

    It 'refuses parameters that are none: <Parameters>' -ForEach @(
        @{ Parameters = 'text' }
        @{ Parameters = @{ ThingName = @('a', 'b') } }
        @{ Parameters = 42 }
    ) {
        (Get-OneError { New-CdfThing plain $Parameters }).Exception.Message | Should -BeLike '*parameter*'
    }

    It 'shows with WhatIf what would be registered and registers nothing' {
        $null = Add-TestFile $folder plain.json $plainTemplate

        $run = Invoke-Pwsh $folder 'Set-CdfTemplate plain ./plain.json; New-CdfThing plain @{ ThingName = "a" } -WhatIf; "things: $(@(Get-CdfThing).Length)"'

        $run.Output | Should -BeLike "*What if: Register thing 'a'*"
        $run.Output | Should -BeLike '*model=m1*'
        $run.Output | Should -BeLike '*things: 0*'
    }

    It 'promises with WhatIf what the registration does, alone and in a list: <Name>' -ForEach @(
        @{ Name = 'four attributes by a merge'; Template = '{ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "d": "4" } }, "OverrideSettings": { "AttributePayload": "MERGE" } } }' }
        @{ Name = 'eleven groups'; Template = '{ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "ThingGroups": ["g1","g2","g3","g4","g5","g6","g7","g8","g9","g10","g11"] }, "OverrideSettings": { "ThingGroups": "REPLACE" } } }' }
        @{ Name = 'two groups of one hierarchy'; Template = '{ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "ThingGroups": ["left","right"] }, "OverrideSettings": { "ThingGroups": "MERGE" } } }' }
        @{ Name = 'a thing that must not exist'; Template = '{ "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "a": "1" } }, "OverrideSettings": { "AttributePayload": "FAIL" } } }' }
    ) {
        1..11 | ForEach-Object { $null = New-CdfThingGroup "g$_" }
        $null = New-CdfThingGroup top
        'left', 'right' | ForEach-Object { $null = New-CdfThingGroup $_ -Parent top }
        Set-CdfTemplate three -Body '{ "Parameters": { "Name": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "a": "1", "b": "2", "c": "3" } } } } }'
        Set-CdfTemplate limit -Body "{ `"Parameters`": { `"Name`": { `"Type`": `"String`" } }, `"Resources`": $Template }"
        $null = New-CdfThing three @{ Name = 'a' }

        $check = [pscustomobject]@{ Name = 'a' } | Start-CdfBulkRegistration limit -WhatIf
        $promise = (Get-OneError { New-CdfThing limit @{ Name = 'a' } -WhatIf }).Exception.Message
        $refusal = (Get-OneError { New-CdfThing limit @{ Name = 'a' } }).Exception.Message

        $check.BadCount, $check.BadRows[0].ThingName | Should -Be 1, 'a'
        $promise | Should -BeLike "The registration of thing 'a' would fail: $($refusal -replace '^[^:]*: ')"
        $check.BadRows[0].Error | Should -BeLike ($refusal -replace '^[^:]*: ')
    }

    It 'says with WhatIf what it adds to a thing that exists, and counts what is new, changed and the same' {
        Set-CdfTemplate site -Body '{ "Parameters": { "Name": { "Type": "String" }, "Site": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "site": { "Ref": "Site" } } }, "OverrideSettings": { "AttributePayload": "MERGE" } } } }'
        $null = New-CdfThing site @{ Name = 'a'; Site = 'ulm' }

        $check = @{ Name = 'a'; Site = 'ulm' }, @{ Name = 'b'; Site = 'ulm' }, @{ Name = 'b'; Site = 'bonn' } | Start-CdfBulkRegistration site -WhatIf
        $plan = Test-CdfTemplate site -Parameters @{ Name = 'a'; Site = 'bonn' } -Detailed | Where-Object { $_.PSObject.Properties['Outcome'] }

        $check.NewCount, $check.ChangedCount, $check.SameCount, $check.BadCount | Should -Be 1, 0, 1, 1
        "$($plan.Outcome)", $plan.Changes[0].Property, $plan.Changes[0].From, $plan.Changes[0].To | Should -Be 'Changed', 'Attributes.site', 'ulm', 'bonn'
    }

    It 'shows what is only known after the registration as such' {
        Set-CdfTemplate named -Body '{ "Parameters": { "CertificateId": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "CertificateId" } } }, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" } } } }, "CDF": { "createDeviceAWSCertificate": true } }'

        $plan = Test-CdfTemplate named -Parameters @{} -Detailed | Where-Object { $_.PSObject.Properties['Outcome'] }
        $device = New-CdfThing named @{}

        $plan.ThingName | Should -BeExactly '(known after registration)'
        (Get-CdfThing $device.ThingName).Certificates.CertificateId | Should -BeExactly $device.ThingName
    }

    It 'makes a key that fits its certificate' {
        $response = New-CdfThing withkey @{ ThingName = 'a' }

        (Read-Pem $response.CertificatePem $response.PrivateKey).HasPrivateKey | Should -BeTrue
    }

    It 'does not show the private key in the default view of <Before>New-CdfThing<After>' -ForEach @(
        @{ Before = ''; After = '' }
        @{ Before = 'Get-CdfConnection; '; After = '' }
        @{ Before = 'Get-CdfPolicy; '; After = '' }
        @{ Before = '$device = '; After = '; Remove-Module CdfProvisioning; $device' }
    ) {
        $null = Add-TestFile $folder withkey.json $withKeyTemplate

        $run = Invoke-Pwsh $folder "`$null = New-CdfPolicy sensors '$policyDocument'; Set-CdfTemplate withkey ./withkey.json; ${Before}New-CdfThing withkey @{ ThingName = 'a' } -Verbose -Debug$After"

        $run.ExitCode | Should -Be 0
        $run.Output | Should -BeLike '*:thing/a*'
        $run.Output + $run.Error | Should -Not -Match 'PRIVATE KEY'
    }

    It 'writes the private key to no stream' {
        $run = Invoke-Captured { New-CdfThing withkey @{ ThingName = 'a' } -Verbose -Debug }

        $run.Verbose | Should -Not -BeNullOrEmpty
        $run.Messages | Should -Not -Match 'PRIVATE KEY'
        $run.Output | Should -HaveCount 1
        "$($run.Output)" | Should -Not -Match 'PRIVATE KEY'
    }

    It 'puts the key into a private file, and not into the output, with a key directory' {
        $keys = Join-Path $folder keys
        $response = New-CdfThing withkey @{ ThingName = 'a:1' } -KeyDirectory $keys

        $response.PrivateKey | Should -BeNullOrEmpty
        $file = Get-ChildItem $keys -File
        $file | Should -HaveCount 1
        $pair = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($file.FullName)
        $pair.HasPrivateKey | Should -BeTrue
        $pair.ExportCertificatePem() | Should -BeExactly $response.CertificatePem.Trim()
        if (-not $IsWindows) {
            $file.UnixMode | Should -BeExactly '-rw-------'
            (Get-Item $keys).UnixMode | Should -BeExactly 'drwx------'
        }
    }

    It 'says in which file the key is, and of which certificate' {
        $device = New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory (Join-Path $folder keys)

        $device.KeyFile | Should -BeExactly (Join-Path $folder keys a.pem)
        $device.CertificateId | Should -BeExactly (Get-CdfThing a).Certificates.CertificateId
        $device.PSObject.Properties.Name | Should -Not -Contain PrivateKey
    }

    It 'does not register a device whose key has no place' {
        $keys = Join-Path $folder keys
        $first = New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $keys
        $key = Get-Content $first.KeyFile -Raw

        $run = Invoke-Captured { New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $keys }

        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeLike 'Conflict,*'
        $run.Output | Should -BeNullOrEmpty
        Get-Content $first.KeyFile -Raw | Should -BeExactly $key
        (Get-CdfThing a).Certificates.CertificateId | Should -BeExactly $first.CertificateId
    }

    It 'replaces a file that was left empty' {
        $keys = New-Item (Join-Path $folder keys) -ItemType Directory
        $file = New-Item (Join-Path $keys a.pem)

        $null = New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $keys

        [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($file.FullName).HasPrivateKey | Should -BeTrue
    }

    It 'has the key of every certificate in a file, whatever ends the pipeline: <Name>' -ForEach @(
        @{ Name = 'Select-Object -First'; End = { process { $_ } }; First = 1 }
        @{ Name = 'an error downstream'; End = { process { throw 'enough' } }; First = 9 }
        @{ Name = 'a full output'; End = { process { $_ | Out-File /dev/full } }; First = 9 }
    ) {
        $keys = Join-Path $folder keys
        try {
            @{ ThingName = 'a' }, @{ ThingName = 'b' }, @{ ThingName = 'c' } | New-CdfThing withkey -KeyDirectory $keys | & $End | Select-Object -First $First | Out-Null
        }
        catch {
            $null = $_
        }

        $ids = @((Get-CdfThing).Certificates.CertificateId | Sort-Object)
        $ids | Should -Not -BeNullOrEmpty
        $filed = Get-ChildItem $keys -File | ForEach-Object {
            [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($_.FullName).GetCertHashString('SHA256').ToLowerInvariant()
        }
        @($filed | Sort-Object) | Should -BeExactly $ids
    }

    It 'refuses a key directory that is a file before anything is registered' {
        $file = Add-TestFile $folder file ''

        $null = Get-OneError { New-CdfThing withkey @{ ThingName = 'a' } -KeyDirectory $file }

        Get-CdfThing | Should -BeNullOrEmpty
    }

    It 'takes a signing request as text or as a file' {
        $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $csr = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=own', $key, 'SHA256').CreateSigningRequestPem()

        $null = New-CdfThing sensor-csr @{ ThingName = 'a' } -Csr $csr
        $response = New-CdfThing sensor-csr @{ ThingName = 'b' } -Csr (Add-TestFile $folder b.csr $csr)

        (Read-Pem $response.CertificatePem).PublicKey.ExportSubjectPublicKeyInfo() | Should -Be $key.ExportSubjectPublicKeyInfo()
    }

    It 'names a CDF parameter that does not exist or fit: <Named>' -ForEach @(
        @{ Cdf = @{ caID = 'x'; certinfo = @{ commonname = 'a' }; typo = 1 }; Named = 'typo' }
        @{ Cdf = @{ certInfo = 'text' }; Named = 'hashtable' }
        @{ Cdf = @{ certInfo = @{ daysExpiry = 'soon' } }; Named = 'soon' }
        @{ Cdf = @{ certInfo = @{ name = 'x' } }; Named = 'name' }
    ) {
        $problem = Get-OneError { New-CdfThing plain @{ ThingName = 'a' } -CdfParameters $Cdf }

        $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        $problem.Exception.Message | Should -BeLike "*$Named*"
    }

    It 'gets things by name and by pattern' {
        Add-TestThings a1, a2, b1

        Get-CdfThing | Should -HaveCount 3
        (Get-CdfThing A*).ThingName | Should -BeExactly a1, a2
        ('b1', 'a2' | Get-CdfThing).Name | Should -BeExactly b1, a2
        Get-CdfThing x* | Should -BeNullOrEmpty
    }

    It 'gets the others where a thing is missing, which is an error' {
        Add-TestThings a, b

        $run = Invoke-Captured { Get-CdfThing a, missing, b }

        $run.Output | Should -HaveCount 2
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly 'NotFound,CdfProvisioning.PowerShell.GetCdfThingCommand'
        $run.Errors[0].TargetObject | Should -BeExactly missing
    }

    It 'removes things through the pipeline' {
        Add-TestThings a1, a2, b1
        $null = New-CdfThing withkey @{ ThingName = 'a3' }

        Get-CdfThing a* | Remove-CdfThing -Confirm:$false

        (Get-CdfThing).ThingName | Should -BeExactly b1
    }

    It 'removes many that are piped, and says of each that is not there that it is not' {
        Add-TestThings a1, a2, b1
        $null = New-CdfThing withkey @{ ThingName = 'a3' }

        $run = Invoke-Captured { 'a1', 'no1', 'a3', 'no2', 'A*', 'a2' | Remove-CdfThing -IncludeCertificates -Force }

        $run.Errors.TargetObject | Should -BeExactly no1, no2, a2
        $run.Errors.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        (Get-CdfThing).ThingName | Should -BeExactly b1
        Get-CdfCertificate | Should -BeNullOrEmpty
    }

    It 'removes nothing after the first that is not there if it is to stop' {
        Add-TestThings a, b

        { 'a', 'nosuch', 'b' | Remove-CdfThing -Force -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'

        (Get-CdfThing).ThingName | Should -BeExactly b
    }

    It 'sets the status of many that are piped' {
        1..3 | ForEach-Object { $null = New-CdfThing withkey @{ ThingName = "a$_" } }
        Add-TestThings plain

        $run = Invoke-Captured { 'a1', 'plain', 'A2' , 'a3', 'a2' | Set-CdfThingCertificateStatus -Status INACTIVE }

        $run.Errors.TargetObject | Should -BeExactly plain, A2
        (Get-CdfThing a*).CertificateStatus | Should -BeExactly INACTIVE, INACTIVE, INACTIVE
    }

    It 'finds things by the beginning of their names in any case' {
        Add-TestThings Sen-1, sen-2, SEN-30, other

        (Get-CdfThing sen-*).ThingName | Sort-Object | Should -BeExactly Sen-1, sen-2, SEN-30
        (Get-CdfThing SEN-?).ThingName | Sort-Object | Should -BeExactly Sen-1, sen-2
        (Get-CdfThing 'sen-[23]*').ThingName | Sort-Object | Should -BeExactly sen-2, SEN-30
    }

    It 'removes nothing with WhatIf' {
        Add-TestThings a

        Get-CdfThing | Remove-CdfThing -WhatIf

        Get-CdfThing | Should -HaveCount 1
    }

    It 'does not find what it is to remove and is not there' {
        (Get-OneError { Remove-CdfThing nosuch -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'removes a thing with what is only its own' {
        1..2 | ForEach-Object { $null = New-CdfThing withkey @{ ThingName = "a$_" } }

        Remove-CdfThing a1 -IncludeCertificates -IncludePolicies -Confirm:$false
        Get-CdfPolicy sensors | Should -HaveCount 1

        Remove-CdfThing a2 -IncludeCertificates -IncludePolicies -Confirm:$false
        Get-CdfPolicy | Should -BeNullOrEmpty
    }

    It 'sets the status of a certificate in any case of letters' {
        $null = New-CdfThing withkey @{ ThingName = 'a' }

        (Get-CdfThing a | Set-CdfThingCertificateStatus -Status inactive -PassThru).CertificateStatus | Should -BeExactly INACTIVE
        (Get-CdfThing a).CertificateStatus | Should -BeExactly INACTIVE
        Set-CdfThingCertificateStatus a ACTIVE -WhatIf | Should -BeNullOrEmpty
        (Get-CdfThing a).CertificateStatus | Should -BeExactly INACTIVE
    }

    Context 'with a CA and a thing of a type and a group' {
        BeforeEach {
            $null = New-CdfThingType sensor
            $null = New-CdfThingGroup sensors
            Set-CdfTemplate sensor (Join-Path $templates sensor.json)
            $ca = New-CdfCertificateAuthority -CommonName Factory
            $response = New-CdfThing sensor @{ ThingName = 'typed'; SerialNumber = '1' } -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = 'device a'; daysExpiry = '30' } }
        }

        It 'signs a device certificate with the given CA' {
            $certificate = Read-Pem $response.CertificatePem

            $certificate.Issuer | Should -BeExactly 'CN=Factory'
            $certificate.Subject | Should -BeExactly 'CN=device a'
        }

        It 'gets things by type and group' {
            Add-TestThings other

            (Get-CdfThing -ThingType sensor).Name | Should -BeExactly typed
            (Get-CdfThing t* -Group sensors).Name | Should -BeExactly typed
        }
    }
}

Describe 'A group or a type that is piped' {
    BeforeAll {
        Connect-TestRegistry (New-TestFolder)
        Set-CdfTemplate member -Body $memberTemplate
        'pump', 'none' | ForEach-Object { $null = New-CdfThingType $_ }
        'plant', 'other' | ForEach-Object { $null = New-CdfThingGroup $_ }
        $null = New-CdfThing member @{ ThingName = 'a'; Type = 'pump'; Group = 'plant' }
        $null = New-CdfThing member @{ ThingName = 'b'; Type = 'none'; Group = 'plant' }
        $null = New-CdfThing member @{ ThingName = 'c'; Type = 'pump'; Group = 'other' }
    }

    It 'stands for its things: <Script>' -ForEach @(
        @{ Script = { Get-CdfThingGroup plant | Get-CdfThing }; Names = 'a', 'b' }
        @{ Script = { Get-CdfThingGroup other, plant | Get-CdfThing }; Names = 'c', 'a', 'b' }
        @{ Script = { Get-CdfThingGroup plant | Get-CdfThing b* }; Names = 'b' }
        @{ Script = { Get-CdfThingGroup plant | Get-CdfThing -ThingType pump }; Names = 'a' }
        @{ Script = { Get-CdfThingType pump | Get-CdfThing }; Names = 'a', 'c' }
        @{ Script = { Get-CdfThingType pump | Get-CdfThing -Group plant }; Names = 'a' }
        @{ Script = { Get-CdfThing -ThingType pump -Group plant }; Names = 'a' }
        @{ Script = { Get-CdfThing c | Get-CdfThing }; Names = 'c' }
        @{ Script = { 'c', 'a' | Get-CdfThing }; Names = 'c', 'a' }
        @{ Script = { [pscustomobject]@{ ThingName = 'b'; ThingType = 'pump' } | Get-CdfThing }; Names = 'b' }
    ) {
        (& $Script).ThingName | Should -BeExactly $Names
    }
}
