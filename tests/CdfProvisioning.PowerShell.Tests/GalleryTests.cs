namespace CdfProvisioning.PowerShell.Tests;

/// <summary>The templates that are shipped, each with its sample list.</summary>
public sealed class GalleryTests
{
    private const string Prepare = """
        $null = New-CdfPolicy sensors -Path $args[0]
        $null = New-CdfCertificateAuthority -CertificatePath $args[1]
        $null = New-CdfThingType sensor
        'sensors', 'europe', 'americas' | ForEach-Object { $null = New-CdfThingGroup $_ }
        """;

    private const string Run = """
        $ca = New-CdfCertificateAuthority 'Factory CA'
        Set-CdfTemplate gallery $args[0]
        $parameters = @{
            KeyDirectory = $args[2]
            CdfParameters = @{ caId = $ca.CaId; acmpcaCaArn = $ca.PrivateCaArn; awsiotCaArn = $ca.Arn; certInfo = @{ commonName = '{ThingName}' } }
        }
        if ($args[3]) { $parameters.CsrFileColumn = 'CsrFile' }
        $check = Start-CdfBulkRegistration gallery $args[1] @parameters -WhatIf
        $task = Start-CdfBulkRegistration gallery $args[1] @parameters -Wait -PassThru
        $again = Start-CdfBulkRegistration gallery $args[1] @parameters -WhatIf
        $check, $task, $again
        """;

    public static TheoryData<string> Names =>
        [.. new DirectoryInfo(Folder).GetFiles("*.json").Select(file => file.Name).Where(name => !name.EndsWith(".policy.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string Folder => Repository.PathOf("module", "templates");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_shipped_template_registers_its_sample_list(string name)
    {
        if (name.StartsWith("acmpca", StringComparison.Ordinal))
            TestBackend.SkipWithoutPrivateCa();
        using var session = new Session();
        session.Get(Prepare, Path.Combine(Folder, "sensors.policy.json"), Path.Combine(Folder, "own-certificate-ca.pem"));
        var template = Path.Combine(Folder, name);
        var list = Assert.Single(Directory.GetFiles(Folder, $"{Path.GetFileNameWithoutExtension(name)}.*"), file => Path.GetExtension(file) is ".csv" or ".jsonl");

        Assert.Empty(session.Get("Test-CdfTemplate -Path $args[0] | Where-Object { $_.Severity -eq 'Error' -or $_.Message -like 'There is no*' }", template));
        var results = session.Get(Run, template, list, session.PathOf("keys"), File.ReadAllText(list).Contains("CsrFile", StringComparison.Ordinal));

        dynamic check = results[^3], task = results[^2], again = results[^1];
        Assert.Equal((2L, 0L), ((long)check.NewCount, (long)check.BadCount));
        Assert.Equal((2L, 0L), ((long)task.SuccessCount, (long)task.FailureCount));
        Assert.Equal(2L, (long)again.ExistingCount + (long)again.BadCount);
        Assert.Equal(2, session.Get("Get-CdfThing").Count);
    }
}
