using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Hierarchies;

public sealed class TemplateAssignmentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/europe/ulm/line-1", "ulm")]
    [InlineData("/europe/ulm", "ulm")]
    [InlineData("/europe/ulm-2", "europe")]
    [InlineData("/europe", "europe")]
    [InlineData("/asia", "everywhere")]
    [InlineData("/sensors", "everywhere")]
    [InlineData("/europe /sensors", "european sensors")]
    [InlineData("/sensors/temperature /europe/ulm", "ulm sensors")]
    [InlineData("/asia /sensors", "everywhere")]
    public async Task The_most_specific_assignment_counts_of_those_whose_paths_all_apply(string groupPath, string template)
    {
        await using var factory = await AssignedAsync(
            ("everywhere", "/"), ("europe", "/europe"), ("ulm", "/europe/ulm"), ("european sensors", "/europe /sensors"), ("ulm sensors", "/sensors /europe/ulm"));

        var resolved = await factory.Connection.TemplateAssignments.ResolveAsync(groupPath.Split(' '), Cancellation);

        Assert.Equal(Id(template), resolved.TemplateId);
    }

    [Fact]
    public async Task Where_no_assignment_is_more_specific_the_error_lists_the_candidates()
    {
        await using var factory = await AssignedAsync(("a", "/europe/ulm"), ("b", "/sensors/temperature"), ("c", "/europe"));

        var error = await RefusedAsync(factory, "/europe/ulm", "/sensors/temperature");

        Assert.Equal(CdfErrorCode.Conflict, error.Code);
        Assert.Contains("a at /europe/ulm; b at /sensors/temperature", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c at", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assignments_of_one_template_are_no_conflict()
    {
        await using var factory = await AssignedAsync(("a", "/europe"), ("a", "/sensors"));

        Assert.Equal("a", (await factory.Connection.TemplateAssignments.ResolveAsync(["/europe", "/sensors"], Cancellation)).TemplateId);
    }

    [Fact]
    public async Task Where_nothing_is_assigned_the_error_says_how_to()
    {
        await using var factory = await AssignedAsync(("a", "/europe"));

        var error = await RefusedAsync(factory, "/asia");

        Assert.Equal(CdfErrorCode.NotFound, error.Code);
        Assert.Contains("Set-CdfTemplateAssignment", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("europe")]
    [InlineData("")]
    [InlineData("/europe/")]
    [InlineData("/europe//ulm")]
    [InlineData("/europe/\n")]
    public async Task What_is_no_path_is_refused(string path)
    {
        await using var factory = await AssignedAsync(("a", "/europe"));

        Assert.Equal(CdfErrorCode.InvalidRequest, (await RefusedAsync(factory, path)).Code);
    }

    [Fact]
    public async Task A_thing_is_where_its_groups_are()
    {
        await using var factory = await AssignedAsync(("everywhere", "/"), ("europe", "/europe"), ("ulm", "/europe/ulm"));
        await factory.InvokeAsync(new CreateThingGroupRequest("europe"));
        await factory.InvokeAsync(new CreateThingGroupRequest("ulm", "europe"));
        await factory.InvokeAsync(new CreateThingGroupRequest("line-1", "ulm"));
        await factory.InvokeAsync(new CreateThingRequest("a"));
        await factory.InvokeAsync(new CreateThingRequest("b"));
        await factory.InvokeAsync(new AddThingToThingGroupRequest("line-1", ThingName: "a"));

        Assert.Equal("ulm", (await factory.Connection.TemplateAssignments.ResolveForThingAsync("a", Cancellation)).TemplateId);
        Assert.Equal("everywhere", (await factory.Connection.TemplateAssignments.ResolveForThingAsync("b", Cancellation)).TemplateId);
        Assert.Equal(
            CdfErrorCode.NotFound,
            (await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.TemplateAssignments.ResolveForThingAsync("c", Cancellation))).Code);
    }

    [Fact]
    public async Task Assignments_are_set_once_and_removed_once_whatever_the_order_of_their_paths()
    {
        await using var factory = await AssignedAsync(("a", "/europe /sensors"), ("a", "/sensors /europe"), ("a", "/asia"));
        var assignments = factory.Connection.TemplateAssignments;

        Assert.Equal(2, await assignments.ListAsync(Cancellation).CountAsync(Cancellation));
        await assignments.RemoveAsync(new TemplateAssignment("a", ["/sensors", "/europe"]), Cancellation);
        Assert.Equal([new TemplateAssignment("a", ["/asia"])], await assignments.ListAsync(Cancellation).ToListAsync(Cancellation));
        await Assert.ThrowsAsync<CdfException>(async () => await assignments.RemoveAsync(new TemplateAssignment("a", ["/sensors", "/europe"]), Cancellation));
    }

    [Fact]
    public async Task A_template_that_does_not_exist_cannot_be_assigned()
    {
        await using var factory = await AssignedAsync();

        await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.TemplateAssignments.SetAsync("nosuch", ["/"], Cancellation));
    }

    [Fact]
    public async Task Assignments_are_no_templates_and_strange_files_among_them_are_no_assignments()
    {
        await using var factory = await AssignedAsync(("a", "/europe"));
        var folder = Path.Combine(factory.Connection.Info.TemplateLocation, "assignments", "a");
        await File.WriteAllTextAsync(Path.Combine(folder, "stray.json"), "[\"/x\"]", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "broken.json"), "{", Cancellation);

        Assert.Single(await factory.Connection.TemplateAssignments.ListAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Single(await factory.Connection.Templates.ListIdsAsync(Cancellation).ToListAsync(Cancellation));
    }

    private static string Id(string name) => name.Replace(' ', '-');

    private static async Task<Factory> AssignedAsync(params (string Template, string Paths)[] assignments)
    {
        var factory = await Factory.OpenAsync();
        foreach (var (template, paths) in assignments)
        {
            await factory.Connection.Templates.PutAsync(Id(template), "{}", Cancellation);
            await factory.Connection.TemplateAssignments.SetAsync(Id(template), paths.Split(' '), Cancellation);
        }

        return factory;
    }

    private static async Task<CdfException> RefusedAsync(Factory factory, params string[] groupPath) =>
        await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.TemplateAssignments.ResolveAsync(groupPath, Cancellation));
}
