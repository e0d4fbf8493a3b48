using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdfProvisioning.Testing;

/// <summary>Where the certificate of a <see cref="PlanCase"/> comes from.</summary>
internal enum CertificateSource
{
    None, Csr, BadCsr, Pem, BadPem, RegisteredPem, RegisteredId, MissingId,
    CreateDeviceCertificate, CreateDeviceAwsCertificate, WithoutCa, RegisteredWithoutCa, AcmPcaWithCa, AcmPcaWithoutCa, AcmPcaCsr,
}

/// <summary>Where a certificate is attached before.</summary>
internal enum Attached
{
    Nowhere, Here, HereExclusively, Elsewhere, ElsewhereExclusively,
}

/// <summary>Which CA signs: what the registry knows of it.</summary>
internal enum Issuer
{
    Active, Inactive, Foreign, Twins,
}

/// <summary>A policy of a template: what the registry has of it, and what the template says.</summary>
internal enum PolicyKind
{
    Existing, Missing, Made, SameDocument, OtherDocument, DocumentOnly, NamedAsFirst, MadeAsFirst,
}

/// <summary>A registry, a template and parameters, around every limit of a registration. What it is follows from a number.</summary>
internal sealed record PlanCase
{
    private static readonly string?[] Actions = [null, "DO_NOTHING", "REPLACE", "MERGE", "FAIL"];

    public required int Seed { get; init; }

    public bool HasThing { get; init; }

    public bool ThingExists { get; init; }

    public int AttributesBefore { get; init; }

    public string? TypeBefore { get; init; }

    public int GroupsBefore { get; init; }

    public bool IsInLeftBefore { get; init; }

    public bool HasBillingGroupBefore { get; init; }

    public string? Type { get; init; }

    public int Attributes { get; init; }

    public int EmptyAttributes { get; init; }

    public bool CertificateInAttribute { get; init; }

    public bool CertificateInName { get; init; }

    public bool IsNameLong { get; init; }

    public int Groups { get; init; }

    public IReadOnlyList<string> FurtherGroups { get; init; } = [];

    public string? BillingGroup { get; init; }

    public IReadOnlyList<string?> Overrides { get; init; } = [];

    public CertificateSource Source { get; init; }

    public Issuer Issuer { get; init; }

    public bool GivesCa { get; init; }

    /// <summary>Whether the CA that is given is another than that which has signed.</summary>
    public bool GivesOtherCa { get; init; }

    public string StatusBefore { get; init; } = "";

    public Attached Attached { get; init; }

    public int PoliciesBefore { get; init; }

    public string? Status { get; init; }

    public bool IsExclusive { get; init; }

    public IReadOnlyList<PolicyKind> Policies { get; init; } = [];

    public IReadOnlyList<PolicyKind> AdditionalPolicies { get; init; } = [];

    public bool ClientIdMustMatch { get; init; }

    public bool ClientIdPolicyExists { get; init; }

    public int? DaysExpiry { get; init; }

    /// <summary>What its names begin with: no other case's do.</summary>
    public string Prefix => $"c{(uint)Seed:x8}";

    public bool IsRegisteredBefore => Source is CertificateSource.RegisteredPem or CertificateSource.RegisteredId or CertificateSource.RegisteredWithoutCa;

    /// <summary>Whether an extension fills in CertificateId.</summary>
    public bool FillsId => Source is CertificateSource.CreateDeviceAwsCertificate or CertificateSource.WithoutCa or CertificateSource.RegisteredWithoutCa
        or CertificateSource.AcmPcaWithCa or CertificateSource.AcmPcaWithoutCa or CertificateSource.AcmPcaCsr;

    public string ThingParameter => Prefix + (IsNameLong ? new string('x', 100) : "-thing");

