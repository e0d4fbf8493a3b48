<#
.SYNOPSIS
What the tests of the cmdlets have in common. Each file begins with: BeforeAll { . "$PSScriptRoot/Common.ps1" }
.DESCRIPTION
The environment variable CDF_TEST_BACKEND says on what Connect-TestRegistry puts the tests: the embedded registry, or, if it is
'aws', the AWS backend on our AWS-compatible endpoint. In a test, an error that nobody asked for ends it.
#>
$ErrorActionPreference = 'Stop'
$PSStyle.OutputRendering = 'PlainText'

$repository = [System.IO.Path]::GetFullPath((Join-Path $PSScriptRoot .. ..))
$manifest = Join-Path $repository CdfProvisioning.psd1
$templates = Join-Path $repository module templates
$onAws = $env:CDF_TEST_BACKEND -eq 'aws'
$env:CDF_HOME = Join-Path $TestDrive home
Import-Module $manifest

# A thing without a certificate.
$plainTemplate = @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "Model": { "Type": "String", "Default": "m1" } },
  "Resources": {
    "thing": {
      "Type": "AWS::IoT::Thing",
      "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "model": { "Ref": "Model" } } }
    }
  }
}
'@

# A thing whose key and certificate AWS IoT makes.
$withKeyTemplate = @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" } },
  "Resources": {
    "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
    "certificate": {
      "Type": "AWS::IoT::Certificate",
      "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "ACTIVE" }
    },
    "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
  },
  "CDF": { "createDeviceAWSCertificate": true }
}
'@

# A thing of a type, in a group.
$memberTemplate = @'
{
  "Parameters": { "ThingName": { "Type": "String" }, "Type": { "Type": "String" }, "Group": { "Type": "String" } },
  "Resources": {
    "thing": {
      "Type": "AWS::IoT::Thing",
      "Properties": { "ThingName": { "Ref": "ThingName" }, "ThingTypeName": { "Ref": "Type" }, "ThingGroups": [{ "Ref": "Group" }] }
    }
  }
}
'@

$policyDocument = '{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" } ] }'

# A folder of one test's own, which goes with the test drive.
function New-TestFolder {
    (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 12)))).FullName
}

# Writes a file into a folder, and tells its path.
function Add-TestFile([string] $Folder, [string] $Name, [string] $Text) {
    $path = Join-Path $Folder $Name
    Set-Content -LiteralPath $path -Value $Text -NoNewline
    $path
}

# Connects the session to a new registry, in the folder 'registry' of a folder. Keys are of P-256, since RSA's take their time.
function Connect-TestRegistry([string] $Folder) {
    Import-Module $manifest -Scope Global
    $path = Join-Path $Folder registry
    if ($onAws) {
        $null = Connect-TestAws $path
    }
    else {
        $null = Connect-Cdf -Path $path -KeyAlgorithm P256
    }
}

# Serves a registry as AWS does, and connects the session to that. The server has a runspace of its own, so that it is none of
# the session's servers, and an account of its own, so that no test sees another's lists.
function Connect-TestAws([string] $Path) {
    $null = New-Item -ItemType Directory -Force (Join-Path $Path buckets bulk)
    if (-not $global:CdfTestAws) {
        $global:CdfTestAws = @{ Session = New-Session; Accounts = 100000000000 }
    }
    $global:CdfTestAws.Accounts++
    $server = Invoke-InSession $global:CdfTestAws.Session {
        Get-CdfServer | Stop-CdfServer
        $null = Connect-Cdf -Path $args[0] -AccountId $args[1] -KeyAlgorithm P256
        Start-CdfServer -Port 0 -AwsPort 0 -AccessKey test -SecretKey test
    } $Path "$($global:CdfTestAws.Accounts)"
    Connect-Cdf -EndpointUrl $server.AwsAddress -Region us-east-1 -AccessKey test -SecretKey test -TemplateBucket templates -BulkBucket bulk -BulkRoleArn arn:aws:iam::123456789012:role/bulk -RequestsPerSecond 1000 -KeyAlgorithm P256
}

# Stores the templates plain, withkey and sensor-csr, and the policy they refer to.
function Add-TestTemplates {
    Set-CdfTemplate plain -Body $plainTemplate
    Set-CdfTemplate withkey -Body $withKeyTemplate
    Set-CdfTemplate sensor-csr (Join-Path $templates sensor-csr.json)
    $null = New-CdfPolicy sensors $policyDocument
}

