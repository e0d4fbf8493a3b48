#Requires -Version 7.6

BeforeDiscovery {
    Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'CdfProvisioning.psd1'))
    $commands = (Get-Command -Module CdfProvisioning).Name
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The help of <_>' -ForEach $commands {
    BeforeAll {
        $command = Get-Command $_
        $help = Get-Help $_ -Full
        $examples = @($help.examples.example.code)
    }

    It 'says what the command is for' {
        $help.Synopsis.Trim() | Should -Match '\.$'
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'describes each parameter' {
        # Those common to all have PowerShell's own help. WhatIf and Confirm are not among them.
        foreach ($name in $command.Parameters.Keys.Where{ $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters }) {
            $description = @(($help.parameters.parameter | Where-Object name -EQ $name).description.Text)
            $description | Should -HaveCount 1 -Because $name
            $description[0].Length | Should -BeGreaterThan 10 -Because $name
        }
    }

    It 'has examples of the command that parse, with parameters that exist' {
        $examples | Should -Not -BeNullOrEmpty
        foreach ($example in $examples) {
            $errors = $null
            $script = [System.Management.Automation.Language.Parser]::ParseInput($example, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty -Because $example
            $example | Should -MatchExactly $_
            foreach ($call in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] -and "$($args[0].GetCommandName())" -like '*-Cdf*' }, $true)) {
                $known = @((Get-Command $call.GetCommandName()).Parameters.Keys)
                # The parameters of the templates that the examples use are the command's too.
                if ($call.GetCommandName() -eq 'New-CdfThing') { $known += 'ThingName', 'SerialNumber' }
                $call.CommandElements.Where{ $_ -is [System.Management.Automation.Language.CommandParameterAst] }.ParameterName |
                    Where-Object { $_ } | ForEach-Object { $_ | Should -BeIn $known -Because $example }
            }
        }
    }
}

Describe 'The help of the module' {
    It 'shows WhatIf in the syntax where there is one' {
        (Get-Help Remove-CdfThing).syntax.syntaxItem.parameter.name | Select-Object -Last 2 | Should -BeExactly WhatIf, Confirm
    }

    It 'has the topic about the module, found from where it was built' {
        Get-Help about_CdfProvisioning | Should -BeLike '*Connect-Cdf*'
    }
}
