using System.Text.Json;
using CdfProvisioning.Iot;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

/// <summary>Whatever is done in whatever order, the file stays whole, and what is refused is refused as AWS documents it.</summary>
public sealed class AnyOperationsTests
{
    private static readonly string[] Certificates = [.. Enumerable.Range(0, 3).Select(_ => Make.Device(Make.Ca("Stranger")).Pem)];
    private static readonly string[] CertificateIds = [.. Certificates.Select(pem => CdfProvisioning.Certificates.ParsedCertificate.FromPem(pem, "The certificate").Id)];

    /// <summary>What refers to nothing, or to too much; each counts to 0.</summary>
    private static readonly string[] Broken =
    [
        "SELECT count(*) FROM thing WHERE type_id IS NOT NULL AND type_id NOT IN (SELECT id FROM thing_type)",
        "SELECT count(*) FROM thing WHERE billing_group_id IS NOT NULL AND billing_group_id NOT IN (SELECT id FROM billing_group)",
        "SELECT count(*) FROM thing WHERE type_id IS NULL AND (SELECT count(*) FROM json_each(attributes)) > 3",
        "SELECT count(*) FROM thing_group WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM thing_group)",
        "SELECT count(*) FROM thing_group_member WHERE thing_id NOT IN (SELECT id FROM thing) OR group_id NOT IN (SELECT id FROM thing_group)",
        """
        WITH RECURSIVE above (id, root) AS (
            SELECT id, id FROM thing_group WHERE parent_id IS NULL UNION ALL SELECT thing_group.id, above.root FROM thing_group JOIN above ON thing_group.parent_id = above.id)
        SELECT count(*) FROM (SELECT 1 FROM thing_group_member JOIN above ON above.id = group_id GROUP BY thing_id, root HAVING count(*) > 1)
        """,
        "SELECT count(*) FROM thing_principal WHERE thing_id NOT IN (SELECT id FROM thing) OR certificate_id NOT IN (SELECT id FROM certificate)",
        "SELECT count(*) FROM (SELECT 1 FROM thing_principal GROUP BY certificate_id HAVING max(exclusive) AND count(*) > 1)",
        "SELECT count(*) FROM certificate_policy WHERE certificate_id NOT IN (SELECT id FROM certificate) OR policy_id NOT IN (SELECT id FROM policy)",
        "SELECT count(*) FROM thing_group_policy WHERE group_id NOT IN (SELECT id FROM thing_group) OR policy_id NOT IN (SELECT id FROM policy)",
        "SELECT count(*) FROM policy WHERE NOT EXISTS (SELECT 1 FROM policy_version WHERE policy_id = policy.id AND version = default_version)",
        "SELECT count(*) FROM (SELECT 1 FROM policy_version GROUP BY policy_id HAVING count(*) > 5 OR max(version) > (SELECT last_version FROM policy WHERE id = policy_id))",
        "SELECT count(*) FROM policy_version WHERE policy_id NOT IN (SELECT id FROM policy)",
        "SELECT count(*) FROM (SELECT 1 FROM thing_group_policy GROUP BY group_id HAVING count(*) > 2)",
    ];