    /// <summary>Where everything is at random, few registrations succeed: so in most cases only some of it is.</summary>
    public static PlanCase Of(int seed)
    {
        var random = new Random(seed);
        var any = Any(seed, random);
        var plain = any with
        {
            HasThing = true,
            Type = any.TypeBefore,
            Attributes = 1,
            EmptyAttributes = 0,
            CertificateInAttribute = false,
            CertificateInName = false,
            IsNameLong = false,
            Groups = -1,
            FurtherGroups = [],
            BillingGroup = null,
            Overrides = [null, null, null, null],
            Source = CertificateSource.None,
            GivesOtherCa = false,
            Policies = [],
            AdditionalPolicies = [],
            ClientIdMustMatch = false,
            DaysExpiry = 30,
            IsExclusive = false,
        };
        var it = random.Next(8) switch
        {
            0 => plain with
            {
                Type = any.Type,
                Attributes = any.Attributes,
                EmptyAttributes = any.EmptyAttributes,
                BillingGroup = any.BillingGroup,
                AttributesBefore = any.TypeBefore is null ? any.AttributesBefore : random.Next(47, 51),
                Overrides = [random.Next(3) switch { 0 => "MERGE", 1 => "REPLACE", _ => any.Overrides[0] }, any.Overrides[1], null, null],
            },
            1 => plain with { Groups = any.Groups, FurtherGroups = any.FurtherGroups, Overrides = [null, null, any.Overrides[2], null] },
            2 => plain with { Source = random.Next(2) == 0 ? CertificateSource.Pem : CertificateSource.CreateDeviceCertificate, Issuer = (Issuer)random.Next(4), GivesOtherCa = random.Next(3) == 0, DaysExpiry = any.DaysExpiry },
            3 => plain with
            {
                Source = random.Next(3) switch { 0 => CertificateSource.RegisteredPem, 1 => CertificateSource.RegisteredId, _ => CertificateSource.RegisteredWithoutCa },
                Overrides = [null, null, null, any.Overrides[3]],
                IsExclusive = any.IsExclusive,
                Policies = any.Policies,
            },
            4 => plain with { Source = CertificateSource.Csr, Policies = any.Policies, AdditionalPolicies = any.AdditionalPolicies, ClientIdMustMatch = any.ClientIdMustMatch, IsNameLong = any.IsNameLong },
            5 => plain with { Source = (CertificateSource)random.Next((int)CertificateSource.CreateDeviceCertificate, 15), DaysExpiry = any.DaysExpiry, CertificateInAttribute = any.FillsId && any.CertificateInAttribute },
            _ => any,
        };
        return it with { CertificateInAttribute = it.CertificateInAttribute && it.FillsId };
    }

