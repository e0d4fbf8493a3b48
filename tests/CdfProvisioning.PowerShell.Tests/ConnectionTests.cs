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
    public void A_registry_can_be_as_strict_as_AWS()
    {
        using var session = new Session();
        session.Get("Connect-Cdf -Path $args[0] -StrictLimits -KeyAlgorithm P256; New-CdfThingType sensor", session.PathOf("strict"));
        Assert.Contains("5 minutes", session.Error("Remove-CdfThingType sensor -Confirm:$false").Exception.Message, StringComparison.Ordinal);
        session.Get("Connect-Cdf -Path $args[0]", session.PathOf("strict"));
        session.Get("Remove-CdfThingType sensor -Confirm:$false");
    }
}