function Add-TestThings([string[]] $Name) {
    $Name | ForEach-Object { New-CdfThing plain @{ ThingName = $_ } } | Out-Null
}

# A signing request for a new P-256 key, as PEM.
function New-TestCsr([string] $CommonName) {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$CommonName", $key, 'SHA256').CreateSigningRequestPem()
}

# The certificate of a PEM text, with its key if that is given.
function Read-Pem([string] $Certificate, [string] $Key) {
    if ($Key) {
        [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem($Certificate, $Key)
    }
    else {
        [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem($Certificate)
    }
}

# Runs a script to its end, whatever goes wrong: its output, and what it wrote to each other stream but progress.
function Invoke-Captured([scriptblock] $Script) {
    $ErrorActionPreference = 'Continue'
    $records = [System.Collections.Generic.List[object]]::new()
    try {
        & $Script *>&1 | ForEach-Object { $records.Add($_) }
    }
    catch {
        $records.Add($_)
    }
    $run = [pscustomobject]@{
        Output = @($records.Where{ $_ -isnot [System.Management.Automation.ErrorRecord] -and $_ -isnot [System.Management.Automation.InformationalRecord] -and $_ -isnot [System.Management.Automation.InformationRecord] })
        Errors = @($records.Where{ $_ -is [System.Management.Automation.ErrorRecord] })
        Warnings = @($records.Where{ $_ -is [System.Management.Automation.WarningRecord] })
        Verbose = @($records.Where{ $_ -is [System.Management.Automation.VerboseRecord] })
        # The text of everything but the output.
        Messages = $records.ForEach{
            if ($_ -is [System.Management.Automation.ErrorRecord]) { "$_ $($_.Exception) $($_.TargetObject)" }
            elseif ($_ -is [System.Management.Automation.InformationalRecord] -or $_ -is [System.Management.Automation.InformationRecord]) { "$_" }
        } -join "`n"
    }
    $run
}

# The one error that a script is to end in.
function Get-OneError([scriptblock] $Script) {
    $errors = (Invoke-Captured $Script).Errors
    $errors | Should -HaveCount 1 -Because "these were the errors: $($errors -join '; ')"
    $errors[0]
}

# A further PowerShell session in this process, with the module imported.
function New-Session {
    $runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
    $runspace.Open()
    Invoke-InSession $runspace { Import-Module $args[0] } $manifest
    $runspace
}

# What a script emits in another session; it is to succeed.
function Invoke-InSession([runspace] $Session, [scriptblock] $Script, [Parameter(ValueFromRemainingArguments)] [object[]] $Arguments) {
    $powershell = New-Pipeline $Session "$Script" $Arguments
    try {
        $powershell.Invoke()
        if ($powershell.HadErrors -and $powershell.Streams.Error) { throw $powershell.Streams.Error[0] }
    }
    finally {
        $powershell.Dispose()
    }
}

# A script that another session has not run yet.
function New-Pipeline([runspace] $Session, [string] $Script, [object[]] $Arguments) {
    $powershell = [powershell]::Create($Session).AddScript($Script, $true)
    foreach ($argument in $Arguments) { $null = $powershell.AddArgument($argument) }
    $powershell
}

# Starts a script in a pwsh of its own, which can be killed and sent signals, with CDF_HOME and the current folder set to a folder.
function Start-Pwsh([string] $Folder, [string] $Script) {
    # Whoever ran the tests in the background has SIGINT ignored, which children inherit; pwsh as a .NET tool is a library that dotnet runs.
    $command = @($IsLinux ? @('env', '--default-signal=INT') : @()) + [Environment]::ProcessPath
    if ((Split-Path -LeafBase ([Environment]::ProcessPath)) -eq 'dotnet') { $command += Join-Path $PSHOME pwsh.dll }
    $start = [System.Diagnostics.ProcessStartInfo]::new($command[0])
    $command | Select-Object -Skip 1 | ForEach-Object { $start.ArgumentList.Add($_) }
    foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$manifest'; $Script") { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.WorkingDirectory = $Folder
    $start.Environment['CDF_HOME'] = $Folder
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $process
}

# Runs a script in a pwsh of its own to its end.
function Invoke-Pwsh([string] $Folder, [string] $Script) {
    $process = Start-Pwsh $Folder $Script
    $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
    $process.WaitForExit()
    [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output.Result; Error = $errors.Result }
}