    private static PlanCase Any(int seed, Random random)
    {
        var source = Seldom(0.2) ? CertificateSource.None : (CertificateSource)random.Next(15);
        if (source is CertificateSource.BadCsr or CertificateSource.BadPem or CertificateSource.MissingId && Seldom(0.7))
            source = CertificateSource.Csr;
        var hasCertificate = source != CertificateSource.None;
        var hasThing = !Seldom(0.05) || !hasCertificate;
        var exists = hasThing && Seldom(0.5);
        var typeBefore = exists && Seldom(0.6) ? "type" : null;
        var type = Seldom(0.5) ? null : Seldom(0.7) ? "type" : Seldom(0.5) ? "other" : Seldom(0.5) ? "deprecated" : "missing";
        var filled = source is CertificateSource.CreateDeviceAwsCertificate or CertificateSource.WithoutCa or CertificateSource.RegisteredWithoutCa
            or CertificateSource.AcmPcaWithCa or CertificateSource.AcmPcaWithoutCa or CertificateSource.AcmPcaCsr;
        return new PlanCase
        {
            Seed = seed,
            HasThing = hasThing,
            ThingExists = exists,
            TypeBefore = typeBefore,
            AttributesBefore = typeBefore is null ? random.Next(4) : Pick(0, 1, 3, 5, 47, 49, 50),
            GroupsBefore = exists ? Pick(0, 0, 1, 2, 8, 9, 10) : 0,
            IsInLeftBefore = Seldom(0.2),
            HasBillingGroupBefore = Seldom(0.3),
            Type = type,
            Attributes = type is null ? random.Next(4) : Pick(0, 1, 2, 3, 4, 5, 49, 50),
            EmptyAttributes = Seldom(0.2) ? random.Next(3) : 0,
            CertificateInAttribute = filled && Seldom(0.3),
            CertificateInName = filled && Seldom(0.2),
            IsNameLong = Seldom(0.05),
            Groups = Pick(-1, 0, 0, 1, 2, 2, 9, 10, 11, 12),
            FurtherGroups = Seldom(0.6) ? [] : Seldom(0.5) ? ["left"] : Pick<string[]>(["left", "right"], ["top", "left"], ["right"], ["missing"], ["g0", "g0"]),
            BillingGroup = Seldom(0.6) ? null : Seldom(0.7) ? "billing" : "missing",
            Overrides = [Pick(Actions), Pick(Actions), Pick(Actions), Pick(Actions)],
            Source = source,
            Issuer = Seldom(0.6) ? Issuer.Active : (Issuer)random.Next(4),
            GivesCa = Seldom(0.5),
            GivesOtherCa = Seldom(0.2),
            StatusBefore = Pick("ACTIVE", "ACTIVE", "INACTIVE", "REVOKED", "PENDING_ACTIVATION"),
            Attached = (Attached)random.Next(5),
            PoliciesBefore = Pick(0, 0, 1, 8, 9, 10),
            Status = Pick(null, "ACTIVE", "INACTIVE"),
            IsExclusive = Seldom(0.3),
            Policies = [.. Enumerable.Range(0, Pick(0, 1, 2, 3)).Select(_ => AnyPolicy())],
            AdditionalPolicies = hasCertificate ? [.. Enumerable.Range(0, Pick(0, 0, 0, 1, 2)).Select(_ => AnyPolicy())] : [],
            ClientIdMustMatch = hasThing && hasCertificate && Seldom(0.3),
            ClientIdPolicyExists = Seldom(0.3),
            DaysExpiry = Pick<int?>(30, 30, 30, 30, null, 0, 100_000),
        };

        bool Seldom(double share) => random.NextDouble() < share;
        T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
        PolicyKind AnyPolicy() => Seldom(0.7) ? Pick(PolicyKind.Existing, PolicyKind.Made, PolicyKind.SameDocument, PolicyKind.DocumentOnly) : (PolicyKind)random.Next(8);
    }

    public string Name(string name) => $"{Prefix}-{name}";

    public string PolicyName(PolicyKind kind, int i) => kind is PolicyKind.NamedAsFirst or PolicyKind.MadeAsFirst ? Name("p-Made-0") : Name($"p-{kind}-{i}");

    public static string DocumentOf(string name) => Make.PolicyDocument($"iot:{name.GetHashCode(StringComparison.Ordinal) & 0xffff}");

    /// <summary>The document that the template gives with a policy.</summary>
    public string? DocumentOf(PolicyKind kind, int i) => kind switch
    {
        PolicyKind.Made or PolicyKind.SameDocument or PolicyKind.MadeAsFirst or PolicyKind.DocumentOnly => DocumentOf(PolicyName(kind, i)),
        PolicyKind.OtherDocument => Make.PolicyDocument("iot:Other"),
        _ => null,
    };

