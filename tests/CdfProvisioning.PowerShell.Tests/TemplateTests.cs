namespace CdfProvisioning.PowerShell.Tests;

public sealed class TemplateTests
{
    private const string Broken = """
        {
          "Parameters": {},
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Nowhere" } } },
            "other": { "Type": "AWS::IoT::Teapot", "Properties": {} }
          }
        }
        """;

    [Fact]
    public void A_template_is_stored_from_a_file_beside_the_scripts_location()
    {
        using var session = new Session();
        session.Write("t.json", TestTemplates.Plain);

        dynamic stored = session.Get("$ExecutionContext.SessionState.Path.SetLocation($args[0]); Set-CdfTemplate t ./t.json -PassThru", session.PathOf("."))[^1];

        Assert.Equal("t", stored.TemplateId);
        Assert.Equal(TestTemplates.Plain, session.Get("(Get-CdfTemplate t).Body").Single().BaseObject);
    }

    [Fact]
    public void An_invalid_template_is_refused_with_all_its_problems()
    {
        using var session = new Session();

        var error = session.Error("Set-CdfTemplate t -Body $args[0]", Broken);

        Assert.StartsWith("InvalidTemplate,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Nowhere", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Teapot", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(session.Get("Get-CdfTemplate"));
    }

    [Fact]
    public void Testing_a_template_emits_each_problem_with_its_place()
    {
        using var session = new Session();

        var problems = session.Get("Test-CdfTemplate -Path $args[0]", session.Write("t.json", Broken));

        Assert.True(problems.Count >= 2);
        Assert.All(problems, problem => Assert.InRange((int)problem.Properties["Line"].Value, 1, 7));
        Assert.Empty(session.Get("Test-CdfTemplate -Body $args[0]", TestTemplates.Plain));
    }

    [Fact]
    public void Stored_templates_are_tested_through_the_pipeline()
    {
        using var session = new Session().Prepare();

        Assert.Empty(session.Get("Get-CdfTemplate | Test-CdfTemplate"));
    }

    [Fact]
    public void The_templates_that_are_shipped_are_good()
    {
        using var session = new Session();

        foreach (var file in Directory.GetFiles(Repository.PathOf("module", "templates"), "sensor*.json").Where(file => !file.Contains("policy", StringComparison.Ordinal)))
            Assert.Empty(session.Get("Test-CdfTemplate -Path $args[0] | Where-Object Severity -eq Error", file));
    }

    [Fact]
    public void A_file_that_does_not_exist_is_named()
    {
        using var session = new Session();

        var error = session.Error("Set-CdfTemplate t $args[0]", session.PathOf("missing.json"));

        Assert.StartsWith("NotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("missing.json", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../t")]
    [InlineData("a/b")]
    [InlineData("CON")]
    public void An_id_that_could_leave_the_folder_is_refused(string id)
    {
        using var session = new Session();

        Assert.StartsWith("InvalidRequest,", session.Error("Set-CdfTemplate $args[0] -Body $args[1]", id, TestTemplates.Plain).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_stores_and_removes_nothing()
    {
        using var session = new Session().Prepare();

        session.Get("Set-CdfTemplate new -Body $args[0] -WhatIf; Get-CdfTemplate | Remove-CdfTemplate -WhatIf", TestTemplates.Plain);

        Assert.Equal(["plain", "sensor-csr", "withkey"], session.Get("(Get-CdfTemplate).TemplateId").Select(id => $"{id}"));
    }

    [Fact]
    public void A_template_is_removed_once()
    {
        using var session = new Session().Prepare();

        session.Get("Get-CdfTemplate pl* | Remove-CdfTemplate -Confirm:$false");

        Assert.StartsWith("NotFound,", session.Error("Remove-CdfTemplate plain -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
