using System.Management.Automation;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("Get-CdfThing -Name a", "a1 a2")]
    [InlineData("Get-CdfThing A", "a1 a2")]
    [InlineData("Remove-CdfThing ", "a1 a2 b1")]
    [InlineData("New-CdfThing -TemplateId ", "plain sensor-csr withkey")]
    [InlineData("New-CdfThing pl", "plain")]
    [InlineData("Remove-CdfPolicy s", "sensors")]
    [InlineData("Get-CdfThing -ThingType ", "gauge")]
    [InlineData("Get-CdfThing -Group ", "halls")]
    [InlineData("Set-CdfThingCertificateStatus a1 -Status ", "ACTIVE INACTIVE REVOKED")]
    public void Names_are_completed_from_the_registry(string typed, string expected)
    {
        using var session = new Session().Prepare();
        session.AddThings("a1", "a2", "b1");
        session.Get("New-CdfThingType gauge; New-CdfThingGroup halls");

        Assert.Equal(expected, string.Join(' ', Complete(session, typed)));
    }

    [Fact]
    public void Ids_of_authorities_and_tasks_are_completed()
    {
        using var session = new Session().Prepare();
        dynamic authority = session.Get("New-CdfCertificateAuthority c").Single();
        dynamic task = session.Get("@{ ThingName = 'a' } | Start-CdfBulkRegistration plain -Wait -PassThru").Single();

        Assert.Equal([authority.CaId], Complete(session, "Get-CdfCertificateAuthority "));
        Assert.Equal([task.TaskId], Complete(session, "Wait-CdfBulkRegistration -TaskId "));
    }

    private static IEnumerable<string> Complete(Session session, string typed)
    {
        using var powerShell = session.Create("TabExpansion2 $args[0] $args[0].Length", typed);
        var completion = (CommandCompletion)powerShell.Invoke().Single().BaseObject;
        return completion.CompletionMatches.Select(match => match.CompletionText);
    }
}