    /// <summary>Why AWS IoT would refuse it, told by what the case is: independent of how a registration is decided.</summary>
    public IEnumerable<string> Refusals()
    {
        var groupsCount = HasThing && Groups >= 0 && (IsNewThing || Overrides[2] is "REPLACE" or "MERGE");
        if (groupsCount && FurtherGroups.Contains("missing"))
            yield return "a group is missing";
        if (groupsCount && FurtherGroups.Count(g => g is "top" or "left" or "right") > 1)
            yield return "two groups of one hierarchy";
        if (groupsCount && Groups + FurtherGroups.Count(g => g is not ("g0" or "missing")) > 10)
            yield return "more than ten groups";
        if (IsNewThing && HasThing && (Type is "missing" or "deprecated"))
            yield return "the type is missing or deprecated";
        if (IsNewThing && HasThing && BillingGroup == "missing")
            yield return "the billing group is missing";
        if (!IsNewThing && ((Overrides[0] == "FAIL") || (Overrides[1] == "FAIL" && Type is not null) || (Overrides[2] == "FAIL" && Groups >= 0)))
            yield return "the thing exists, and must not";
        if (Overrides[3] == "FAIL" && (IsRegisteredBefore || FillsId))
            yield return "the certificate exists, and must not";
        if (IsRegisteredBefore && StatusBefore == "REVOKED" && Overrides[3] is "REPLACE" or "MERGE" && IsRegisteredBefore && StatusBefore == "REVOKED")
            yield return "it is revoked";
        if (IsRegisteredBefore && HasThing && (Attached == Attached.ElsewhereExclusively || (Attached == Attached.Elsewhere && IsExclusive)))
            yield return "the certificate is exclusive";
        if (Source == CertificateSource.RegisteredWithoutCa && !(Attached is Attached.Here or Attached.HereExclusively && !IsNewThing))
            yield return "the certificate is not this thing's";
        if (Source == CertificateSource.Pem && (Issuer is Issuer.Inactive or Issuer.Foreign || (Issuer == Issuer.Twins && !GivesCa)))
            yield return "no CA has signed it that is registered and active";
        if (Source == CertificateSource.Pem && GivesCa && GivesOtherCa)
            yield return "another CA was given";
        if (Source == CertificateSource.CreateDeviceCertificate && Issuer == Issuer.Inactive)
            yield return "the CA is inactive";
        if (Source is CertificateSource.MissingId or CertificateSource.BadCsr or CertificateSource.BadPem)
            yield return "there is no certificate";
        if (Policies.Contains(PolicyKind.Missing) || AdditionalPolicies.Contains(PolicyKind.Missing))
            yield return "a policy is missing";
        if (Policies.Contains(PolicyKind.OtherDocument))
            yield return "a policy has another document";
        if (IsRegisteredBefore && PoliciesBefore + Policies.Concat(AdditionalPolicies).Count(kind => kind is PolicyKind.Existing or PolicyKind.Made or PolicyKind.SameDocument or PolicyKind.DocumentOnly) > 10)
            yield return "more than ten policies";
        if (ClientIdMustMatch && IsNameLong)
            yield return "the name of the policy is too long";
        if (DaysExpiry is 0 or 100_000 && Source is CertificateSource.CreateDeviceCertificate or CertificateSource.AcmPcaWithCa or CertificateSource.AcmPcaWithoutCa or CertificateSource.AcmPcaCsr && DaysExpiry is 0 or 100_000)
            yield return "no certificate can be valid for so long";
    }

    /// <summary>Whether no thing of its name exists.</summary>
    public bool IsNewThing => !ThingExists || CertificateInName;

    public string Template()
    {
        var resources = new JsonObject();
        if (HasThing)
            resources["thing"] = Thing();
        if (Source != CertificateSource.None)
            resources["certificate"] = Certificate();
        for (var i = 0; i < Policies.Count; i++)
        {
            var properties = new JsonObject();
            if (Policies[i] != PolicyKind.DocumentOnly)
                properties["PolicyName"] = PolicyName(Policies[i], i);
            if (DocumentOf(Policies[i], i) is { } document)
                properties["PolicyDocument"] = document;
            resources[$"policy{i}"] = new JsonObject { ["Type"] = "AWS::IoT::Policy", ["Properties"] = properties };
        }

        var parameters = new JsonObject();
        foreach (var name in (string[])["ThingName", "CSR", "DevicePem", "MakerPem", "DeviceId", "CertificateId", "CertificateArn", "CertificatePem", "CaCertificatePem"])
            parameters[name] = new JsonObject { ["Type"] = "String" };
        var template = new JsonObject { ["Parameters"] = parameters, ["Resources"] = resources };
        if (Cdf() is { Count: > 0 } cdf)
            template["CDF"] = cdf;
        return template.ToJsonString();
    }

    public override string ToString() => $"{JsonSerializer.Serialize(this)}\n{Template()}";

