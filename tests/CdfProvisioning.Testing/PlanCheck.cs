using System.Text.RegularExpressions;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>Sees whether a registration does what its plan said: succeeds if it said so, and leaves what it showed.</summary>
internal sealed class PlanCheck : IAsyncDisposable
{
    /// <summary>What counts the changes: on AWS also those that were undone.</summary>
    private const string Version = "version ";

    private readonly Factory _factory;
    private readonly CertificateSigner[] _signers;
    private readonly string _inactiveCaId;
    private readonly Database _file;
    private int _succeeded;
    private int _refused;

    private PlanCheck(Factory factory, CertificateSigner[] signers, string inactiveCaId, Database file) =>
        (_factory, _signers, _inactiveCaId, _file) = (factory, signers, inactiveCaId, file);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CertificateSigner SignerOf(Issuer issuer) => _signers[(int)issuer];

    public static async Task<PlanCheck> OpenAsync(Factory factory)
    {
        var twin = Make.Ca("Twin");
        CertificateSigner[] signers = [Make.Ca("Maker"), Make.Ca("Idle maker"), Make.Ca("Stranger"), twin];
        foreach (var (ca, isActive) in new[] { (signers[0], true), (signers[1], false), (twin, true), (Make.Renewed(twin), true) })
            await factory.InvokeAsync(new RegisterCACertificateRequest(ca.Certificate.Pem, SetAsActive: isActive, CertificateMode: "SNI_ONLY"));
        var inactive = await factory.Connection.CertificateAuthorities.CreateAsync(new SubjectFields("Retired CA"), TimeSpan.FromDays(1000), Cancellation);
        await factory.InvokeAsync(new UpdateCACertificateRequest(inactive.CaId, CertificateStatus.Inactive));
        var account = factory.Account.Info;
        return new(factory, signers, inactive.CaId, await Database.OpenAsync(Path.Combine(account.Path!, account.Region, "registry.db"), RegistrySchema.OfItsFile, Cancellation));
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Both happen often enough for the property to say something.</summary>
    public void AssertBothHappened() => Assert.True(_succeeded >= 10 && _refused >= 10, $"{_succeeded} registrations succeeded, {_refused} were refused.");

    public async Task RunAsync(int seed)
    {
        var it = PlanCase.Of(seed);
        var request = await PrepareAsync(it);
        var things = _factory.Connection.Things;
        var before = await FactsAsync(it, request);

        ProvisionPlan? plan = null;
        string? refusal = null;
        try
        {
            plan = await things.PlanAsync(request, Cancellation);
            refusal = plan.Problems.Count > 0 ? string.Join(' ', plan.Problems) : null;
        }
        catch (CdfException e)
        {
            refusal = e.Message;
        }

        ProvisionResponse? response = null;
        string? failure = null;
        try
        {
            response = await things.ProvisionAsync(request, Cancellation);
        }
        catch (CdfException e)
        {
            failure = e.Message;
        }

        Assert.True((refusal is null) == (failure is null), $"The plan says: {refusal ?? plan!.ToString()}\nThe run says: {failure ?? "done"}\n{it}");
        Assert.True(failure is not null || !it.Refusals().Any(), $"Done, though {string.Join(", ", it.Refusals())}: {it}");
        var after = await FactsAsync(it, request);
        if (response is null)
        {
            _refused++;
            Assert.Equal(before.Where(IsKept), after.Where(IsKept));
            Assert.Equal(PlannedOutcome.Bad, plan?.Outcome ?? PlannedOutcome.Bad);
            return;
        }

        _succeeded++;
        await CheckAsync(it, plan!, response, isSame: before.SequenceEqual(after));
    }

    /// <summary>A list whose rows get in each other's way: the same things, certificates and policies.</summary>
    /// <param name="seed">What the list is follows from it.</param>
    /// <param name="sharePolicy">Whether they all have one policy, which is there: of rows that AWS registers side by side any may make a policy first.</param>
    public async Task RunListAsync(int seed, bool sharePolicy = false)
    {
        var random = new Random(seed);
        var prefix = $"l{seed:x8}";
        var source = random.Next(4);
        string[] pems = [.. Enumerable.Range(0, 3).Select(i => source == 1 ? Make.ForeignCertificate($"{prefix}-{i}") : Make.Device(SignerOf(random.Next(4) == 0 ? Issuer.Foreign : Issuer.Active), $"{prefix}-{i}").Pem)];
        var certificate = source switch { 0 => "", 1 => """ "CertificateId": { "Ref": "CertificateId" } """, 2 => """ "CertificatePem": { "Ref": "Pem" } """, _ => """ "CertificateId": { "Ref": "CertificateId" } """ };
        var extensions = new List<string>();
        if (source == 1)
            extensions.Add("\"registerDeviceCertificateWithoutCA\": true");
        if (source == 3)
            extensions.Add("\"createDeviceAWSCertificate\": true");
        if (source > 0 && random.Next(3) == 0)
            extensions.Add("\"clientIdMustMatchThingName\": true");
        var template = $$"""
            {
              "Parameters": {
                "Name": { "Type": "String" }, "Pem": { "Type": "String" }, "Policy": { "Type": "String" }, "Document": { "Type": "String" }, "Site": { "Type": "String" },
                "CertificateId": { "Type": "String" }
              },
              "Resources": {
                "thing": {
                  "Type": "AWS::IoT::Thing",
                  "Properties": { "ThingName": { "Ref": "Name" }, "AttributePayload": { "site": { "Ref": "Site" } } },
                  "OverrideSettings": { "AttributePayload": "{{(random.Next(3) == 0 ? "FAIL" : "REPLACE")}}" }
                },
                {{(source == 0 ? "" : $$""" "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{certificate}}, "ThingPrincipalType": "{{(random.Next(2) == 0 ? "EXCLUSIVE_THING" : "NON_EXCLUSIVE_THING")}}" } }, """)}}
                "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Ref": "Policy" }{{(random.Next(3) == 0 ? "" : ", \"PolicyDocument\": { \"Ref\": \"Document\" }")}} } }
              }
              {{(extensions.Count == 0 ? "" : $$""", "CDF": { {{string.Join(", ", extensions)}} }""")}}
            }
            """;
        await _factory.InvokeAsync(new CreateThingRequest($"{prefix}-0", AttributePayload: new AttributePayload(new Dictionary<string, string> { ["site"] = "ulm" })));
        await _factory.InvokeAsync(new CreatePolicyRequest($"{prefix}-p0", Make.PolicyDocument("iot:A")));
        await _factory.Connection.Templates.PutAsync("planned-list", template, Cancellation);
        List<Dictionary<string, string>> rows = [.. Enumerable.Range(0, 6).Select(_ => new Dictionary<string, string>
        {
            ["Name"] = random.Next(12) == 0 ? "not allowed!" : $"{prefix}-{random.Next(5)}",
            ["Pem"] = pems[random.Next(pems.Length)],
            ["cdf.certificatePem"] = pems[random.Next(pems.Length)],
            ["Policy"] = $"{prefix}-p{(sharePolicy ? 0 : random.Next(3))}",
            ["Document"] = Make.PolicyDocument(random.Next(3) == 0 ? "iot:B" : "iot:A"),
            ["Site"] = random.Next(2) == 0 ? "ulm" : "bonn",
        })];

        var request = new Lists.BulkRegistrationRequest("planned-list", _factory.KeyFolder);
        using var dryRun = await _factory.Connection.BulkRegistrations.CreateDryRunAsync(request, Cancellation);
        foreach (var row in rows)
            await dryRun.AddAsync(row, null, Cancellation);
        var plan = await dryRun.EndAsync(Cancellation);
        var lists = _factory.Connection.BulkRegistrations;
        var task = await lists.WaitAsync(
            (await lists.StartAsync(request, rows.Select(IReadOnlyDictionary<string, string> (row) => row).ToAsyncEnumerable(), Cancellation)).TaskId, null, Cancellation);

        var failures = await lists.ResultsAsync(task.TaskId, failedOnly: true, Cancellation).ToListAsync(Cancellation);
        var said = $"The plan: {string.Join(' ', plan.BadRows)}\nThe run ({task.Status} {task.Message}): {string.Join(' ', failures.Select(f => $"{f.Row} {f.Error}"))}\n{template}\n{string.Join('\n', rows.Select(r => string.Join(' ', r.Where(v => !v.Key.EndsWith("em", StringComparison.Ordinal)))))}";
        Assert.True(plan.BadRows.Select(r => r.Row).SequenceEqual(failures.Select(f => f.Row)), said);
        Assert.Equal((task.RowCount, task.SuccessCount), (plan.RowCount, plan.NewCount + plan.ChangedCount + plan.SameCount));
        Assert.True(plan.BadRows.All(r => r.ThingName is not null || rows[(int)r.Row - 1]["Name"].Contains('!', StringComparison.Ordinal)), said);
        (_succeeded, _refused) = (_succeeded + (int)task.SuccessCount, _refused + (int)task.FailureCount);
    }

    private async Task CheckAsync(PlanCase it, ProvisionPlan plan, ProvisionResponse response, bool isSame)
    {
        var said = $"{plan}\n{it}";
        Assert.True(plan.Outcome == PlannedOutcome.Same == isSame, $"{plan.Outcome} {said}");
        if (it.HasThing)
        {
            Assert.Equal(it.ThingExists && !it.CertificateInName, plan.ThingExists);
            AssertShown(plan.ThingName, response.ThingName, said);
            var thing = await _factory.InvokeAsync(new DescribeThingRequest(response.ThingName!));
            AssertShown(plan.ThingType, thing.ThingTypeName, said);
            AssertShown(plan.BillingGroup, thing.BillingGroupName, said);
            Assert.True(thing.Attributes!.Count <= (thing.ThingTypeName is null ? 3 : 50), said);
            Assert.True(thing.Attributes.Values.All(value => value.Length > 0), said);
            Assert.NotEqual(it.Name("deprecated"), thing.ThingTypeName);
            if (!it.IsNewThing)
            {
                var isKept = it.Overrides[0] is null or "DO_NOTHING";
                var kept = Enumerable.Range(2, it.AttributesBefore).Select(i => $"a{i}").ToList();
                Assert.True(!isKept || kept.Order().SequenceEqual(thing.Attributes.Keys.Order()), said);
                Assert.True(it.Overrides[0] != "MERGE" || kept.All(name => thing.Attributes.ContainsKey(name) || it.EmptyAttributes > 0), said);
                Assert.True(it.Overrides[1] is "REPLACE" or "MERGE" || thing.ThingTypeName == (it.TypeBefore is { } type ? it.Name(type) : null), said);
            }

            Assert.True(plan.Attributes.Keys.Order().SequenceEqual(thing.Attributes!.Keys.Order()), said);
            foreach (var (name, value) in plan.Attributes)
                AssertShown(value, thing.Attributes![name], said);
            var groups = await _factory.Account.Registry.GroupsOfThingAsync(response.ThingName!, Cancellation).Select(g => g.GroupName!).ToListAsync(Cancellation);
            Assert.True(plan.Groups.Order().SequenceEqual(groups.Order()), $"In {string.Join(", ", groups)}: {said}");
            Assert.True(groups.Count <= 10 && groups.Count(g => g == it.Name("top") || g == it.Name("left") || g == it.Name("right")) <= 1, said);
        }

        if (it.Source == CertificateSource.None)
            return;
        var arn = response.ResourceArns["certificate"];
        var certificate = await _factory.Account.Registry.FindCertificateAsync(Arn.CertificateId(arn)!, Cancellation);
        Assert.Equal(plan.CertificateStatus, certificate!.Status);
        var attached = await _factory.Account.Registry.AttachedPoliciesAsync(arn, Cancellation).Select(p => p.PolicyName!).ToListAsync(Cancellation);
        foreach (var policy in plan.Policies)
            Assert.True(attached.Exists(a => Shows(policy, a)), $"{policy} is not attached: {said}");
        Assert.True(attached.Count <= plan.Policies.Count + it.PoliciesBefore && attached.Count <= 10, said);
        if (it.IsRegisteredBefore && it.StatusBefore == "REVOKED")
            Assert.Equal("REVOKED", certificate.Status);
        if (it.IsRegisteredBefore && it.StatusBefore == "PENDING_ACTIVATION")
            Assert.Equal(it.Status ?? "ACTIVE", certificate.Status);
        if (it is { IsRegisteredBefore: true, StatusBefore: "ACTIVE" or "INACTIVE", Overrides: [_, _, _, null or "DO_NOTHING"] })
            Assert.Equal(it.StatusBefore, certificate.Status);
        if (it.HasThing)
            Assert.Contains(arn, await _factory.Account.Registry.PrincipalsAsync(response.ThingName!, Cancellation).ToListAsync(Cancellation));
        foreach (var made in plan.Changes.Where(change => change is { Property: "Policy", From: null } && !change.To!.Contains('(', StringComparison.Ordinal)))
            Assert.NotNull(await _factory.Account.Registry.FindPolicyAsync(made.To!, Cancellation));
    }

    private bool IsKept(string fact) => _factory.Connection == _factory.Account || !fact.StartsWith(Version, StringComparison.Ordinal);

    /// <summary>Everything that the case is about, as it is now.</summary>
    private async Task<List<string>> FactsAsync(PlanCase it, ProvisionRequest request)
    {
        var registry = _factory.Account.Registry;
        var facts = new List<string> { await CountAsync() };
        if (await registry.FindThingAsync(it.ThingParameter, Cancellation) is { } thing)
        {
            facts.Add($"{Version}{thing.Version}");
            facts.Add($"{thing.ThingTypeName} {thing.BillingGroupName} {string.Join(' ', thing.Attributes!.OrderBy(a => a.Key))}");
            facts.AddRange(await registry.GroupsOfThingAsync(it.ThingParameter, Cancellation).Select(g => g.GroupName!).Order().ToListAsync(Cancellation));
            facts.AddRange((await _factory.InvokeAsync(new ListThingPrincipalsV2Request(it.ThingParameter))).ThingPrincipalObjects!.Select(p => p.ToString()));
        }

        if (request.Parameters["DeviceId"] is var id && await registry.FindCertificateAsync(id, Cancellation) is { } certificate)
        {
            facts.Add($"{Version}{certificate.CustomerVersion}");
            facts.Add($"{certificate.Status}");
            facts.AddRange(await registry.AttachedPoliciesAsync(certificate.CertificateArn!, Cancellation).Select(p => p.PolicyName!).Order().ToListAsync(Cancellation));
        }

        return facts;
    }

    private async Task<string> CountAsync() => await _file.ReadAsync(
        session => string.Join(' ', ((string[])["thing", "certificate", "policy", "certificate_policy", "thing_principal", "thing_group_member"]).Select(table => $"{session.Scalar<long>($"SELECT count(*) FROM {table}")} {table}")),
        Cancellation);

    private async Task<ProvisionRequest> PrepareAsync(PlanCase it)
    {
        var pem = it.Source switch
        {
            CertificateSource.BadPem => "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            CertificateSource.WithoutCa or CertificateSource.RegisteredWithoutCa => Make.ForeignCertificate(it.Prefix),
            _ => Make.Device(SignerOf(it.Issuer), it.Prefix).Pem,
        };
        var id = it.Source is CertificateSource.BadPem or CertificateSource.MissingId ? new string('0', 64) : ParsedCertificate.FromPem(pem, "").Id;
        await _factory.Account.Registry.AsOneAsync(
            async registry =>
            {
                await MakeAsync(registry, it);
                if (it.IsRegisteredBefore)
                    await RegisterAsync(registry, it, pem);
                await MakePoliciesAsync(registry, it);
                return id;
            },
            Cancellation);
        if (it.IsRegisteredBefore)
            await _file.WriteAsync(session => session.Execute("UPDATE certificate SET status = $2 WHERE fingerprint = $1", Convert.FromHexString(id), it.StatusBefore), Cancellation);

        await _factory.Connection.Templates.PutAsync("planned", it.Template(), Cancellation);
        var isAcmPca = it.Source is CertificateSource.AcmPcaWithCa or CertificateSource.AcmPcaWithoutCa or CertificateSource.AcmPcaCsr;
        var caId = it.Issuer == Issuer.Inactive ? _inactiveCaId : it.Issuer == Issuer.Foreign && isAcmPca ? new string('a', 64) : _factory.Ca.CaId;
        return new ProvisionRequest(
            "planned",
            new Dictionary<string, string>
            {
                ["ThingName"] = it.ThingParameter,
                ["CSR"] = it.Source == CertificateSource.BadCsr ? "no CSR" : Make.Csr(it.Prefix),
                ["DevicePem"] = pem,
                ["MakerPem"] = (it.GivesOtherCa ? SignerOf(it.Issuer == Issuer.Active ? Issuer.Twins : Issuer.Active) : SignerOf(it.Issuer)).Certificate.Pem,
                ["DeviceId"] = id,
            },
            new CdfProvisioningParameters
            {
                CaId = caId,
                CertInfo = new CertInfo { CommonName = it.Prefix, DaysExpiry = it.DaysExpiry },
                CertificatePem = pem,
                CertificateStatus = it.Status,
                AcmpcaCaArn = _factory.Account.PrivateCas.ArnOf(it.Issuer == Issuer.Twins ? _factory.Ca.CaId : caId),
                AwsiotCaArn = it.Issuer == Issuer.Twins ? _factory.Ca.Arn!.Replace(_factory.Ca.CaId, SignerOf(Issuer.Active).Certificate.Id, StringComparison.Ordinal) : _factory.Ca.Arn!.Replace(_factory.Ca.CaId, caId, StringComparison.Ordinal),
                Csr = it.Source == CertificateSource.AcmPcaCsr ? Make.Csr(it.Prefix) : null,
            });
    }

    private static async Task MakeAsync(IDeviceRegistry registry, PlanCase it)
    {
        foreach (var type in (string[])["type", "other", "deprecated"])
            await InvokeAsync(registry, new CreateThingTypeRequest(it.Name(type)));
        for (var i = 0; i < 13; i++)
            await InvokeAsync(registry, new CreateThingGroupRequest(it.Name($"g{i}")));
        await InvokeAsync(registry, new CreateThingGroupRequest(it.Name("top")));
        foreach (var group in (string[])["left", "right"])
            await InvokeAsync(registry, new CreateThingGroupRequest(it.Name(group), it.Name("top")));
        await InvokeAsync(registry, new CreateBillingGroupRequest(it.Name("billing")));
        await InvokeAsync(registry, new CreateBillingGroupRequest(it.Name("billing-before")));
        if (it.ThingExists)
            await MakeThingAsync(registry, it);
        await InvokeAsync(registry, new DeprecateThingTypeRequest(it.Name("deprecated")));
    }

    private static async Task MakeThingAsync(IDeviceRegistry registry, PlanCase it)
    {
        var attributes = Enumerable.Range(0, it.AttributesBefore).ToDictionary(i => $"a{i + 2}", i => $"v{i + 2}");
        await InvokeAsync(registry, new CreateThingRequest(
            it.ThingParameter, it.TypeBefore is { } type ? it.Name(type) : null, new AttributePayload(attributes), it.HasBillingGroupBefore ? it.Name("billing-before") : null));
        foreach (var group in Enumerable.Range(0, it.GroupsBefore).Select(i => $"g{12 - i}").Concat(it.IsInLeftBefore && it.GroupsBefore < 10 ? ["left"] : []))
            await InvokeAsync(registry, new AddThingToThingGroupRequest(it.Name(group), ThingName: it.ThingParameter));
    }

    private static async Task RegisterAsync(IDeviceRegistry registry, PlanCase it, string pem)
    {
        var arn = (await InvokeAsync(registry, new RegisterCertificateWithoutCARequest(pem, CertificateStatus.Active))).CertificateArn!;
        for (var i = 0; i < it.PoliciesBefore; i++)
        {
            await InvokeAsync(registry, new CreatePolicyRequest(it.Name($"before-{i}"), Make.PolicyDocument("iot:Before")));
            await InvokeAsync(registry, new AttachPolicyRequest(it.Name($"before-{i}"), arn));
        }

        var isHere = it.Attached is Attached.Here or Attached.HereExclusively;
        if (it.Attached == Attached.Nowhere || (isHere && !it.ThingExists))
            return;
        var thing = isHere ? it.ThingParameter : it.Name("elsewhere");
        if (!isHere)
            await InvokeAsync(registry, new CreateThingRequest(thing));
        await InvokeAsync(registry, new AttachThingPrincipalRequest(
            thing, arn, it.Attached is Attached.HereExclusively or Attached.ElsewhereExclusively ? "EXCLUSIVE_THING" : null));
    }

    private static async Task MakePoliciesAsync(IDeviceRegistry registry, PlanCase it)
    {
        var all = it.Policies.Concat(it.AdditionalPolicies).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var name = it.PolicyName(all[i], i);
            if (all[i] is PolicyKind.Existing or PolicyKind.SameDocument or PolicyKind.OtherDocument)
                await InvokeAsync(registry, new CreatePolicyRequest(name, PlanCase.DocumentOf(name)));
        }

        if (it.ClientIdMustMatch && it.ClientIdPolicyExists && !it.CertificateInName && !it.IsNameLong)
            await InvokeAsync(registry, new CreatePolicyRequest($"clientIdEnforcementPolicy_{it.ThingParameter}", Make.PolicyDocument("iot:Connect")));
    }

    private static async Task<T> InvokeAsync<T>(IDeviceRegistry registry, IIotRequest<T> request) => await registry.InvokeAsync(request, Cancellation);

    private static void AssertShown(string? shown, string? real, string said) => Assert.True(Shows(shown, real), $"{shown} is {real}: {said}");

    private static bool Shows(string? shown, string? value) => shown is null || value is null
        ? shown == value
        : Regex.IsMatch(value, $"^{Regex.Escape(shown).Replace(Regex.Escape("(known after registration)"), ".+", StringComparison.Ordinal)}$");
}
