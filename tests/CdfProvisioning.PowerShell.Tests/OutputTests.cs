using System.Collections;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class OutputTests
{
    /// <summary>The lists that the compiler makes for a collection expression have no indexer that PowerShell sees.</summary>
    [Fact]
    public void Every_list_in_the_output_can_be_indexed()
    {
        using var session = new Session().Prepare();
        session.Get("New-CdfThingType t -SearchableAttribute a; New-CdfThingGroup above; New-CdfThingGroup below -ParentGroup above");
        session.Get("Set-CdfTemplate grouped -Body $args[0]", TestTemplates.WithKey.Replace(
            "\"ThingName\": { \"Ref\": \"ThingName\" } }", "\"ThingName\": { \"Ref\": \"ThingName\" }, \"ThingGroups\": [ \"below\" ] }", StringComparison.Ordinal));
        session.Get("New-CdfThing grouped @{ ThingName = 'a' }");

        var outputs = session.Get(
            """
            Get-CdfThing a
            Get-CdfThingType t
            Get-CdfThingGroup below
            Set-CdfTemplateAssignment plain /above/below, /else -PassThru
            @{ ThingName = 'x' }, @{ ThingName = '!' } | Start-CdfBulkRegistration plain -WhatIf
            Test-CdfTemplate grouped -Parameters @{ ThingName = 'a'; CertificateId = '' }
            $server = Start-CdfServer 0
            $null = [System.Net.Http.HttpClient]::new().GetStringAsync("$($server.Address)health").Result
            Get-CdfServer
            Stop-CdfServer
            """);

        var lists = outputs.SelectMany(Lists).ToList();
        Assert.True(lists.Count > 8, $"Only {lists.Count} lists were found.");
        Assert.All(lists, list => Assert.DoesNotContain('<', list.GetType().Name.Split('`')[0]));
    }

    /// <summary>The lists in an object of ours, at any depth.</summary>
    private static IEnumerable<IEnumerable> Lists(object? output)
    {
        var value = output is PSObject wrapper ? wrapper.BaseObject : output;
        if (value is string or IDictionary or Enum)
            return [];
        if (value is IEnumerable list)
            return list.Cast<object>().SelectMany(Lists).Prepend(list);
        return value?.GetType() is { Namespace: { } name } type && name.StartsWith(nameof(CdfProvisioning), StringComparison.Ordinal)
            ? type.GetProperties().Where(property => property.GetIndexParameters().Length == 0).SelectMany(property => Lists(property.GetValue(value)))
            : [];
    }
}