    private JsonObject Thing()
    {
        var attributes = new JsonObject();
        for (var i = 0; i < Attributes; i++)
            attributes[$"a{i}"] = i < EmptyAttributes ? "" : i == EmptyAttributes && CertificateInAttribute ? Join("of", Ref("CertificateId")) : $"v{i}";
        var properties = new JsonObject
        {
            ["ThingName"] = CertificateInName ? Join(ThingParameter, Ref("CertificateId")) : Ref("ThingName"),
            ["AttributePayload"] = attributes,
        };
        if (Type is not null)
            properties["ThingTypeName"] = Name(Type);
        if (Groups >= 0)
            properties["ThingGroups"] = new JsonArray([.. Enumerable.Range(0, Groups).Select(i => $"g{i}").Concat(FurtherGroups).Select(g => (JsonNode)Name(g)!)]);
        if (BillingGroup is not null)
            properties["BillingGroup"] = Name(BillingGroup);
        var overrides = new JsonObject();
        Override(overrides, "AttributePayload", Overrides[0]);
        Override(overrides, "ThingTypeName", Overrides[1] == "MERGE" ? "REPLACE" : Overrides[1]);
        Override(overrides, "ThingGroups", Overrides[2]);
        return new JsonObject { ["Type"] = "AWS::IoT::Thing", ["Properties"] = properties, ["OverrideSettings"] = overrides };
    }

    private JsonObject Certificate()
    {
        var properties = Source switch
        {
            CertificateSource.Csr or CertificateSource.BadCsr => new JsonObject { ["CertificateSigningRequest"] = Ref("CSR") },
            CertificateSource.Pem or CertificateSource.BadPem or CertificateSource.RegisteredPem => new JsonObject { ["CertificatePem"] = Ref("DevicePem") },
            CertificateSource.RegisteredId or CertificateSource.MissingId => new JsonObject { ["CertificateId"] = Ref("DeviceId") },
            CertificateSource.CreateDeviceCertificate => new JsonObject { ["CertificatePem"] = Ref("CertificatePem") },
            _ => new JsonObject { ["CertificateId"] = Ref("CertificateId") },
        };
        if (GivesCa && properties.ContainsKey("CertificatePem"))
            properties["CACertificatePem"] = Ref(Source == CertificateSource.CreateDeviceCertificate ? "CaCertificatePem" : "MakerPem");
        if (Status is not null)
            properties["Status"] = Status;
        if (IsExclusive)
            properties["ThingPrincipalType"] = "EXCLUSIVE_THING";
        var overrides = new JsonObject();
        Override(overrides, "Status", Overrides[3] == "MERGE" ? "REPLACE" : Overrides[3]);
        return new JsonObject { ["Type"] = "AWS::IoT::Certificate", ["Properties"] = properties, ["OverrideSettings"] = overrides };
    }

    private JsonObject Cdf()
    {
        var cdf = new JsonObject();
        switch (Source)
        {
            case CertificateSource.CreateDeviceCertificate:
                cdf["createDeviceCertificate"] = true;
                break;
            case CertificateSource.CreateDeviceAwsCertificate:
                cdf["createDeviceAWSCertificate"] = true;
                break;
            case CertificateSource.WithoutCa or CertificateSource.RegisteredWithoutCa:
                cdf["registerDeviceCertificateWithoutCA"] = true;
                break;
            case CertificateSource.AcmPcaWithCa or CertificateSource.AcmPcaWithoutCa or CertificateSource.AcmPcaCsr:
                cdf["acmpca"] = new JsonObject { ["mode"] = Source == CertificateSource.AcmPcaWithCa ? "REGISTER_WITH_CA" : "REGISTER_WITHOUT_CA" };
                break;
        }

        if (ClientIdMustMatch)
            cdf["clientIdMustMatchThingName"] = true;
        if (AdditionalPolicies.Count > 0)
            cdf["attachAdditionalPolicies"] = new JsonArray([.. AdditionalPolicies.Select((kind, i) => Additional(kind, i + Policies.Count))]);
        return cdf;
    }

    private JsonNode Additional(PolicyKind kind, int i)
    {
        var policy = new JsonObject();
        if (kind != PolicyKind.DocumentOnly)
            policy["name"] = PolicyName(kind, i);
        if (DocumentOf(kind, i) is { } document)
            policy["document"] = document;
        return policy;
    }

    private static void Override(JsonObject overrides, string property, string? action)
    {
        if (action is not null)
            overrides[property] = action;
    }

    private static JsonObject Ref(string parameter) => new() { ["Ref"] = parameter };

    private static JsonObject Join(string text, JsonObject reference) => new() { ["Fn::Join"] = new JsonArray("-", new JsonArray(text, reference)) };
}
