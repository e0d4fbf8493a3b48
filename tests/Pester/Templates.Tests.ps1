#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    $broken = @'
{
  "Parameters": {},
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Nowhere" } } },
    "other": { "Type": "AWS::IoT::Teapot", "Properties": {} }
  }
}
'@
}

Describe 'Templates' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
    }

    It 'stores a template from a file beside the script''s location' {
        $null = Add-TestFile $folder t.json $plainTemplate
        Push-Location $folder
        try {
            $stored = Set-CdfTemplate t ./t.json -PassThru
        }
        finally {
            Pop-Location
        }

        $stored.TemplateId | Should -BeExactly t
        (Get-CdfTemplate t).Body | Should -BeExactly $plainTemplate
    }

    It 'refuses an invalid template with all its problems' {
        $problem = Get-OneError { Set-CdfTemplate t -Body $broken }

        $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidTemplate,*'
        $problem.Exception.Message | Should -BeLike '*Nowhere*'
        $problem.Exception.Message | Should -BeLike '*Teapot*'
        Get-CdfTemplate | Should -BeNullOrEmpty
    }

    It 'tests a template and emits each problem with its place' {
        $file = Add-TestFile $folder t.json $broken
        (Get-OneError { Test-CdfTemplate $file }).Exception.Message | Should -BeLike "*say -Path $file*"
        $problems = @(Test-CdfTemplate -Path $file -Detailed)

        $problems.Count | Should -BeGreaterOrEqual 2
        $problems | ForEach-Object { $_.Line | Should -BeIn (1..7) }
        $run = Invoke-Captured { Test-CdfTemplate -Path $file }
        $run.Output | Should -BeExactly $false
        $run.Errors.Count + $run.Warnings.Count | Should -Be $problems.Count
        $run.Errors[0].Exception.Message | Should -Match 'line \d+, column \d+ \(\$'
        Test-CdfTemplate -Body $plainTemplate | Should -BeExactly $true
    }

    It 'warns of what nothing uses and of names that AWS does not document, and knows what only holds a template' {
        $unused = '{"Parameters":{"Name":{"Type":"String"},"Spare":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"}}}}}'
        (Test-CdfTemplate -Body $unused -Detailed).Message | Should -BeLike "*'Spare'*"
        $typo = '{"Parameters":{"AWS::IoT::Certificate::OrganizationName":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"AWS::IoT::Certificate::OrganizationName"}}}}}'
        (Test-CdfTemplate -Body $typo -Detailed).Message | Should -BeLike "*AWS documents no parameter*did you mean 'AWS::IoT::Certificate::Organization*"
        $config = @{ templateBody = $unused; roleArn = 'arn:aws:iam::123456789012:role/r' } | ConvertTo-Json
        (Get-OneError { Test-CdfTemplate -Body $config }).Exception.Message | Should -BeLike '*templateBody is the template*'
        (Get-OneError { Set-CdfTemplate config -Body $config }).Exception.Message | Should -BeLike '*templateBody is the template*'
    }

    It 'tests stored templates through the pipeline' {
        Add-TestTemplates

        Get-CdfTemplate | Test-CdfTemplate | Select-Object -Unique | Should -BeExactly $true
    }

    It 'tests a template against the registry and with parameters' {
        $warning = Test-CdfTemplate -Body $withKeyTemplate -Detailed

        $warning | Should -HaveCount 1
        $warning.Message | Should -BeLike "*no policy 'sensors'*"
        $warning.Line | Should -Be 9
        $run = Invoke-Captured { Test-CdfTemplate -Body $withKeyTemplate }
        $run.Output | Should -BeExactly $true
        "$($run.Warnings)" | Should -BeLike "*line 9*no policy 'sensors'*"

        $null = New-CdfPolicy sensors $policyDocument
        Test-CdfTemplate -Body $withKeyTemplate -Parameters @{ ThingName = 'a' } | Should -BeExactly $true
        $plan = Test-CdfTemplate -Body $withKeyTemplate -Parameters @{ ThingName = 'a' } -Detailed
        $plan | Should -HaveCount 1
        $plan.ThingName | Should -BeExactly a
        $plan.Policies | Should -BeExactly sensors
        $plan.Problems | Should -BeNullOrEmpty
        Get-CdfThing | Should -BeNullOrEmpty
    }

    It 'names a file that does not exist' {
        $problem = Get-OneError { Set-CdfTemplate t (Join-Path $folder missing.json) }

        $problem.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $problem.Exception.Message | Should -BeLike '*missing.json*'
    }

    It 'refuses an id that could leave the folder: <_>' -ForEach '../t', 'a/b', 'CON' {
        $id = $_
        (Get-OneError { Set-CdfTemplate $id -Body $plainTemplate }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
    }

    It 'stores and removes nothing with WhatIf' {
        Add-TestTemplates

        Set-CdfTemplate new -Body $plainTemplate -WhatIf
        Get-CdfTemplate | Remove-CdfTemplate -WhatIf

        (Get-CdfTemplate).TemplateId | Should -BeExactly plain, sensor-csr, withkey
    }

    It 'removes a template once' {
        Add-TestTemplates

        Get-CdfTemplate pl* | Remove-CdfTemplate -Confirm:$false

        (Get-OneError { Remove-CdfTemplate plain -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'Template assignments' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
    }

    It 'assigns a template, resolves and uses it, and takes it away again' {
        Set-CdfTemplateAssignment plain /europe
        Get-CdfTemplate withkey | Set-CdfTemplateAssignment -GroupPath /europe/ulm

        (Resolve-CdfTemplate /europe/ulm/line-1).TemplateId | Should -BeExactly withkey
        (New-CdfThing -GroupPath /europe/bonn @{ ThingName = 'a' }).ThingName | Should -BeExactly a

        Get-CdfTemplateAssignment | Remove-CdfTemplateAssignment
        (Get-OneError { Get-CdfThing a | Resolve-CdfTemplate }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'has the rows of a list say where they are' {
        Set-CdfTemplateAssignment plain /europe
        $list = Add-TestFile $folder list.csv "ThingName,GroupPath`na,/europe/ulm`nb,/asia`n"

        $check = Start-CdfBulkRegistration -Path $list -WhatIf
        $task = Start-CdfBulkRegistration -Path $list -Wait -PassThru -ErrorAction SilentlyContinue

        $check.RowCount, $check.NewCount, $check.BadCount | Should -Be 2, 1, 1
        $task.SuccessCount, $task.FailureCount | Should -Be 1, 1
    }

    It 'assigns nothing with WhatIf' {
        Set-CdfTemplateAssignment plain /europe -WhatIf

        Get-CdfTemplateAssignment | Should -BeNullOrEmpty
    }
}