    private static readonly Gen<Operation> Operations = Gen.OneOf(
        from thing in Names("t")
        from type in Optional(Names("y"))
        from billing in Optional(Names("b"))
        from attributes in Attributes()
        select Invoke(new CreateThingRequest(thing, type, attributes, billing)),
        from thing in Names("t")
        from type in Optional(Names("y"))
        from attributes in Optional(Attributes())
        from removes in Gen.Elements<bool?>(null, true)
        from version in Versions()
        select Invoke(new UpdateThingRequest(thing, type, attributes, version, removes)),
        from thing in Names("t") from version in Versions() select Invoke(new DeleteThingRequest(thing, version)),
        from type in Names("y") select Invoke(new CreateThingTypeRequest(type)),
        from type in Names("y") from undo in Gen.Elements(true, false) select Invoke(new DeprecateThingTypeRequest(type, undo)),
        from type in Names("y") select Invoke(new DeleteThingTypeRequest(type)),
        from name in Names("g") from parent in Optional(Names("g")) select Invoke(new CreateThingGroupRequest(name, parent)),
        from name in Names("g") from version in Versions() select Invoke(new UpdateThingGroupRequest(name, new("Changed"), version)),
        from name in Names("g") from version in Versions() select Invoke(new DeleteThingGroupRequest(name, version)),
        from name in Names("g") from thing in Names("t") select Invoke(new AddThingToThingGroupRequest(name, ThingName: thing)),
        from name in Names("g") from thing in Names("t") select Invoke(new RemoveThingFromThingGroupRequest(name, ThingName: thing)),
        from thing in Names("t") from added in Names("g").ArrayOf() from removed in Names("g").ArrayOf() select Invoke(new UpdateThingGroupsForThingRequest(thing, added, removed)),
        from name in Names("b") select Invoke(new CreateBillingGroupRequest(name)),
        from name in Names("b") from version in Versions() select Invoke(new UpdateBillingGroupRequest(name, new("Changed"), version)),
        from name in Names("b") select Invoke(new DeleteBillingGroupRequest(name)),
        from name in Names("b") from thing in Names("t") select Invoke(new AddThingToBillingGroupRequest(name, ThingName: thing)),
        from name in Names("b") from thing in Names("t") select Invoke(new RemoveThingFromBillingGroupRequest(name, ThingName: thing)),
        from pem in Gen.Elements(Certificates) from status in Statuses() select Invoke(new RegisterCertificateWithoutCARequest(pem, status)),
        from id in Gen.Elements(CertificateIds) from status in Statuses() select Invoke(new UpdateCertificateRequest(id, status)),
        from id in Gen.Elements(CertificateIds) from force in Gen.Elements(true, false) select Invoke(new DeleteCertificateRequest(id, force)),
        from thing in Names("t") from id in Gen.Elements(CertificateIds) from type in Gen.Elements<string?>(null, "EXCLUSIVE_THING") select Invoke(new AttachThingPrincipalRequest(thing, ArnOf(id), type)),
        from thing in Names("t") from id in Gen.Elements(CertificateIds) select Invoke(new DetachThingPrincipalRequest(thing, ArnOf(id))),
        from policy in Names("p") select Invoke(new CreatePolicyRequest(policy, TestRegistry.PolicyDocument)),
        from policy in Names("p") from setAsDefault in Gen.Elements(true, false) select Invoke(new CreatePolicyVersionRequest(policy, TestRegistry.PolicyDocument, setAsDefault)),
        from policy in Names("p") from version in Gen.Choose(1, 7) select Invoke(new SetDefaultPolicyVersionRequest(policy, $"{version}")),
        from policy in Names("p") from version in Gen.Choose(1, 7) select Invoke(new DeletePolicyVersionRequest(policy, $"{version}")),
        from policy in Names("p") select Invoke(new DeletePolicyRequest(policy)),
        from policy in Names("p") from target in Targets() select Invoke(new AttachPolicyRequest(policy, target)),
        from policy in Names("p") from target in Targets() select Invoke(new DetachPolicyRequest(policy, target)),
        from thing in Names("t")
        from @group in Names("g")
        from id in Gen.Elements(CertificateIds)
        from policy in Names("p")
        from action in Gen.Elements("DO_NOTHING", "REPLACE", "MERGE", "FAIL")
        select Invoke(new RegisterThingRequest($$$"""
            {"Resources":{
              "thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"{{{thing}}}","AttributePayload":{"a":"1"},"ThingGroups":["{{{@group}}}"]},
                       "OverrideSettings":{"AttributePayload":"{{{action}}}","ThingGroups":"{{{action}}}"}},
              "certificate":{"Type":"AWS::IoT::Certificate","Properties":{"CertificateId":"{{{id}}}"}},
              "policy":{"Type":"AWS::IoT::Policy","Properties":{"PolicyName":"{{{policy}}}" } } } }
            """)));

