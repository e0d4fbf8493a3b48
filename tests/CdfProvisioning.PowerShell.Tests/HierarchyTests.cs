namespace CdfProvisioning.PowerShell.Tests;

public sealed class HierarchyTests
{
    [Fact]
    public void A_template_is_assigned_resolved_used_and_taken_away_again()
    {
        using var session = new Session().Prepare();
        session.Get("Set-CdfTemplateAssignment plain /europe; Get-CdfTemplate withkey | Set-CdfTemplateAssignment -GroupPath /europe/ulm");

        Assert.Equal("withkey", $"{session.Get("(Resolve-CdfTemplate /europe/ulm/line-1).TemplateId").Single()}");
        dynamic response = session.Get("New-CdfThing -GroupPath /europe/bonn @{ ThingName = 'a' }").Single();
        Assert.Equal("a", response.ThingName);

        session.Get("Get-CdfTemplateAssignment | Remove-CdfTemplateAssignment");
        Assert.StartsWith("NotFound,", session.Error("Get-CdfThing a | Resolve-CdfTemplate").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_of_a_list_say_where_they_are()
    {
        using var session = new Session().Prepare();
        session.Get("Set-CdfTemplateAssignment plain /europe");
        var list = session.Write("list.csv", "ThingName,GroupPath\na,/europe/ulm\nb,/asia\n");

        dynamic check = session.Get("Start-CdfBulkRegistration -Path $args[0] -WhatIf", list).Single();
        dynamic task = session.Get("Start-CdfBulkRegistration -Path $args[0] -Wait -PassThru", list).Single();

        Assert.Equal((2L, 1L, 1L), ((long)check.RowCount, (long)check.NewCount, (long)check.BadCount));
        Assert.Equal((1L, 1L), ((long)task.SuccessCount, (long)task.FailureCount));
    }

    [Fact]
    public void WhatIf_assigns_nothing()
    {
        using var session = new Session().Prepare();

        session.Get("Set-CdfTemplateAssignment plain /europe -WhatIf");

        Assert.Empty(session.Get("Get-CdfTemplateAssignment"));
    }
}
