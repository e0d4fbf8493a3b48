namespace CdfProvisioning.PowerShell.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public void Connecting_tells_where_the_registry_is()
    {
        using var session = new Session(connect: false);

        dynamic info = session.Get("Connect-Cdf -Path $args[0] -Region eu-central-1 -AccountId 000000000042", session.PathOf("here")).Single();

        Assert.Equal("Embedded", info.Backend);
        Assert.Equal("eu-central-1", info.Region);
        Assert.Equal("000000000042", info.AccountId);
        Assert.Equal(session.PathOf("here"), info.Path);
    }

    [Fact]
    public void In_a_sentence_a_registry_is_its_folder_or_its_account_and_region_at_AWS()
    {
        using var session = new Session();
        var folder = session.PathOf("registry");

        TestBackend.ConnectToAws(session);
        var account = session.Get("(Get-CdfConnection).AccountId").Single();

        Assert.Equal($"AWS {account} us-east-1", session.Get("\"$(Get-CdfConnection)\"").Single().BaseObject);
        Assert.Equal($"Embedded {folder}", session.Get("\"$(Connect-Cdf $args[0])\"", folder).Single().BaseObject);
    }

    [Fact]
    public void A_relative_path_starts_at_PowerShells_location()
    {
        using var session = new Session(connect: false);
        Directory.CreateDirectory(session.PathOf("project"));

        dynamic info = session.Get("$ExecutionContext.SessionState.Path.SetLocation($args[0]); Connect-Cdf ./registry", session.PathOf("project"))[^1];

        Assert.Equal(Path.Combine(session.PathOf("project"), "registry"), info.Path);
    }

    [Fact]
    public async Task Without_connecting_the_registry_of_CDF_HOME_is_used()
    {
        using var home = new TempFolder();

        var run = await ShellProcess.RunAsync(home.Path, "-c", "(Get-CdfConnection).Path");

        Assert.Equal(home.Path, run.Output.Trim());
    }

    [Fact]
    public void A_folder_that_cannot_be_one_is_an_error_and_the_open_connection_stays()
    {
        using var session = new Session().Prepare();
        session.AddThings("kept");

        var error = session.Error("Connect-Cdf -Path $args[0]", session.Write("file", "not a folder"));

        Assert.StartsWith("Unavailable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(session.PathOf("file"), error.Exception.Message, StringComparison.Ordinal);
        Assert.Single(session.Get("Get-CdfThing kept"));
    }

    [Fact]
    public void A_disconnected_registry_can_be_moved_and_opened_again()
    {
        using var session = new Session().Prepare();
        session.AddThings("moved");

        session.Get("Disconnect-Cdf");
        Directory.Move(session.PathOf("registry"), session.PathOf("elsewhere"));
        session.Get("Connect-Cdf $args[0]", session.PathOf("elsewhere"));

        Assert.Single(session.Get("Get-CdfThing moved"));
    }

    [Fact]
    public void Disconnecting_twice_is_fine()
    {
        using var session = new Session();

        session.Get("Disconnect-Cdf; Disconnect-Cdf");
    }

    [Fact]
    public void AWS_is_connected_to_with_the_region_and_the_credentials_that_the_session_has_stored()
    {
        using var session = new Session(connect: false);

        dynamic info = session.Get(
            """
            $null = Connect-Cdf -Path $args[0] -AccountId 000000000042 -Region eu-north-1
            $server = Start-CdfServer -Port 0 -AwsPort 0 -AccessKey AKIDSTORED -SecretKey stored
            $StoredAWSRegion = 'eu-north-1'
            $StoredAWSCredentials = $args[1]
            function Get-AWSCredential { $StoredAWSCredentials }
            Connect-Cdf -EndpointUrl $server.AwsAddress
            """,
            session.PathOf("registry"), new StoredCredentials("AKIDSTORED", "stored")).Single();

        Assert.Equal(("AWS", "000000000042", "eu-north-1"), ((string)info.Backend, (string)info.AccountId, (string)info.Region));
    }

    [Theory]
    [InlineData("Connect-Cdf -ProfileName there-is-none -Region eu-west-1", "InvalidRequest,", "there-is-none")]
    [InlineData("Connect-Cdf -AccessKey A -SecretKey b -Region eu-west-1 -EndpointUrl http://127.0.0.1:1", "Unavailable,", "http://127.0.0.1:1")]
    [InlineData("Connect-Cdf -AccessKey A -Region eu-west-1", "InvalidRequest,", "-SecretKey")]
    [InlineData("Connect-Cdf -Aws -Region eu-west-1 -BulkBucket lists", "InvalidRequest,", "-BulkRoleArn")]
    public void What_is_missing_to_connect_to_AWS_is_said(string script, string errorId, string words)
    {
        using var session = new Session(connect: false);

        var error = session.Error(script);

        Assert.StartsWith(errorId, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(words, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_registry_can_be_as_strict_as_AWS()
    {
        using var session = new Session();
        session.Get("Connect-Cdf -Path $args[0] -StrictLimits -KeyAlgorithm P256; New-CdfThingType sensor", session.PathOf("strict"));
        Assert.Contains("5 minutes", session.Error("Remove-CdfThingType sensor -Confirm:$false").Exception.Message, StringComparison.Ordinal);
        session.Get("Connect-Cdf -Path $args[0]", session.PathOf("strict"));
        session.Get("Remove-CdfThingType sensor -Confirm:$false");
    }
}
