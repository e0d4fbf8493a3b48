using System.Collections;
using System.Management.Automation.Language;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class ModuleTests
{
    private const string ExportedCommands = "(Get-Module CdfProvisioning).ExportedCommands.Keys";

    [Fact]
    public void The_module_exports_what_its_manifest_lists_and_nothing_else()
    {
        using var session = new Session(connect: false);

        var exported = session.Get(ExportedCommands).Select(name => $"{name}").Order();
        var cmdlets = session.Get("(Get-Command Get-CdfThing).ImplementingType.Assembly.GetExportedTypes().Name")
            .Select(name => $"{name}").Where(name => name.EndsWith("Command", StringComparison.Ordinal));

        var listed = ((object[])Manifest()["CmdletsToExport"]!).Select(name => $"{name}").Order().ToList();
        Assert.Equal(listed, exported);
        Assert.Equal(listed.Count, cmdlets.Count());
    }

    [Fact]
    public void The_manifest_and_the_assemblies_have_one_version()
    {
        using var session = new Session(connect: false);

        var version = session.Get("(Get-Command Get-CdfThing).ImplementingType.Assembly.GetName().Version.ToString(3)")[0];

        Assert.Equal(Manifest()["ModuleVersion"], version.BaseObject);
    }

    [Fact]
    public void The_module_can_be_imported_again_with_force()
    {
        using var session = new Session(connect: false);

        session.Get("Import-Module $args[0] -Force; Import-Module $args[0] -Force", Repository.Manifest);

        Assert.Equal(((object[])Manifest()["CmdletsToExport"]!).Length, session.Get(ExportedCommands).Count);
        session.Get("Connect-Cdf -Path $args[0]", session.PathOf("registry"));
    }

    [Fact]
    public void Removing_the_module_removes_its_commands_and_closes_its_connection()
    {
        using var session = new Session();

        session.Get("Remove-Module CdfProvisioning");

        Assert.Empty(session.Get("Get-Module Cdf*; Get-Command Get-CdfThing -ErrorAction Ignore"));
        Directory.Delete(session.PathOf("registry"), recursive: true);
    }

    [Fact]
    public void Two_sessions_at_once_have_a_connection_each()
    {
        using var one = new Session().Prepare();
        using var other = new Session().Prepare();
        one.AddThings("of-one");
        other.AddThings("of-the-other");

        one.Get("Remove-Module CdfProvisioning");

        Assert.Equal("of-the-other", Assert.Single(other.Get("(Get-CdfThing).ThingName")).BaseObject);
    }

    [Fact]
    public void Two_sessions_share_the_registry_of_one_folder()
    {
        using var one = new Session().Prepare();
        using var other = new Session(connect: false);
        other.Get("Connect-Cdf -Path $args[0]", one.PathOf("registry"));

        one.AddThings("shared");

        Assert.Single(other.Get("Get-CdfThing shared"));
    }

    [Fact]
    public void Importing_before_building_says_which_command_builds()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "module"));
        foreach (var file in new[] { "CdfProvisioning.psd1", "module/CdfProvisioning.psm1", "module/CdfProvisioning.Format.ps1xml", "module/CdfProvisioning.Types.ps1xml" })
            File.Copy(Repository.PathOf(file), Path.Combine(folder.Path, file));
        using var session = new Session(connect: false);
        session.Get("Remove-Module CdfProvisioning");

        var error = session.Error("Import-Module $args[0]", Path.Combine(folder.Path, "CdfProvisioning.psd1"));

        Assert.Contains("dotnet build", error.Exception.Message, StringComparison.Ordinal);
    }

    private static Hashtable Manifest() =>
        (Hashtable)Parser.ParseFile(Repository.Manifest, out _, out _).Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
}
