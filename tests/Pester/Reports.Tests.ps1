BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # The figures of a page, with the commands that are to emit as many.
    function Get-Figure([string] $Path) {
        foreach ($match in [regex]::Matches((Get-Content -Raw $Path), '<code data-count="(\d+)">(.*?)</code>')) {
            [pscustomobject]@{ Count = [long]$match.Groups[1].Value; Command = [System.Net.WebUtility]::HtmlDecode($match.Groups[2].Value) }
        }
    }
}

Describe 'A report of the fleet' {
    BeforeAll {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        Add-TestTemplates
        Set-CdfTemplate member -Body $memberTemplate
        'sensor', 'gateway' | New-CdfThingType | Out-Null
        $null = New-CdfThingGroup factory
        $null = New-CdfThingGroup hall -ParentGroup factory
        $null = New-CdfPolicy hall-policy $policyDocument
        $null = New-CdfPolicy unused $policyDocument
        1..3 | ForEach-Object { $null = New-CdfThing member @{ ThingName = "member-$_"; Type = 'sensor'; Group = $_ -eq 1 ? 'factory' : 'hall' } }
        1..4 | ForEach-Object { $null = New-CdfThing withkey @{ ThingName = "key-$_" } }
        Set-CdfThingCertificateStatus key-4 INACTIVE
        $list = Add-TestFile $folder list.csv "ThingName,Model`nlisted-1,m1`n<b>one</b>,m1`n<b>two</b>,m1`nlisted-2,it's`n"
        $task = Start-CdfBulkRegistration plain $list -Wait -ErrorAction Ignore
        $path = Join-Path $folder fleet.html
    }

    It 'is one page whose figures are what its commands emit' {
        Export-CdfReport -Path $path

        $figures = Get-Figure $path
        $figures.Count | Should -BeGreaterThan 15
        foreach ($figure in $figures) {
            @(& ([scriptblock]::Create($figure.Command))) | Should -HaveCount $figure.Count -Because $figure.Command
        }
        ($figures.Where{ $_.Command -eq 'Get-CdfThing' }).Count | Should -Be 1
        ($figures.Where{ $_.Command -eq 'Get-CdfThing' })[0].Count | Should -Be 8
        ($figures.Where{ $_.Command -like '*ThingType ''sensor''' })[0].Count | Should -Be 3
        ($figures.Where{ $_.Command -like '*-Failed | *' }).Count | Should -BeGreaterThan 0
    }

    It 'shows what names and errors are as text' {
        $page = Get-Content -Raw $path
        $page | Should -Not -Match "<b>one"
        $page | Should -Match "default-src 'none'"
    }

    It 'shows the lists that are named or piped, and those alone' {
        $other = Start-CdfBulkRegistration plain (Add-TestFile $folder other.csv "ThingName`nother-1`n") -Wait
        $file = Get-CdfBulkRegistration $other.TaskId | Export-CdfReport $path -PassThru
        $file.FullName | Should -Be $path
        $page = Get-Content -Raw $path
        $page | Should -Match $other.TaskId
        $page | Should -Not -Match $task.TaskId
        (Get-OneError { Export-CdfReport $path -TaskId nothing }).Exception.Message | Should -BeLike '*nothing*'
    }

    It 'writes nothing with WhatIf, over a file with NoClobber, or where there is no place' {
        $other = Join-Path $folder other.html
        Export-CdfReport $other -WhatIf
        $other | Should -Not -Exist
        $null = Add-TestFile $folder other.html mine
        (Get-OneError { Export-CdfReport $other -NoClobber }).Exception.Message | Should -BeLike '*other.html* exists*'
        (Get-OneError { Export-CdfReport $folder }).Exception.Message | Should -BeLike '*is a folder*'
        (Get-OneError { Export-CdfReport (Join-Path $folder none fleet.html) }).Exception.Message | Should -BeLike '*no folder*'
        Set-ItemProperty $other IsReadOnly $true
        (Get-OneError { Export-CdfReport $other }).Exception.Message | Should -BeLike '*-Force*'
        Get-Content -Raw $other | Should -Be mine
        Export-CdfReport $other -Force
        Get-Content -Raw $other | Should -Match '<!DOCTYPE html>'
        Get-ChildItem $folder -Filter *.tmp | Should -BeNullOrEmpty
    }

    It 'is whole, or not written, when it is stopped' {
        $stopped = Join-Path $folder stopped.html
        $session = New-Session
        foreach ($attempt in 1..3) {
            $null = Add-TestFile $folder stopped.html mine
            $pipeline = New-Pipeline $session 'Export-CdfReport $args[0] -Connection $args[1]' $stopped, (Get-CdfConnection)
            $running = $pipeline.BeginInvoke()
            while (-not $running.IsCompleted -and $pipeline.Streams.Progress.Count -lt $attempt) { [System.Threading.Thread]::Yield() | Out-Null }
            $pipeline.Stop()
            $pipeline.Dispose()
            Get-Content -Raw $stopped | Should -Match '^mine$|</html>\s*$'
            Get-ChildItem $folder -Filter *.tmp | Should -BeNullOrEmpty
        }
        $session.Dispose()
    }

    It 'leaves out with Quick what AWS has to be asked for each certificate' {
        Export-CdfReport $path -Quick
        $page = Get-Content -Raw $path
        if ($onAws) { $page | Should -Not -Match 'month in which' } else { $page | Should -Match 'month in which' }
        foreach ($figure in Get-Figure $path) { @(& ([scriptblock]::Create($figure.Command))) | Should -HaveCount $figure.Count -Because $figure.Command }
    }
}

Describe 'The drawing of charts' {
    It 'is loaded by a report alone' {
        $folder = New-TestFolder
        $run = Invoke-Pwsh $folder @'
            $null = Connect-Cdf ./registry
            $null = New-CdfThingType sensor
            $loaded = { [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -like 'OxyPlot*' }.Count }
            $before = & $loaded
            Export-CdfReport ./fleet.html
            "$before $(& $loaded) $(Test-Path ./fleet.html)"
'@
        $run.Output | Should -BeLike '0 1 True*' -Because $run.Error
    }
}

Describe 'The sample of every day after' {
    It 'runs, and leaves one device behind and nothing else' {
        $folder = New-TestFolder
        $run = Invoke-Pwsh $folder "& '$(Join-Path $repository module samples fleet.ps1)'"
        $run.ExitCode | Should -Be 0 -Because $run.Error
        $run.Error | Should -BeNullOrEmpty
        $lines = $run.Output -split '\r?\n'
        $lines | Should -Contain 'The list: 995 new, 5 as they are.'
        $lines | Should -Contain '  all four connected: True; old certificates INACTIVE: 4'
        $lines | Should -Contain '  left behind: sensor-00005'
        $lines | Should -Contain '  synchronised: 1 new, 2 changed, 1 removed'
        $lines | Should -Contain '  once more: 1000 the same'
        $lines -like '  version 2 for*' | Should -HaveCount 1
        $lines -like 'A page of it all: fleet.html*' | Should -HaveCount 1
    }
}
