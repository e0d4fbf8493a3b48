namespace CdfProvisioning.PowerShell.Tests;

public sealed class ShellTests : IDisposable
{
    private readonly TempFolder _home = new();

    [Fact]
    public async Task A_script_gets_its_arguments_and_its_folder()
    {
        var script = _home.Write("a.ps1", "param($Name, [switch]$Loud) \"$Name $Loud $PSScriptRoot $args\"");

        var run = await ShellProcess.RunAsync(_home.Path, script, "-Loud", "-Name", "it's", "rest");

        Assert.Equal($"it's True {_home.Path} rest", run.Output.Trim());
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-CdfThing nosuch", 1)]
    [InlineData("Get-CdfThing nosuch; exit 0", 0)]
    public async Task The_exit_code_is_the_scripts(string script, int exitCode)
    {
        Assert.Equal(exitCode, (await ShellProcess.RunAsync(_home.Path, _home.Write("a.ps1", script))).ExitCode);
        Assert.Equal(exitCode, (await ShellProcess.RunAsync(_home.Path, "-c", script)).ExitCode);
    }

    [Fact]
    public async Task Output_goes_to_standard_output_and_everything_else_to_standard_error()
    {
        var run = await ShellProcess.RunAsync(_home.Path, "-c", "'result'; Get-CdfThing nosuch; Set-CdfTemplate t -Body '[' -Verbose");

        Assert.Equal("result", run.Output.Trim());
        Assert.Contains("nosuch", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_goes_into_a_file_has_no_colors()
    {
        var run = await ShellProcess.RunAsync(_home.Path, "-c", "Get-CdfConnection; New-CdfThingType sensor; \"$($PSStyle.Foreground.Red)red\"; Get-CdfThing nosuch");

        Assert.Contains("red", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
    }

    [Fact]
    public async Task A_script_that_does_not_parse_is_told_with_its_line()
    {
        var run = await ShellProcess.RunAsync(_home.Path, _home.Write("a.ps1", "'fine'\nif ("));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("a.ps1:2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_script_that_exists_the_usage_is_shown()
    {
        var run = await ShellProcess.RunAsync(_home.Path, "nosuch.ps1");

        Assert.Equal(64, run.ExitCode);
        Assert.Contains("usage", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quick_start_runs()
    {
        var run = await ShellProcess.RunAsync(_home.Path, Repository.PathOf("module", "samples", "quickstart.ps1"));

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("10000 devices in", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Error.Split("WARNING", StringSplitOptions.None).Length - 1);
    }

    [Fact]
    public async Task The_sample_for_AWS_runs_without_an_account_and_leaves_nothing()
    {
        var run = await ShellProcess.RunAsync(_home.Path, Repository.PathOf("module", "samples", "aws.ps1"));

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("23 things in the group, 12 certificates, 12 keys", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left: 0 things, 0 policies, 0 groups, 0 templates, 0 CAs", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    public void Dispose() => _home.Dispose();
}
