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
        var after = await FactsAsync(it, request);
        if (response is null)
        {
            _refused++;
            Assert.Equal(before, after);
            Assert.Equal(PlannedOutcome.Bad, plan?.Outcome ?? PlannedOutcome.Bad);
            return;
        }

        _succeeded++;
        await CheckAsync(it, plan!, response, isSame: before.SequenceEqual(after));
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
            Assert.True(plan.Attributes.Keys.Order().SequenceEqual(thing.Attributes!.Keys.Order()), said);
            foreach (var (name, value) in plan.Attributes)
                AssertShown(value, thing.Attributes![name], said);
            var groups = await _factory.Account.Registry.GroupsOfThingAsync(response.ThingName!, Cancellation).Select(g => g.GroupName!).ToListAsync(Cancellation);
            Assert.True(plan.Groups.Order().SequenceEqual(groups.Order()), $"In {string.Join(", ", groups)}: {said}");
        }

        if (it.Source == CertificateSource.None)
            return;
        var arn = response.ResourceArns["certificate"];
        var certificate = await _factory.Account.Registry.FindCertificateAsync(Arn.CertificateId(arn)!, Cancellation);
        Assert.Equal(plan.CertificateStatus, certificate!.Status);
        var attached = await _factory.Account.Registry.AttachedPoliciesAsync(arn, Cancellation).Select(p => p.PolicyName!).ToListAsync(Cancellation);
        foreach (var policy in plan.Policies)
            Assert.True(attached.Exists(a => Shows(policy, a)), $"{policy} is not attached: {said}");
        Assert.True(attached.Count <= plan.Policies.Count + it.PoliciesBefore, said);
        if (it.HasThing)
            Assert.Contains(arn, await _factory.Account.Registry.PrincipalsAsync(response.ThingName!, Cancellation).ToListAsync(Cancellation));
        foreach (var made in plan.Changes.Where(change => change is { Property: "Policy", From: null } && !change.To!.Contains('(', StringComparison.Ordinal)))
            Assert.NotNull(await _factory.Account.Registry.FindPolicyAsync(made.To!, Cancellation));
    }

    /// <summary>Everything that the case is about, as it is now.</summary>
    private async Task<List<string>> FactsAsync(PlanCase it, ProvisionRequest request)
    {
        var registry = _factory.Account.Registry;
        var facts = new List<string> { await CountAsync() };
        if (await registry.FindThingAsync(it.ThingParameter, Cancellation) is { } thing)
        {
            facts.Add($"{thing.ThingTypeName} {thing.Version} {thing.BillingGroupName} {string.Join(' ', thing.Attributes!.OrderBy(a => a.Key))}");
            facts.AddRange(await registry.GroupsOfThingAsync(it.ThingParameter, Cancellation).Select(g => g.GroupName!).Order().ToListAsync(Cancellation));
            facts.AddRange((await _factory.InvokeAsync(new ListThingPrincipalsV2Request(it.ThingParameter))).ThingPrincipalObjects!.Select(p => p.ToString()));
        }

        if (request.Parameters["DeviceId"] is var id && await registry.FindCertificateAsync(id, Cancellation) is { } certificate)
        {
            facts.Add($"{certificate.Status} {certificate.CustomerVersion}");
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
                ["MakerPem"] = SignerOf(it.Issuer).Certificate.Pem,
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