    [Fact]
    public void The_file_stays_whole_and_refusals_are_AWSs()
    {
        var documented = DocumentedErrors();
        Prop.ForAll(Operations.ArrayOf(150).ToArbitrary(), operations => StaysWholeAsync(operations, documented)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private static async Task<bool> StaysWholeAsync(Operation[] operations, Dictionary<string, HashSet<string>>? documented)
    {
        await using var registry = await TestRegistry.OpenAsync();
        foreach (var operation in operations)
        {
            var outcome = await operation.RunAsync(registry);
            if (outcome.Split(' ') is [var name, var error, ..] && documented?[name].Contains(error) == false)
                throw new InvalidOperationException($"AWS documents no {outcome}");
        }

        await using var database = await registry.OpenFileAsync();
        foreach (var sql in Broken)
            if (await database.ReadAsync(session => session.Scalar<long>(sql), TestContext.Current.CancellationToken) > 0)
                throw new InvalidOperationException(sql);
        return true;
    }

    private static Operation Invoke<T>(IIotRequest<T> request) => new($"{request}", async registry =>
    {
        var name = IotOperations.Of(request.GetType()).Name;
        try
        {
            await registry.InvokeAsync(request);
            return name;
        }
        catch (CdfException e)
        {
            return $"{name} {e.ErrorTypeName}: {e.Message}".Replace(":", "", StringComparison.Ordinal);
        }
    });

    /// <param name="Text">The request.</param>
    /// <param name="RunAsync">Invokes it; answers with the operation's name, and with the error type if it was refused.</param>
    private sealed record Operation(string Text, Func<TestRegistry, Task<string>> RunAsync)
    {
        public override string ToString() => Text;
    }

    /// <summary>AWS does not say how it refuses a group whose parent does not exist; "not found" surprises least.</summary>
    private static string[] Undocumented(string operation) => operation == "CreateThingGroup" ? ["ResourceNotFoundException"] : [];

    private static Gen<string> Names(string prefix) => Gen.Choose(1, 4).Select(i => $"{prefix}-{i}");

    private static Gen<T?> Optional<T>(Gen<T> gen)
        where T : class => Gen.OneOf(gen.Select(T? (value) => value), Gen.Constant<T?>(null));

    private static Gen<AttributePayload> Attributes() =>
        from names in Gen.Elements("a", "b", "c", "d", "e").ArrayOf()
        from value in Gen.Elements("", "1", "2")
        from merge in Gen.Elements<bool?>(null, true)
        select new AttributePayload(names.Distinct().ToDictionary(name => name, _ => value), merge);

    private static Gen<long?> Versions() => Gen.Elements<long?>(null, null, null, 1, 2);

    private static Gen<string> Statuses() => Gen.Elements("ACTIVE", "INACTIVE", "INACTIVE", "REVOKED");

    private static Gen<string> Targets() => Gen.OneOf(
        Gen.Elements(CertificateIds).Select(ArnOf), Names("g").Select(name => $"{TestRegistry.Arn}:thinggroup/{name}"));

    private static string ArnOf(string certificateId) => $"{TestRegistry.Arn}:cert/{certificateId}";

    /// <returns>The error types of each operation in botocore's model; null where it is not installed.</returns>
    private static Dictionary<string, HashSet<string>>? DocumentedErrors()
    {
        const string path = "/usr/lib/python3/dist-packages/botocore/data/iot/2015-05-28/service-2.json";
        if (!File.Exists(path))
            return null;
        using var model = JsonDocument.Parse(File.ReadAllBytes(path));
        return model.RootElement.GetProperty("operations").EnumerateObject().ToDictionary(
            o => o.Name, o => o.Value.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("shape").GetString()!).Concat(Undocumented(o.Name)).ToHashSet());
    }
}
