#Requires -Version 7.6

BeforeDiscovery {
    $shipped = Get-ChildItem ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'templates')) -Filter *.json |
        Where-Object Name -NotLike *.policy.json |
        # On AWS, ACM PCA has CAs of its own.
        Where-Object { $env:CDF_TEST_BACKEND -ne 'aws' -or $_.Name -notlike 'acmpca*' } |
        ForEach-Object { @{ Name = $_.BaseName; Path = $_.FullName } }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'The template <Name> that is shipped' -ForEach $shipped {
    It 'registers its sample list' {
        $folder = New-TestFolder
        Connect-TestRegistry $folder
        $null = New-CdfPolicy sensors -Path (Join-Path $templates sensors.policy.json)
        $null = New-CdfCertificateAuthority -CertificatePath (Join-Path $templates own-certificate-ca.pem)
        $null = New-CdfThingType sensor
        'sensors', 'europe', 'americas' | ForEach-Object { $null = New-CdfThingGroup $_ }
        $list = Get-ChildItem $templates -File | Where-Object { $_.BaseName -eq $Name -and $_.Extension -in '.csv', '.jsonl' }
        $list | Should -HaveCount 1

        Test-CdfTemplate -Path $Path -Detailed | Where-Object { $_.Severity -eq 'Error' -or $_.Message -like 'There is no*' } | Should -BeNullOrEmpty
        Set-CdfTemplate gallery $Path
        $ca = New-CdfCertificateAuthority 'Factory CA'
        $parameters = @{
            TemplateId = 'gallery'
            Path = $list.FullName
            KeyDirectory = Join-Path $folder keys
            CdfParameters = @{ caId = $ca.CaId; acmpcaCaArn = $ca.PrivateCaArn; awsiotCaArn = $ca.Arn; certInfo = @{ commonName = '{ThingName}' } }
        }
        if (Select-String -LiteralPath $list 'CsrFile' -Quiet) { $parameters.CsrFileColumn = 'CsrFile' }

        $check = Start-CdfBulkRegistration @parameters -WhatIf
        $task = Start-CdfBulkRegistration @parameters -Wait -PassThru
        $again = Start-CdfBulkRegistration @parameters -WhatIf

        $check.NewCount, $check.BadCount | Should -Be 2, 0
        $task.SuccessCount, $task.FailureCount | Should -Be 2, 0
        $again.ChangedCount + $again.SameCount + $again.BadCount | Should -Be 2
        Get-CdfThing | Should -HaveCount 2
    }
}
