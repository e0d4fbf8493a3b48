#Requires -Version 7.6

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # The status with which an address answers, or nothing if nobody is there.
    function Get-Status([uri] $Address, [string] $Path, [hashtable] $Headers = @{}) {
        try {
            (Invoke-WebRequest ([uri]::new($Address, $Path)) -Headers $Headers -SkipHttpErrorCheck -SkipHeaderValidation).StatusCode
        }
        catch [System.Net.Http.HttpRequestException] {
        }
    }
}

Describe 'Servers' {
    BeforeEach {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        Add-TestThings here
    }

    AfterEach {
        Get-CdfServer | Stop-CdfServer
    }

    It 'serves the session''s registry until it is stopped' {
        $address = (Start-CdfServer -Port 0).Address

        $response = Invoke-WebRequest "${address}things" -Method Post -ContentType application/json -Body '{"provisioningTemplateId":"withkey","parameters":{"ThingName":"by-rest"}}'

        $response.StatusCode | Should -Be 201
        (Get-CdfThing by-rest).ThingName | Should -BeExactly by-rest
        Stop-CdfServer
        Get-CdfServer | Should -BeNullOrEmpty
        Get-Status $address health | Should -BeNullOrEmpty
    }

    It 'tells what was asked' {
        $address = (Start-CdfServer -Port 0).Address
        Get-Status $address things/nobody | Should -Be 404

        $run = Invoke-Captured { Get-CdfServer -Verbose }
        $again = Invoke-Captured { Get-CdfServer -Verbose }

        $run.Output | Should -HaveCount 1
        $run.Output[0].Requests | Should -HaveCount 1
        $count = $run.Output[0].Requests[0]
        $count.Route, $count.Status, $count.Count | Should -Be 'GET /things/{thingName}', 404, 1
        "$($run.Output[0].Connection)" | Should -BeExactly "$(Get-CdfConnection)"
        $again.Output.Port | Should -Be $address.Port
        $run.Verbose + $again.Verbose | Should -HaveCount 1
        "$($run.Verbose)" | Should -BeLike 'GET /things/nobody 404*'
    }

    It 'shows its requests while it is waited for, and stops with the pipeline' {
        $session = New-Session
        Invoke-InSession $session { $null = Connect-Cdf $args[0] } (Join-Path $folder waited)
        $waiting = New-Pipeline $session 'Start-CdfServer -Port 0 -Wait -Verbose'
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $null = Register-ObjectEvent $output DataAdded -SourceIdentifier CdfServerStarted
        $null = Register-ObjectEvent $waiting.Streams.Verbose DataAdded -SourceIdentifier CdfServerVerbose
        try {
            $running = [powershell].GetMethods().Where{ $_.Name -eq 'BeginInvoke' -and $_.IsGenericMethod -and $_.GetParameters().Count -eq 2 }[0].
                MakeGenericMethod([psobject], [psobject]).Invoke($waiting, @($null, $output))
            Wait-Event CdfServerStarted -Timeout 60 | Should -Not -BeNullOrEmpty
            $address = $output[0].Address

            Get-Status $address health | Should -Be 200

            $shown = $null
            while (-not $shown -and ($next = Wait-Event CdfServerVerbose -Timeout 60)) {
                $next | Remove-Event
                $shown = @($waiting.Streams.Verbose.Message) -like 'GET /health 200*'
            }
            $shown | Should -HaveCount 1
            $running.IsCompleted | Should -BeFalse
            $waiting.Stop()
            Get-Status $address health | Should -BeNullOrEmpty
            Invoke-InSession $session { Get-CdfServer } | Should -BeNullOrEmpty
        }
        finally {
            Unregister-Event CdfServerStarted
            Unregister-Event CdfServerVerbose
            $session.Dispose()
        }
    }

    It 'serves AWS''s own protocol at a port of its own, signed with the server''s key' {
        $null = Connect-Cdf (Join-Path $folder embedded)
        $open = Start-CdfServer 0 -AwsPort 0
        $keyed = Start-CdfServer 0 -AwsPort 0 -AccessKey AKIDEXAMPLE -SecretKey secret
        $headers = @{
            Authorization = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=$('0' * 64)"
            'x-amz-date' = '20260101T000000Z'
        }

        Get-Status $open.AwsAddress things $headers | Should -Be 200
        Get-Status $keyed.AwsAddress things $headers | Should -Be 403
        (Get-OneError { Start-CdfServer 0 -AwsPort 0 -AccessKey AKIDEXAMPLE }).FullyQualifiedErrorId | Should -BeLike '*InvalidRequest*'
    }

    It 'makes an access key that is shown once, and takes what is signed with it only' {
        $null = Connect-Cdf (Join-Path $folder embedded)
        $server = Start-CdfServer 0 -AwsPort 0 -NewAccessKey
        $other = Start-CdfServer 0 -AwsPort 0 -NewAccessKey

        $server.AccessKey | Should -Match '^AKIA[A-Z2-7]{16}$'
        $server.SecretKey.Length | Should -Be 40
        $other.SecretKey | Should -Not -Be $server.SecretKey
        Get-Status $server.AwsAddress things @{ Authorization = "AWS4-HMAC-SHA256 Credential=$($server.AccessKey)/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=$('0' * 64)"; 'x-amz-date' = '20260101T000000Z' } | Should -Be 403
        @((Get-CdfServer).SecretKey).Where{ $_ } | Should -BeNullOrEmpty
        Get-CdfServer | Stop-CdfServer
        $connected = Start-CdfServer 0 -AwsPort 0 -NewAccessKey
        $null = Connect-Cdf -EndpointUrl $connected.AwsAddress -Region us-east-1 -AccessKey $connected.AccessKey -SecretKey $connected.SecretKey
        { Get-CdfThing } | Should -Not -Throw
        (Get-OneError { Start-CdfServer 0 -NewAccessKey }).Exception.Message | Should -BeLike '*-AwsPort*'
        (Get-OneError { Start-CdfServer 0 -AwsPort 0 -NewAccessKey -AccessKey a -SecretKey b }).Exception.Message | Should -BeLike '*-NewAccessKey*'
    }

    It 'ends with SIGTERM when what is being served is served, and the next goes on with its lists' -Skip:$IsWindows {
        $place = (New-Item -ItemType Directory (Join-Path $folder terminated)).FullName
        $log = Join-Path $folder requests.log
        $serve = "if (-not (Get-CdfTemplate plain -ErrorAction Ignore)) { Set-CdfTemplate plain -Body '$plainTemplate' }; Start-CdfServer -Port 0 -LogPath '$log' -Wait | ForEach-Object { `$_.Address.AbsoluteUri }"
        $rows = 1..20000 | ForEach-Object { @{ ThingName = "thing-$_" } }
        $process = Start-Pwsh $place $serve
        $address = $process.StandardOutput.ReadLine()
        $task = Invoke-RestMethod "${address}bulkthings" -Method Post -ContentType application/json -Body (@{ provisioningTemplateId = 'plain'; parameters = $rows } | ConvertTo-Json -Depth 4 -Compress)
        $slow = [System.Net.Sockets.TcpClient]::new('127.0.0.1', ([uri]$address).Port)
        $body = '{"provisioningTemplateId":"plain","parameters":{"ThingName":"last"}}'
        $head = "POST /things HTTP/1.1`r`nHost: localhost`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`n`r`n"
        $slow.GetStream().Write([Text.Encoding]::ASCII.GetBytes($head + $body.Substring(0, 10)))
        while (-not (Get-Status $address health)) { }

        kill -TERM $process.Id
        while (Get-Status $address health) { }
        $slow.GetStream().Write([Text.Encoding]::ASCII.GetBytes($body.Substring(10)))

        [System.IO.StreamReader]::new($slow.GetStream()).ReadLine() | Should -BeExactly 'HTTP/1.1 201 Created'
        $process.WaitForExit(60000) | Should -BeTrue
        $process.ExitCode | Should -Be 0
        Get-Content $log | ConvertFrom-Json | Select-Object -Last 1 | ForEach-Object route | Should -BeExactly 'POST /things'

        $process = Start-Pwsh $place $serve
        $address = $process.StandardOutput.ReadLine()
        do { $now = Invoke-RestMethod "${address}bulkthings/$($task.taskId)" } while ($now.status -eq 'InProgress')
        $now.status, $now.successCount | Should -Be 'Completed', 20000
        kill -TERM $process.Id
        $process.WaitForExit(60000) | Should -BeTrue
    }

    It 'has servers of its own in each session, which end with it' {
        $address = (Start-CdfServer -Port 0).Address
        $sessions = (New-Session), (New-Session)
        $ofOthers = foreach ($session in $sessions) {
            Invoke-InSession $session {
                $null = Connect-Cdf $args[0]
                Set-CdfTemplate plain -Body $args[1]
                $null = New-CdfThing plain @{ ThingName = 'of-other' }
                (Start-CdfServer -Port 0).Address
            } (Join-Path $folder "other-$($sessions.IndexOf($session))") $plainTemplate
        }

        Get-Status $address things/of-other | Should -Be 404
        Get-Status $ofOthers[0] things/of-other | Should -Be 200
        Invoke-InSession $sessions[0] { Remove-Module CdfProvisioning }
        Get-Status $ofOthers[0] health | Should -BeNullOrEmpty
        Get-Status $address things/here | Should -Be 200
        Get-Status $ofOthers[1] things/of-other | Should -Be 200
        $sessions[1].Dispose()
        Get-Status $ofOthers[1] health | Should -BeNullOrEmpty
        Get-Status $address things/here | Should -Be 200
    }

    It 'keeps its registry when the session turns to another with <Leave>' -ForEach @(
        @{ Leave = { Disconnect-Cdf }; Warnings = 1 }
        @{ Leave = { Connect-Cdf -Path (Join-Path $folder elsewhere) }; Warnings = 0 }
    ) {
        $address = (Start-CdfServer -Port 0).Address

        $run = Invoke-Captured $Leave

        $run.Errors | Should -BeNullOrEmpty
        $run.Warnings | Should -HaveCount $Warnings
        Get-Status $address things/here | Should -Be 200
        Get-CdfServer | Stop-CdfServer
        # Nobody has it open any more; on AWS, the endpoint has.
        if (-not $onAws) { Remove-Item (Join-Path $folder registry) -Recurse }
    }

    It 'is found by its port' {
        $one = Start-CdfServer -Port 0
        $two = Start-CdfServer -Port 0

        Stop-CdfServer $one.Port

        (Get-CdfServer).Port | Should -Be $two.Port
        (Get-OneError { Stop-CdfServer $one.Port }).FullyQualifiedErrorId | Should -BeLike 'NotFound*'
    }

    It 'is neither started nor stopped with WhatIf' {
        Start-CdfServer -Port 0 -WhatIf | Should -BeNullOrEmpty
        $null = Start-CdfServer -Port 0
        Stop-CdfServer -WhatIf

        Get-CdfServer | Should -HaveCount 1
    }

    It 'is an error where it cannot or must not be started: <Script>' -ForEach @(
        @{ Script = { Start-CdfServer -Address 0.0.0.0 -Port 0 }; Id = 'InvalidRequest' }
        @{ Script = { Start-CdfServer -Address 0.0.0.0 -Port 0 -WhatIf }; Id = 'InvalidRequest' }
        @{ Script = { Start-CdfServer -Port (Start-CdfServer -Port 0).Port }; Id = 'Unavailable' }
    ) {
        (Get-OneError $Script).FullyQualifiedErrorId | Should -BeLike "$Id*"
    }
}

Describe 'A server in a pwsh of its own' {
    It 'stops at Ctrl+C' -Skip:$IsWindows {
        $process = Start-Pwsh (New-TestFolder) '(Start-CdfServer -Port 0).Address.AbsoluteUri; Start-CdfServer -Port 0 -Wait | ForEach-Object { $_.Address.AbsoluteUri }'
        $null = $process.StandardOutput.ReadLine()
        $address = $process.StandardOutput.ReadLine()
        Get-Status $address health | Should -Be 200

        kill -INT $process.Id
        $process.WaitForExit([timespan]::FromMinutes(2)) | Should -BeTrue

        $process.ExitCode | Should -Be 1
        Get-Status $address health | Should -BeNullOrEmpty
    }
}
