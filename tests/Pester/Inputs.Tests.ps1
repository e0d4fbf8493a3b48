#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # A thing with an attribute whose value may be left out.
    $serialTemplate = '{"Parameters":{"Name":{"Type":"String"},"Serial":{"Type":"String","Default":"none"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"},"AttributePayload":{"sn":{"Ref":"Serial"}}}}}}'

    # A thing with a certificate that a CA of ours signs.
    $signedTemplate = '{"Parameters":{"Name":{"Type":"String"},"CertificatePem":{"Type":"String"},"CaCertificatePem":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"}}},"certificate":{"Type":"AWS::IoT::Certificate","Properties":{"CertificatePem":{"Ref":"CertificatePem"},"CACertificatePem":{"Ref":"CaCertificatePem"},"Status":"ACTIVE"}}},"CDF":{"createDeviceCertificate":true}}'

    function Add-Bytes([string] $Folder, [string] $Name, [byte[]] $Bytes) {
        $path = Join-Path $Folder $Name
        [System.IO.File]::WriteAllBytes($path, $Bytes)
        $path
    }

    function Get-Serial([string] $Name) { (Get-CdfThing $Name).Attributes['sn'] }
}

Describe 'What people hand in' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Set-CdfTemplate serial -Body $serialTemplate
    }

    Context 'names' {
        It 'match without regard to case, alone and in lists' {
            [pscustomobject]@{ NAME = 'a'; serial = '0042' } | New-CdfThing serial
            [pscustomobject]@{ name = 'b'; serial = '0042' } | Start-CdfBulkRegistration serial -Wait
            Start-CdfBulkRegistration serial (Add-TestFile $folder c.csv " name ,sERIAL`t`nc,0042`n") -Wait
            Start-CdfBulkRegistration serial (Add-TestFile $folder d.jsonl '{"name":"d","serial":"0042"}') -Wait

            'a', 'b', 'c', 'd' | ForEach-Object { Get-Serial $_ | Should -BeExactly '0042' }
        }

        It 'of files are looked for where a column is to have them' {
            Set-CdfTemplate sensor-csr (Join-Path $templates sensor-csr.json)
            $run = Invoke-Captured { Start-CdfBulkRegistration sensor-csr (Add-TestFile $folder x.csv "ThingName,CsrFile`nx,x.csr`n") -CsrFileColumn CsrFil }
            $run.Errors[0].Exception.Message | Should -BeLike "*no column 'CsrFil'*ThingName, CsrFile*"
        }

        It 'that differ by case alone are refused' {
            (Get-OneError { Start-CdfBulkRegistration serial (Add-TestFile $folder x.csv "Name,Serial,serial`nx,1,2`n") }).Exception.Message | Should -BeLike '*differ by case alone*'
            (Get-OneError { Start-CdfBulkRegistration serial (Add-TestFile $folder x.jsonl '{"Name":"x","Serial":"1","serial":"2"}') }).Exception.Message | Should -BeLike "*Row 1*serial*"
            Get-CdfThing | Should -BeNullOrEmpty
        }

        It 'that nothing uses are told once a list, with the nearest name' {
            $run = Invoke-Captured { 1..600 | ForEach-Object { [pscustomobject]@{ Name = "t$_"; Serail = '1'; Colour = 'red' } } | Start-CdfBulkRegistration serial -Wait }

            $run.Warnings | Should -HaveCount 2
            "$($run.Warnings[0])" | Should -BeLike "*'Serail'*did you mean 'Serial'*"
            "$($run.Warnings[1])" | Should -BeLike "*'Colour'*"
            $run.Errors | Should -BeNullOrEmpty
        }

        It 'that come with an object''s type are not told of, whatever their values' {
            $table = [System.Data.DataTable]::new()
            $null = $table.Columns.Add('Name'), $table.Columns.Add('Serial')
            $null = $table.Rows.Add('r1', [DBNull]::Value)
            $run = Invoke-Captured {
                $table.Rows | Start-CdfBulkRegistration serial -Wait
                Get-CdfThing r1 | New-CdfThing serial -Name r2 -WarningAction Continue
            }

            $run.Warnings | Should -BeNullOrEmpty
            $run.Errors | Should -BeNullOrEmpty
            Get-Serial r1 | Should -BeExactly none
        }

        It 'can be others in a list: -ColumnMap' {
            $csv = Add-TestFile $folder x.csv "Device,Serial No.`nm1,0042`n"
            Start-CdfBulkRegistration serial $csv -ColumnMap @{ Device = 'name'; 'serial no.' = 'Serial' } -Wait

            Get-Serial m1 | Should -BeExactly '0042'
            (Get-OneError { Start-CdfBulkRegistration serial $csv -ColumnMap @{ Device = 'Naem' } }).Exception.Message | Should -BeLike "*did you mean 'Name'*"
        }

        It 'of a required column are looked for' {
            (Get-OneError { Start-CdfBulkRegistration serial (Add-TestFile $folder x.csv "Names`nx`n") -WarningAction SilentlyContinue }).Exception.Message | Should -BeLike "*no column 'Name'*'Names'*"
        }
    }

    Context 'devices' {
        It 'are what an error is about, whatever is wrong with them' {
            $run = Invoke-Captured { @{ Name = 'a' }, @{ name = 'b'; Serial = 1, 2 }, @{ Name = 'c d' }, [pscustomobject]@{ NAME = 'e'; Serial = @{ x = 1 } } | New-CdfThing serial }

            $run.Output.ThingName | Should -BeExactly a
            $run.Errors.TargetObject | Should -BeExactly b, serial, e
            (Get-OneError { New-CdfThing serial -Name f -Serial @(1) }).TargetObject | Should -BeExactly f
        }

        It 'are not the template, which is named where it is not there' {
            (Get-OneError { New-CdfThing nosuch -Name x -Serial 1 }).Exception.Message | Should -BeLike "*no template 'nosuch'*Get-CdfTemplate*"
            (Get-OneError { New-CdfThing @{ Name = 'x' } }).Exception.Message | Should -BeLike "*template's id is a text*"
            (Get-OneError { Start-CdfBulkRegistration @{ Name = 'x' } ./x.csv }).Exception.Message | Should -BeLike "*template's id is a text*"
        }

        It 'have CDF parameters whose names are looked for' {
            Set-CdfTemplate signed -Body $signedTemplate
            (Get-OneError { New-CdfThing signed -Name x -CdfParameters @{ certInf = @{ commonName = 'x' } } }).Exception.Message | Should -BeLike "*no CDF parameter 'certInf'*did you mean 'certInfo'*"
            (Get-OneError { New-CdfThing signed -Name x -CdfParameters @{ certInfo = @{ comonName = 'x' } } }).Exception.Message | Should -BeLike "*did you mean 'certInfo.commonName'*"
        }

        It 'may be a member of what somebody hands in, which is said' {
            $json = Add-TestFile $folder x.json '{"count":1,"devices":[{"Name":"x"}]}'
            (Get-OneError { Start-CdfBulkRegistration serial $json -WarningAction Ignore }).Exception.Message | Should -BeLike "*no column 'Name'*count, devices*'devices'*alone*"
            (Get-OneError { Get-Content -Raw $json | ConvertFrom-Json | Start-CdfBulkRegistration serial -WarningAction Ignore }).Exception.Message | Should -BeLike "*'devices'*alone*"
            (Get-OneError { [version]'1.2' | Start-CdfBulkRegistration serial }).Exception.Message | Should -BeLike "*no column*nor any other that is used*"
        }

        It 'are numbered where they are piped, and a common name has whole braces' {
            $with = @{ CertificateAuthority = New-CdfCertificateAuthority Factory; KeyFile = Join-Path $folder keys.jsonl }
            (Get-OneError { @{ Serial = 1 }, @{ Seral = 2 } | New-CdfCertificate 'm-{Serial}' @with }).Exception.Message | Should -BeLike "*device 2 is bad*'{Serial}'*"
            (Get-OneError { New-CdfCertificate 'm-{n' -Count 2 @with }).Exception.Message | Should -BeLike "*'m-{n'*brace*{n}*"
            (Get-OneError { Import-CdfCertificate (Add-TestFile $folder no.pem x) }).Exception.Message | Should -BeLike "*no.pem*"
        }

        It 'may be none in a file, which is named, in a plan too' {
            $empty = Add-TestFile $folder empty.csv "Name,Serial`n,`n"
            (Get-OneError { Start-CdfBulkRegistration serial $empty }).Exception.Message | Should -BeLike '*no device in*empty.csv*blank*'
            (Get-OneError { Start-CdfBulkRegistration serial $empty -WhatIf }).Exception.Message | Should -BeLike '*no device in*empty.csv*blank*'
        }
    }

    Context 'values' {
        It 'that are used and no text are refused, naming row and property, from every source: <Source>' -ForEach @(
            @{ Source = 'ConvertFrom-Json'; Run = { '[{"Name":"ok"},{"Name":"n1","Serial":{"maker":"x"}}]' | ConvertFrom-Json | Start-CdfBulkRegistration serial } }
            @{ Source = 'a JSON file'; Run = { Start-CdfBulkRegistration serial (Add-TestFile $folder x.json '[{"Name":"ok"},{"Name":"n1","Serial":[1]}]') } }
            @{ Source = 'JSON lines'; Run = { Start-CdfBulkRegistration serial (Add-TestFile $folder x.jsonl "{`"Name`":`"ok`"}`n{`"Name`":`"n1`",`"Serial`":{}}") } }
            @{ Source = 'hashtables'; Run = { @{ Name = 'ok' }, @{ Name = 'n1'; Serial = @{ no = 7 } } | Start-CdfBulkRegistration serial } }
            @{ Source = 'objects'; Run = { [pscustomobject]@{ Name = 'ok' }, [pscustomobject]@{ Name = 'n1'; Serial = 1, 2 } | Start-CdfBulkRegistration serial } }
        ) {
            (Get-OneError $Run).Exception.Message | Should -BeLike "*Row 2*'Serial'*"
            Get-CdfThing | Should -BeNullOrEmpty
        }

        It 'that nothing uses may be anything' {
            [pscustomobject]@{ Name = 'a'; Tags = 1, 2; More = @{ x = 1 } } | Start-CdfBulkRegistration serial -Wait -WarningAction SilentlyContinue
            Start-CdfBulkRegistration serial (Add-TestFile $folder x.json '[{"Name":"b","Tags":[1,2],"More":{"x":1}}]') -Wait -WarningAction SilentlyContinue
            New-CdfThing serial ([pscustomobject]@{ Name = 'c'; Process = Get-Process -Id $PID }) -WarningAction SilentlyContinue

            (Get-CdfThing).ThingName | Should -BeExactly a, b, c
        }

        It 'come through as they are written: <Given>' -ForEach @(
            @{ Given = 42; Text = '42' }
            @{ Given = 1234567890123456.0; Text = '1234567890123456' }
            @{ Given = 0.1; Text = '0.1' }
            @{ Given = [decimal]::Parse('1.50', [cultureinfo]::InvariantCulture); Text = '1.50' }
            @{ Given = [bigint]'12345678901234567890'; Text = '12345678901234567890' }
            @{ Given = $true; Text = 'true' }
            @{ Given = [DayOfWeek]::Monday; Text = 'Monday' }
            @{ Given = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc); Text = '2026-01-02T03:04:05Z' }
            @{ Given = [datetimeoffset]::new(2026, 1, 2, 3, 4, 5, 120, 0, [timespan]::FromHours(-8)); Text = '2026-01-02T03:04:05.12-08:00' }
            @{ Given = [guid]'5e0b5a0e-6c8b-4f7e-9a51-6f2b8c1d7a34'; Text = '5e0b5a0e-6c8b-4f7e-9a51-6f2b8c1d7a34' }
        ) {
            [pscustomobject]@{ Name = 'v'; Serial = $Given } | Start-CdfBulkRegistration serial -Wait

            Get-Serial v | Should -BeExactly $Text
        }

        It 'that are empty are as good as none, unless they are meant' {
            $csv = Add-TestFile $folder x.csv "Name,Serial`ne1,`n"
            Start-CdfBulkRegistration serial $csv -Wait
            Import-Csv $csv | Select-Object @{ n = 'Name'; e = { 'e2' } }, Serial | Start-CdfBulkRegistration serial -Wait
            Import-Csv $csv | Select-Object @{ n = 'Name'; e = { 'e3' } }, Serial | New-CdfThing serial
            '{"Name":"e4","Serial":null}' | ConvertFrom-Json | Start-CdfBulkRegistration serial -Wait
            'e1', 'e2', 'e3', 'e4' | ForEach-Object { Get-Serial $_ | Should -BeExactly none }

            Import-Csv $csv | Select-Object @{ n = 'Name'; e = { 'e5' } }, Serial | Start-CdfBulkRegistration serial -Wait -EmptyAsText
            Get-Serial e5 | Should -BeNullOrEmpty
        }

        It 'that are not Unicode never get into a certificate' {
            Set-CdfTemplate signed -Body $signedTemplate
            $ca = New-CdfCertificateAuthority -CommonName Factory
            $list = Add-Bytes $folder latin1.csv ([System.Text.Encoding]::Latin1.GetBytes("Name,cdf.certInfo.commonName`nl1,Müller`n"))
            $with = @{ CertificateAuthority = $ca; KeyDirectory = Join-Path $folder keys }

            (Get-OneError { Start-CdfBulkRegistration signed $list @with }).Exception.Message | Should -BeLike '*line 2, column 5*-Encoding*'
            $task = Import-Csv $list | Start-CdfBulkRegistration signed @with -Wait -ErrorAction SilentlyContinue
            $task.FailureCount | Should -Be 1
            (Get-OneError { New-CdfThing signed -Name l1 -Subject "CN=$([char]0xD800)" @with }).Exception.Message | Should -Not -BeNullOrEmpty
            Get-CdfThing | Should -BeNullOrEmpty

            $null = Start-CdfBulkRegistration signed $list @with -Encoding windows-1252 -Wait
            (Read-Pem (Get-CdfThing l1).Certificates[0].CertificatePem).Subject | Should -BeExactly 'CN=Müller'
        }
    }

    Context 'files' {
        It 'are recognised: <Name>' -ForEach @(
            @{ Name = 'semicolon.csv'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("Name;Serial`r`nf1;0042`r`n") }
            @{ Name = 'type.csv'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("#TYPE System.Management.Automation.PSCustomObject`r`n`"Name`",`"Serial`"`r`n`"f1`",`"0042`"`r`n") }
            @{ Name = 'sep.csv'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("sep=|`r`nName|Serial`r`nf1|0042`r`n") }
            @{ Name = 'unicode.txt'; Bytes = [System.Text.Encoding]::Unicode.GetPreamble() + [System.Text.Encoding]::Unicode.GetBytes("Name`tSerial`r`nf1`t0042`r`n") }
            @{ Name = 'trailing.csv'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("Name,Serial,`nf1,0042,`n") }
            @{ Name = 'mark.csv'; With = @{ Encoding = 'ascii' }; Bytes = [System.Text.Encoding]::Unicode.GetPreamble() + [System.Text.Encoding]::Unicode.GetBytes("Name,Serial`r`nf1,0042`r`n") }
            @{ Name = 'one.json'; Bytes = [System.Text.Encoding]::UTF8.GetBytes("{`n  `"Name`": `"f1`",`n  `"Serial`": `"0042`"`n}") }
        ) {
            $encoding = $With ?? @{}
            $null = Start-CdfBulkRegistration serial (Add-Bytes $folder $Name $Bytes) -Wait @encoding

            Get-Serial f1 | Should -BeExactly '0042'
        }

        It 'are named for what they are: <Name>' -ForEach @(
            @{ Name = 'x.xlsx'; Bytes = 0x50, 0x4B, 3, 4, 20, 0; Kind = '*workbook (.xlsx)*' }
            @{ Name = 'x.pdf'; Bytes = [byte[]][char[]]'%PDF-1.7'; Kind = '*PDF*' }
            @{ Name = 'x.xml'; Bytes = [byte[]][char[]]"`r`n<Objs Version=""1.1.0.1"">"; Kind = '*XML*' }
            @{ Name = 'x.csv'; Bytes = [System.Text.Encoding]::Unicode.GetPreamble() + [System.Text.Encoding]::Unicode.GetBytes('<!doctype html>'); Kind = '*web page*' }
            @{ Name = 'x.csv.gz'; Bytes = 0x1F, 0x8B, 8, 0; Kind = '*gzip*' }
        ) {
            (Get-OneError { Start-CdfBulkRegistration serial (Add-Bytes $folder $Name $Bytes) }).Exception.Message | Should -BeLike $Kind
            $message = (Get-OneError { Set-CdfTemplate serial (Add-Bytes $folder $Name $Bytes) }).Exception.Message
            $message | Should -BeLike $Kind
            $message | Should -BeLike '*: text is wanted, JSON or PEM.'
        }

        It 'come by pattern, from the pipeline, and with brackets in their names' {
            $lists = (New-Item -ItemType Directory (Join-Path $folder lists)).FullName
            1..3 | ForEach-Object { $null = Add-TestFile $lists "list$_.csv" "Name`nw$_`n" }
            $null = Add-TestFile $lists 'list[4].csv' "Name`nw4`n"

            Start-CdfBulkRegistration serial (Join-Path $lists 'list?.csv') -Wait | Should -HaveCount 3
            Get-CdfThing w* | Remove-CdfThing -Force
            Get-ChildItem $lists/list?.csv | Start-CdfBulkRegistration serial -Wait | Should -HaveCount 3
            Get-CdfThing w* | Remove-CdfThing -Force
            Get-ChildItem $lists | Select-Object FullName | Start-CdfBulkRegistration serial -Wait | Should -HaveCount 4
            Get-CdfThing w4 | Remove-CdfThing -Force
            Start-CdfBulkRegistration serial -LiteralPath (Join-Path $lists 'list[4].csv') -Wait | Should -HaveCount 1
            Start-CdfBulkRegistration serial (Join-Path $lists 'list`[4`].csv') -WhatIf | ForEach-Object RowCount | Should -Be 1
            (Get-OneError { Start-CdfBulkRegistration serial (Join-Path $lists 'no*.csv') }).Exception.Message | Should -BeLike '*No file matches*'
        }

        It 'of templates and policies come so too' {
            $null = Add-TestFile $folder t1.json $serialTemplate
            $null = Add-TestFile $folder t2.json $plainTemplate
            $null = Add-TestFile $folder p1.json $policyDocument

            Get-ChildItem $folder/t?.json | Set-CdfTemplate
            (Get-CdfTemplate t?).TemplateId | Should -BeExactly t1, t2
            Test-CdfTemplate -Path (Join-Path $folder 't?.json') | Should -BeExactly $true, $true
            (Get-Item $folder/p1.json | New-CdfPolicy p1).PolicyName | Should -BeExactly p1
            (New-CdfPolicy p2 -Path (Join-Path $folder 'p*.json')).PolicyName | Should -BeExactly p2
        }

        It 'of JSON may be lines of Get-Content; an object, or a path in their place, is told' {
            $path = Add-TestFile $folder lines.json ($serialTemplate -replace ',"Resources', "`n,`"Resources")
            $policy = Add-TestFile $folder p.json ($policyDocument -replace ', "Statement', "`n, `"Statement")
            Set-CdfTemplate lines -Body (Get-Content $path)
            Test-CdfTemplate -Body (Get-Content $path) | Should -BeTrue
            (New-CdfPolicy lines (Get-Content $policy)).PolicyName | Should -BeExactly lines

            (Get-OneError { New-CdfPolicy p (ConvertFrom-Json $policyDocument) }).Exception.Message | Should -BeLike '*JSON is wanted*ConvertTo-Json*'
            (Get-OneError { Set-CdfTemplate p -Body (ConvertFrom-Json $serialTemplate -AsHashtable) }).Exception.Message | Should -BeLike '*JSON is wanted*ConvertTo-Json*'
            (Get-OneError { New-CdfPolicy p $policy }).Exception.Message | Should -BeLike '*p.json*-Path*'
        }

        It 'piped line by line end with one error that says what to do' {
            $csv = Add-TestFile $folder x.csv "Name`nx1`nx2`n"
            (Get-OneError { Get-Content $csv | Start-CdfBulkRegistration serial }).Exception.Message | Should -BeLike '*Import-Csv*'
        }

        It 'may have blank rows, which are counted' {
            $csv = Add-TestFile $folder x.csv "Name,Serial`nw1,1`n,`n,`n"
            $run = Invoke-Captured { Start-CdfBulkRegistration serial $csv -Wait; Start-CdfBulkRegistration serial $csv -WhatIf }

            $run.Output[0].RowCount | Should -Be 1
            "$($run.Warnings[0])" | Should -BeLike '2 blank rows*'
            ($run.Output | Where-Object BlankRowCount).BlankRowCount | Should -Be 2
        }

        It 'have rows as long as the header, or the row is named' {
            (Get-OneError { Start-CdfBulkRegistration serial (Add-TestFile $folder x.csv "Name,Serial`na,1`nb`n") }).Exception.Message | Should -BeLike '*row 2: it has 1 cell, and the header 2 cells*'
        }
    }

    Context 'places for keys' {
        It 'are a folder or a file, and not the other' {
            Set-CdfTemplate withkey -Body $withKeyTemplate
            $file = Add-TestFile $folder file x
            $device = @{ ThingName = 'k' }
            (Get-OneError { New-CdfThing withkey $device -KeyDirectory $file }).Exception.Message | Should -BeLike "The key folder*$file*is a file*-KeyFile*"
            (Get-OneError { $device | Start-CdfBulkRegistration withkey -KeyDirectory $file }).Exception.Message | Should -BeLike "The key folder*$file*is a file*-KeyFile*"
            (Get-OneError { $device | Start-CdfBulkRegistration withkey -KeyFile $folder }).Exception.Message | Should -BeLike "*$folder*is a folder*-KeyDirectory*"
            (Get-OneError { Export-CdfKey (Add-TestFile $folder none.jsonl '') $file }).Exception.Message | Should -BeLike "*$file*where a folder is to be*"
            Get-CdfThing | Should -BeNullOrEmpty
        }
    }

    Context 'failed rows' {
        It 'have their thing''s name, and make a list to try again' {
            $task = Start-CdfBulkRegistration serial (Add-TestFile $folder x.csv "Name,Serial`nok,1`nbad,not ok`n") -Wait -ErrorAction SilentlyContinue
            $failed = Get-CdfBulkRegistrationResult $task.TaskId -Failed
            $failed.ThingName | Should -BeExactly bad
            $failed.Serial | Should -BeExactly 'not ok'

            $again = Join-Path $folder again.csv
            $failed | Export-Csv $again
            (Get-Content $again -Raw).Replace('not ok', 'better') | Set-Content $again
            $run = Invoke-Captured { Start-CdfBulkRegistration serial $again -Wait }

            $run.Warnings + $run.Errors | Should -BeNullOrEmpty
            Get-Serial bad | Should -BeExactly better
        }
    }

    Context 'files of devices' {
        It 'may be DER, and are told of when they are empty or a folder' {
            Set-CdfTemplate own -Body (Get-Content (Join-Path $templates sensor-csr.json) -Raw)
            $null = New-CdfPolicy sensors $policyDocument
            $pem = New-TestCsr d1
            $der = Add-Bytes $folder d1.csr ([System.Convert]::FromBase64String(($pem -replace '-----[^-]+-----' -replace '\s')))
            New-CdfThing own -ThingName d1 -Csr $der | Should -Not -BeNullOrEmpty
            $lines = Get-Content (Add-TestFile $folder d2.csr "$(New-TestCsr d2)`n`n")
            New-CdfThing own -ThingName d2 -Csr $lines | Should -Not -BeNullOrEmpty

            (Get-OneError { New-CdfThing own -ThingName d3 -Csr (Add-TestFile $folder empty.csr '') }).Exception.Message | Should -BeLike '*empty.csr*is empty*'
            (Get-OneError { New-CdfThing own -ThingName d3 -Csr $folder }).Exception.Message | Should -BeLike "*$folder*"
            (Get-OneError { New-CdfThing own -ThingName d3 -Csr ./nosuch.csr }).Exception.Message | Should -BeLike '*nosuch.csr*'

            $list = Add-TestFile $folder list.csv "ThingName,File`nd4,d1.csr`nd5,d2.csr`n"
            (Start-CdfBulkRegistration own $list -CsrFileColumn file -Wait).SuccessCount | Should -Be 2
        }

        It 'may be certificates: -CertificatePath, -CertificateFileColumn, -Status' {
            Set-CdfTemplate without-ca (Join-Path $templates without-ca.json)
            $null = New-CdfPolicy sensors $policyDocument
            $names = (Get-Content (Join-Path $templates without-ca.json) -Raw | ConvertFrom-Json).Parameters.psobject.Properties.Name
            $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
            $certificates = 1..2 | ForEach-Object {
                $certificate = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=own$_", $key, 'SHA256').CreateSelfSigned([datetimeoffset]::Now, [datetimeoffset]::Now.AddDays(9))
                Add-TestFile $folder "own$_.pem" $certificate.ExportCertificatePem()
            }
            $thing = @{ ThingName = 'own1' }
            if ($names -contains 'SerialNumber') { $thing.SerialNumber = '1' }

            $null = New-CdfThing without-ca $thing -CertificatePath $certificates[0] -Status INACTIVE
            (Get-CdfThing own1).CertificateStatus | Should -BeExactly INACTIVE
            $null = Start-CdfBulkRegistration without-ca (Add-TestFile $folder own.csv "ThingName,SerialNumber,Pem`nown2,2,own2.pem`n") -CertificateFileColumn Pem -Wait -WarningAction SilentlyContinue
            (Get-CdfThing own2).CertificateStatus | Should -BeExactly ACTIVE
        }
    }
}

Describe 'The same list' {
    It 'gives the same registry by file, by Import-Csv, by ConvertFrom-Json and by REST' {
        $random = [System.Random]::new(20261126)
        $folder = New-TestFolder
        # A value as JSON has it, and as CSV does.
        $values = @(
            { $number = $random.Next(0, 2000000000); "$number", "$number" }
            { $number = "$($random.Next(1, 9))$($random.NextInt64(10000000000000000, 99999999999999999))$($random.Next(100, 999))"; $number, $number }
            { $number = '{0}.{1}5' -f $random.Next(0, 1000), $random.Next(0, 1000); $number, $number }
            { $truth = $random.Next(2) ? 'true' : 'false'; $truth, $truth }
            { $time = [datetime]::UnixEpoch.AddSeconds($random.Next()).ToString('yyyy-MM-ddTHH:mm:ssZ'); "`"$time`"", $time }
            { $text = -join (1..$random.Next(1, 12) | ForEach-Object { 'aB0_.,@/:#=[]-'[$random.Next(14)] }); (ConvertTo-Json $text), "`"$text`"" }
            { $text = '00{0}' -f $random.Next(0, 99); "`"$text`"", $text }
            { '"no: spaces, ä 😀"', '"no: spaces, ä 😀"' }
            { 'null', '' }
        )
        $devices = 1..120 | ForEach-Object { $json, $csv = & $values[$random.Next($values.Count)]; @{ Name = "n-$_"; Json = $json; Csv = $csv } }
        $csv = Add-TestFile $folder list.csv "Name,Serial`n$($devices.ForEach{ "$($_.Name),$($_.Csv)`n" } -join '')"
        $lines = $devices.ForEach{ "{`"Name`":`"$($_.Name)`",`"Serial`":$($_.Json)}" }
        $json = Add-TestFile $folder list.json "[$($lines -join ',')]"

        $with = @{ Wait = $true; ErrorAction = 'SilentlyContinue' }
        $body = "{`"provisioningTemplateId`":`"serial`",`"parameters`":[$($lines -join ',')]}"
        $jsonLines = Add-TestFile $folder list.jsonl ($lines -join "`n")
        $ways = [ordered]@{
            'csv' = { Start-CdfBulkRegistration serial $csv @with }
            'json' = { Start-CdfBulkRegistration serial $json @with }
            'lines' = { Start-CdfBulkRegistration serial $jsonLines @with }
            'Import-Csv' = { Import-Csv $csv | Start-CdfBulkRegistration serial @with }
            'ConvertFrom-Json' = { Get-Content $json -Raw | ConvertFrom-Json | Start-CdfBulkRegistration serial @with }
            'REST' = {
                $server = Start-CdfServer -Port 0
                $task = Invoke-RestMethod "$($server.Address)bulkthings" -Method Post -ContentType application/vnd.aws-cdf-v1.0+json -Body ([System.Text.Encoding]::UTF8.GetBytes($body))
                Wait-CdfBulkRegistration $task.taskId -ErrorAction SilentlyContinue
                $server | Stop-CdfServer
            }
        }

        $found = @{}
        foreach ($way in $ways.Keys) {
            Connect-TestRegistry (Join-Path $folder $way)
            Set-CdfTemplate serial -Body $serialTemplate
            $null = & $ways[$way]
            $things = Get-CdfThing | Sort-Object ThingName | ForEach-Object { "$($_.ThingName) $($_.Attributes['sn'])" }
            $failed = Get-CdfBulkRegistration | Get-CdfBulkRegistrationResult -Failed | Sort-Object Row | ForEach-Object { "$($_.Row) $($_.ThingName) $($_.ErrorCode)" }
            $found[$way] = @($things) + @($failed) -join "`n"
            Disconnect-Cdf
        }

        $found['csv'] | Should -Match 'n-1'
        foreach ($way in $ways.Keys) { $found[$way] | Should -BeExactly $found['csv'] -Because $way }
    }
}
