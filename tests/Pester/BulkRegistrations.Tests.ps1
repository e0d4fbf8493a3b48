#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Bulk registrations' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
    }

    It 'registers a list from a CSV file' {
        $csv = Add-TestFile $folder devices.csv "ThingName,Model`na,1`nb,2`n"

        $task = Start-CdfBulkRegistration plain $csv -Wait -PassThru

        $task.Status | Should -BeExactly Completed
        $task.SuccessCount | Should -Be 2
        (Get-CdfThing b).Attributes['model'] | Should -BeExactly '2'
    }

    It 'registers a list from hashtables and objects' {
        @{ ThingName = 'a' }, [pscustomobject]@{ ThingName = 'b' } | Start-CdfBulkRegistration -TemplateId plain -Wait

        Get-CdfThing | Should -HaveCount 2
    }

    It 'registers a list from Import-Csv' {
        $csv = Join-Path $folder devices.csv
        1..50 | ForEach-Object { [pscustomobject]@{ ThingName = "csv-$_"; Model = $_ } } | Export-Csv $csv

        $task = Import-Csv $csv | Start-CdfBulkRegistration -TemplateId withkey -KeyDirectory (Join-Path $folder keys) -Wait -PassThru

        $task.SuccessCount | Should -Be 50
        $task | Get-CdfBulkRegistrationResult | Where-Object Succeeded | Should -HaveCount 50
    }

    It 'emits the task, waited for or not' {
        (@{ ThingName = 'a' } | Start-CdfBulkRegistration plain -Wait).Status | Should -BeExactly Completed
        $task = @{ ThingName = 'b' } | Start-CdfBulkRegistration plain
        ($task | Wait-CdfBulkRegistration).TaskId | Should -BeExactly $task.TaskId
    }

    It 'finds a task, waits for it and reads its results' {
        $task = 1..300 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration plain -PassThru
        $null = Get-CdfBulkRegistration $task.TaskId | Wait-CdfBulkRegistration
        $results = $task | Get-CdfBulkRegistrationResult

        $results | Should -HaveCount 300
        $results.Succeeded | Should -Not -Contain $false
        $results[0].ThingName | Should -BeExactly t1
    }

    It 'ends in an error if rows fail, after the task, and tells why they did' {
        $run = Invoke-Captured {
            $task = @{ ThingName = 'a' }, @{ ThingName = 'not allowed!' } | Start-CdfBulkRegistration plain -Wait
            $task | Get-CdfBulkRegistrationResult -Failed
        }

        $run.Errors | Should -HaveCount 1
        $run.Errors[0].TargetObject | Should -BeExactly $run.Output[0].TaskId
        $run.Errors[0].CategoryInfo.Category | Should -Be InvalidOperation
        "$($run.Errors)" | Should -BeLike "*$($run.Output[0].TaskId)*1 of 2*row 2*not allowed!*"
        $run.Output | Should -HaveCount 1
        $run.Output[0].Row | Should -Be 2
        $run.Output[0].Error | Should -BeLike '*not allowed!*'
    }

    It 'is seen by $?, -ErrorVariable, -ErrorAction Stop and the exit code' {
        $bad = @{ ThingName = 'not allowed!' }
        $task = $bad | Start-CdfBulkRegistration plain -Wait -ErrorAction SilentlyContinue -ErrorVariable problem
        $? | Should -BeFalse
        $problem | Should -HaveCount 1
        { $task | Wait-CdfBulkRegistration -ErrorAction Stop } | Should -Throw '*1 of 1*'
        $null = Add-TestFile $folder plain.json $plainTemplate
        (Invoke-Pwsh $folder 'Set-CdfTemplate plain ./plain.json; @{ ThingName = "not allowed!" } | Start-CdfBulkRegistration plain -Wait').ExitCode | Should -Be 1
        (Invoke-Pwsh $folder '@{ ThingName = "allowed" } | Start-CdfBulkRegistration plain -Wait').ExitCode | Should -Be 0
    }

    It 'refuses before the first row what would fail in each: <Because>' -ForEach @(
        @{ Because = 'no CA'; Start = { @{ ThingName = 'a'; SerialNumber = 1 } | Start-CdfBulkRegistration signed -KeyDirectory (Join-Path $folder keys) }; Message = '*caId*' }
        @{ Because = 'an unknown CA'; Start = { @{ ThingName = 'a'; SerialNumber = 1 } | Start-CdfBulkRegistration signed -CertificateAuthority ('a' * 64) -Subject 'CN=x' -KeyDirectory (Join-Path $folder keys) }; Message = '*aaaa*' }
        @{ Because = 'no policy'; Start = { Remove-CdfPolicy sensors -Force; @{ ThingName = 'a' } | Start-CdfBulkRegistration withkey -KeyDirectory (Join-Path $folder keys) }; Message = "*policy 'sensors'*" }
    ) {
        Set-CdfTemplate signed (Join-Path $templates sensor.json)
        $null = New-CdfThingType sensor
        $null = New-CdfThingGroup sensors
        $run = Invoke-Captured $Start

        $run.Errors | Should -HaveCount 1
        "$($run.Errors)" | Should -BeLike "*Every device*$Message"
        Get-CdfBulkRegistration | Should -BeNullOrEmpty
    }

    It 'is followed by a job' {
        $job = @{ ThingName = 'a' }, @{ ThingName = 'not allowed!' } | Start-CdfBulkRegistration plain -AsJob
        $job | Should -BeOfType System.Management.Automation.Job
        Get-Job $job.Id | Should -Be $job

        $run = Invoke-Captured { $job | Wait-Job | Receive-Job }
        $run.Output[0].RowCount | Should -Be 2
        $run.Errors | Should -HaveCount 1
        $job.State | Should -Be Failed
        Remove-Job $job
        (@{ ThingName = 'c' } | Start-CdfBulkRegistration plain -AsJob | Wait-Job).State | Should -Be Completed
    }

    It 'is interrupted by Stop-Job' {
        $job = 1..20000 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration withkey -KeyDirectory (Join-Path $folder keys) -AsJob
        Stop-Job $job
        $job.State | Should -Be Stopped
        (Receive-Job $job -ErrorAction SilentlyContinue).Status | Should -BeExactly Interrupted
        $null = Get-CdfBulkRegistration | Stop-CdfBulkRegistration
    }

    It 'is waited for no longer than told' {
        $task = 1..20000 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration withkey -KeyDirectory (Join-Path $folder keys)
        $run = Invoke-Captured { $task | Wait-CdfBulkRegistration -Timeout 0 }

        $run.Errors[0].CategoryInfo.Category | Should -Be OperationTimeout
        $run.Output[0].Status | Should -BeExactly InProgress
        Stop-CdfBulkRegistration $task.TaskId
    }

    It 'can be removed when it is over' {
        $task = @{ ThingName = 'a' } | Start-CdfBulkRegistration plain -Wait
        Remove-CdfBulkRegistration $task.TaskId -WhatIf
        Get-CdfBulkRegistration $task.TaskId | Should -Not -BeNullOrEmpty
        Remove-CdfBulkRegistration * -Force

        Get-CdfBulkRegistration | Where-Object TaskId -EQ $task.TaskId | Should -BeNullOrEmpty # AWS goes on listing what it ran itself
        (Get-OneError { Remove-CdfBulkRegistration $task.TaskId -Force }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        Get-CdfThing a | Should -Not -BeNullOrEmpty
    }

    It 'cannot be stopped when it is over, which is an invalid operation' {
        $task = @{ ThingName = 'a' } | Start-CdfBulkRegistration plain -Wait
        $problem = Get-OneError { Stop-CdfBulkRegistration $task.TaskId -WhatIf }

        $problem.CategoryInfo.Category | Should -Be InvalidOperation
        $problem.TargetObject | Should -BeExactly $task.TaskId
    }

    It 'needs a folder for the keys if the template makes some' {
        $problem = Get-OneError { @{ ThingName = 'a' } | Start-CdfBulkRegistration withkey }

        $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        $problem.Exception.Message | Should -BeLike '*KeyDirectory*'
        Get-CdfBulkRegistration | Should -BeNullOrEmpty
    }

    It 'puts the keys of a list into its folder and into no stream' {
        $keys = Join-Path $folder keys
        $run = Invoke-Captured {
            @{ ThingName = 'a' }, @{ ThingName = 'b' } | Start-CdfBulkRegistration withkey -KeyDirectory $keys -Wait -PassThru -Verbose -Debug | Get-CdfBulkRegistrationResult
        }

        $run.Errors | Should -BeNullOrEmpty
        Get-ChildItem $keys | Should -HaveCount 2
        $run.Messages + "$($run.Output)" + ($run.Output | Format-List * | Out-String) | Should -Not -Match 'PRIVATE KEY'
    }

    It 'ends once if the template is unknown' {
        (Get-OneError { @{ ThingName = 'a' }, @{ ThingName = 'b' } | Start-CdfBulkRegistration nosuch }).FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'ends once if a column is missing that the template needs' {
        $problem = Get-OneError { 1..600 | ForEach-Object { @{ Model = 'x' } } | Start-CdfBulkRegistration plain }

        $problem.Exception.Message | Should -BeLike '*ThingName*'
        Get-CdfBulkRegistration | Should -BeNullOrEmpty
    }

    It 'reads the list and registers nothing with WhatIf' {
        $csv = Add-TestFile $folder devices.csv "ThingName`na`nb`n"

        $null = Start-CdfBulkRegistration plain $csv -WhatIf -Wait -PassThru

        Get-CdfThing | Should -BeNullOrEmpty
        Get-CdfBulkRegistration | Should -BeNullOrEmpty
    }

    It 'does not find an unknown task: <_>' -ForEach 'Get-CdfBulkRegistration', 'Wait-CdfBulkRegistration', 'Stop-CdfBulkRegistration', 'Resume-CdfBulkRegistration', 'Get-CdfBulkRegistrationResult' {
        $command = $_
        $problem = Get-OneError { & $command nosuch }

        $problem.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $problem.TargetObject | Should -BeExactly nosuch
    }
}

Describe 'A bulk registration in a session of its own' {
    BeforeEach {
        $folder = New-TestFolder
        $null = Connect-Cdf (Join-Path $folder registry) -KeyAlgorithm P256
        Add-TestTemplates
        $session = New-Session
        Invoke-InSession $session { $null = Connect-Cdf $args[0] -KeyAlgorithm P256 } (Join-Path $folder registry)
    }

    AfterEach {
        $session.Dispose()
    }

    It 'tells count and rate as its progress' {
        $pipeline = New-Pipeline $session '1..3000 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration plain -Wait'
        $null = $pipeline.Invoke()

        $pipeline.Streams.Progress.Where{ $_.Activity -ceq 'Registering devices' -and $_.RecordType -eq 'Completed' } | Should -Not -BeNullOrEmpty
        $pipeline.Streams.Progress.Where{ $_.StatusDescription -clike '*of 3*/s' } | Should -Not -BeNullOrEmpty
    }

    It 'leaves a task that can be resumed when Ctrl+C stops it' {
        $pipeline = New-Pipeline $session '1..20000 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration withkey -KeyDirectory $args[0] -Wait' (Join-Path $folder keys)
        $null = Register-ObjectEvent $pipeline.Streams.Progress DataAdded -SourceIdentifier CdfProgress
        try {
            $null = $pipeline.InvokeAsync()
            Wait-Event CdfProgress -Timeout 60 | Should -Not -BeNullOrEmpty
            $pipeline.Stop()
        }
        finally {
            Unregister-Event CdfProgress
        }

        $pipeline.InvocationStateInfo.State | Should -Be Stopped
        $task = Get-CdfBulkRegistration
        $task.Status | Should -BeExactly Interrupted
        $task.SuccessCount | Should -BeLessThan 20000
        $null = Stop-CdfBulkRegistration $task.TaskId
    }
}

Describe 'A bulk registration whose process was killed' {
    It 'is resumed' {
        $folder = New-TestFolder
        $null = Add-TestFile $folder plain.json $plainTemplate
        $process = Start-Pwsh $folder 'Set-CdfTemplate plain ./plain.json; $null = 1..20000 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration plain; "started"; Start-Sleep 600'
        $process.StandardOutput.ReadLine() | Should -BeExactly started
        $process.Kill()
        $process.WaitForExit()

        $null = Connect-Cdf $folder
        $waited = Get-CdfBulkRegistration | Where-Object Status -NE Completed | Resume-CdfBulkRegistration | Wait-CdfBulkRegistration

        $waited.Status | Should -BeExactly Completed
        (Get-CdfBulkRegistration).SuccessCount | Should -Be 20000
        Disconnect-Cdf
    }
}
