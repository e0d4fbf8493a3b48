using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Aws.Json;

namespace CdfProvisioning.Server.Aws.AcmPca;

/// <summary>
/// AWS Private CA, over the CAs whose keys are here. A CA is active as soon as it is created, where AWS would first wait for
/// its certificate; a certificate is issued at once, but the first who asks for it is told to ask again, as on AWS.
/// </summary>
internal sealed class AcmPcaService : JsonService
{
    /// <summary>Certificates that can be fetched; the oldest are forgotten beyond this number.</summary>
    private const int MaxIssued = 10_000;

    private const int MaxResults = 1000;

    /// <summary>AWS leaves the validity to the certificate that is imported later.</summary>
    private static readonly TimeSpan CaValidity = TimeSpan.FromDays(3650);

    private static readonly IotErrorType InvalidArgs = new("InvalidArgsException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType InvalidArn = new("InvalidArnException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType InvalidNextToken = new("InvalidNextTokenException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType MalformedCsr = new("MalformedCSRException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType NotFound = new("ResourceNotFoundException", 400, CdfErrorCode.NotFound);
    private static readonly IotErrorType InProgress = new("RequestInProgressException", 400, CdfErrorCode.Conflict);

    private readonly ConcurrentDictionary<string, IssuedCertificate> _issued = new();
    private readonly ConcurrentQueue<string> _order = new();

    public AcmPcaService(Regions regions)
        : base(regions, "acm-pca", "ACMPrivateCA") => Operations = new Dictionary<string, JsonOperation>
        {
            ["CreateCertificateAuthority"] = CreateAsync,
            ["DescribeCertificateAuthority"] = async (connection, input, token) => new()
            {
                ["CertificateAuthority"] = await DescribeAsync(connection, ArnIn(input), token),
            },
            ["ListCertificateAuthorities"] = ListAsync,
            ["DeleteCertificateAuthority"] = DeleteAsync,
            ["GetCertificateAuthorityCertificate"] = async (connection, input, token) => new()
            {
                ["Certificate"] = (await GetAsync(connection, ArnIn(input), token)).CertificatePem.TrimEnd(),
            },
            ["IssueCertificate"] = IssueAsync,
            ["TagCertificateAuthority"] = TagAsync,
            ["UntagCertificateAuthority"] = UntagAsync,
            ["ListTags"] = ListTagsAsync,
            ["GetCertificate"] = (_, input, _) => Task.FromResult(GetCertificate(input)),
        };

    protected override IReadOnlyDictionary<string, JsonOperation> Operations { get; }

    protected override ServiceModel Model => AcmPcaModel.Instance;

    private static async Task<JsonObject> CreateAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var type = input.Text("CertificateAuthorityType");
        var configuration = input.Object("CertificateAuthorityConfiguration");
        var subject = configuration.Object("Subject");
        var (algorithm, rsaBits) = KeyOf(configuration.Text("KeyAlgorithm"));
        CheckFamily(configuration.Text("SigningAlgorithm"), algorithm);
        if (type != "ROOT")
            throw InvalidArgs.Error($"Only CAs of the type ROOT can be created here, not '{IotNames.Shown(type)}'.");
        try
        {
            var ca = await connection.CertificateAuthorities.CreateAsync(
                new SubjectFields(
                    subject.TextOrNull("CommonName"), subject.TextOrNull("Organization"), subject.TextOrNull("OrganizationalUnit"),
                    subject.TextOrNull("Locality"), subject.TextOrNull("State"), subject.TextOrNull("Country")),
                CaValidity, cancellationToken, TagsIn(input)?.ToDictionary(tag => tag.Key, tag => tag.Value ?? ""), algorithm, rsaBits);
            return new() { ["CertificateAuthorityArn"] = ca.PrivateCaArn };
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            throw InvalidArgs.Error(e.Message, e);
        }
    }

    private static async Task<JsonObject> DescribeAsync(Connection connection, string arn, CancellationToken cancellationToken)
    {
        var certificate = ParsedCertificate.FromPem((await GetAsync(connection, arn, cancellationToken)).CertificatePem, "The CA certificate");
        var subject = new JsonObject();
        foreach (var (member, oid) in new[]
        {
            ("CommonName", Oids.CommonName), ("Organization", Oids.Organization), ("OrganizationalUnit", Oids.OrganizationalUnit),
            ("Locality", Oids.Locality), ("State", Oids.StateName), ("Country", Oids.Country),
        })
            if (certificate.Subject.Find(oid) is { } value)
                subject.Add(member, value);
        var (keyAlgorithm, signingAlgorithm) = certificate.PublicKey.Algorithm switch
        {
            KeyAlgorithm.Rsa => ($"RSA_{RsaKeySizeOf(certificate)}", "SHA256WITHRSA"),
            KeyAlgorithm.P384 => ("EC_secp384r1", "SHA384WITHECDSA"),
            KeyAlgorithm.P521 => ("EC_secp521r1", "SHA512WITHECDSA"),
            _ => ("EC_prime256v1", "SHA256WITHECDSA"),
        };
        return new()
        {
            ["Arn"] = arn,
            ["OwnerAccount"] = connection.Info.AccountId,
            ["Type"] = "ROOT",
            ["Status"] = "ACTIVE",
            ["Serial"] = certificate.SerialNumber.ToLowerInvariant(),
            ["CreatedAt"] = certificate.NotBefore.ToUnixTimeSeconds(),
            ["NotBefore"] = certificate.NotBefore.ToUnixTimeSeconds(),
            ["NotAfter"] = certificate.NotAfter.ToUnixTimeSeconds(),
            ["CertificateAuthorityConfiguration"] = new JsonObject
            {
                ["KeyAlgorithm"] = keyAlgorithm,
                ["SigningAlgorithm"] = signingAlgorithm,
                ["Subject"] = subject,
            },
        };
    }

    private static (KeyAlgorithm Algorithm, int RsaBits) KeyOf(string name) => name switch
    {
        "RSA_2048" => (KeyAlgorithm.Rsa, 2048),
        "RSA_3072" => (KeyAlgorithm.Rsa, 3072),
        "RSA_4096" => (KeyAlgorithm.Rsa, 4096),
        "EC_prime256v1" => (KeyAlgorithm.P256, 0),
        "EC_secp384r1" => (KeyAlgorithm.P384, 0),
        "EC_secp521r1" => (KeyAlgorithm.P521, 0),
        _ => throw InvalidArgs.Error($"CAs with a key of {IotNames.Shown(name)} cannot be created here: AWS IoT accepts RSA and EC keys."),
    };

    /// <summary>AWS Private CA API Reference, IssueCertificate: the family of the signing algorithm is that of the CA's key. The hash is the one that suits the key.</summary>
    private static void CheckFamily(string signingAlgorithm, KeyAlgorithm key)
    {
        var family = key == KeyAlgorithm.Rsa ? "RSA" : "ECDSA";
        if (!signingAlgorithm.EndsWith($"WITH{family}", StringComparison.Ordinal))
            throw InvalidArgs.Error($"The signing algorithm {IotNames.Shown(signingAlgorithm)} does not match the CA's key, which is an {family} key: use SHA256WITH{family}, SHA384WITH{family} or SHA512WITH{family}.");
    }

    private static int RsaKeySizeOf(ParsedCertificate certificate)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(certificate.PublicKey.Der.Span, out _);
        return key.KeySize;
    }

    private static async Task<JsonObject> ListAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var skip = 0;
        if (input.TextOrNull("NextToken") is { } token && !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out skip))
            throw InvalidNextToken.Error("The token is not one of this listing.");
        var size = input.NumberOrNull("MaxResults") ?? MaxResults;

        var page = new JsonArray();
        var number = 0;
        await foreach (var ca in connection.CertificateAuthorities.ListAsync(cancellationToken))
        {
            if (ca.PrivateCaArn is not { } arn || number++ < skip)
                continue;
            if (page.Count == size)
                return new() { ["CertificateAuthorities"] = page, ["NextToken"] = (skip + size).ToString(CultureInfo.InvariantCulture) };
            page.Add(await DescribeAsync(connection, arn, cancellationToken));
        }

        return new() { ["CertificateAuthorities"] = page };
    }

    private static async Task<JsonObject> DeleteAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var arn = ArnIn(input);
        await GetAsync(connection, arn, cancellationToken);
        await connection.CertificateAuthorities.RemoveAsync(arn[(arn.LastIndexOf('/') + 1)..], cancellationToken);
        return [];
    }

    /// <summary>A private CA and the CA certificate registered with AWS IoT are one here, and so are their tags.</summary>
    private static async Task<JsonObject> TagAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var ca = await CaIn(connection, input, cancellationToken);
        await connection.Registry.InvokeAsync(new TagResourceRequest(ca, TagsIn(input)!), cancellationToken);
        return [];
    }

    private static async Task<JsonObject> UntagAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var ca = await CaIn(connection, input, cancellationToken);
        await connection.Registry.InvokeAsync(new UntagResourceRequest(ca, [.. TagsIn(input)!.Select(tag => tag.Key)]), cancellationToken);
        return [];
    }

    private static async Task<JsonObject> ListTagsAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var tags = await connection.Registry.TagsAsync(await CaIn(connection, input, cancellationToken), cancellationToken);
        return new() { ["Tags"] = new JsonArray([.. tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]) };
    }

    private static async Task<string> CaIn(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var arn = ArnIn(input);
        await GetAsync(connection, arn, cancellationToken);
        return (await connection.CertificateAuthorities.GetAsync(arn[(arn.LastIndexOf('/') + 1)..], cancellationToken)).Arn!;
    }

    private static Tag[]? TagsIn(JsonInput input) =>
        input.Objects("Tags") is { Count: > 0 } tags ? [.. tags.Select(tag => new Tag(tag.Text("Key"), tag.TextOrNull("Value")))] : null;

    private async Task<JsonObject> IssueAsync(Connection connection, JsonInput input, CancellationToken cancellationToken)
    {
        var arn = ArnIn(input);
        var signingAlgorithm = input.Text("SigningAlgorithm");
        var csr = Decode(input.Text("Csr"));
        var notAfter = NotAfter(input.Object("Validity"));
        var ca = await GetAsync(connection, arn, cancellationToken);
        CheckFamily(signingAlgorithm, ParsedCertificate.FromPem(ca.CertificatePem, "The CA certificate").PublicKey.Algorithm);
        try
        {
            SigningRequest.Parse(csr);
        }
        catch (CdfException e)
        {
            throw MalformedCsr.Error(e.Message, e);
        }

        try
        {
            var issued = await connection.PrivateCas.IssueAsync(arn, csr, notAfter, cancellationToken);
            _issued[issued.Arn] = new(arn, issued);
            _order.Enqueue(issued.Arn);
            if (_order.Count > MaxIssued && _order.TryDequeue(out var oldest))
                _issued.TryRemove(oldest, out _);
            return new() { ["CertificateArn"] = issued.Arn };
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            throw InvalidArgs.Error(e.Message, e);
        }
    }

    private JsonObject GetCertificate(JsonInput input)
    {
        var (arn, certificateArn) = (ArnIn(input), input.Text("CertificateArn"));
        if (!_issued.TryGetValue(certificateArn, out var issued) || issued.CaArn != arn)
            throw NotFound.Error($"Could not find certificate {IotNames.Shown(certificateArn)} of this CA: certificates are kept here until the server ends.");
        return issued.IsFirstQuestion()
            ? throw InProgress.Error("The certificate is still being issued: ask again.")
            : new() { ["Certificate"] = issued.Certificate.CertificatePem.TrimEnd(), ["CertificateChain"] = issued.Certificate.ChainPem.TrimEnd() };
    }

    private static async ValueTask<PrivateCa> GetAsync(Connection connection, string arn, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.PrivateCas.GetAsync(arn, cancellationToken);
        }
        catch (CdfException e) when (e.Code is CdfErrorCode.NotFound or CdfErrorCode.InvalidRequest)
        {
            throw (e.Code == CdfErrorCode.NotFound ? NotFound : InvalidArn).Error(e.Message, e);
        }
    }

    private static string ArnIn(JsonInput input) => input.Text("CertificateAuthorityArn");

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw MalformedCsr.Error("The CSR is not base64.", e);
        }
    }

    /// <summary>AWS Private CA API Reference, Validity.</summary>
    private static DateTimeOffset NotAfter(JsonInput validity)
    {
        var (type, value) = (validity.Text("Type"), validity.Number("Value"));
        var now = DateTimeOffset.UtcNow;
        try
        {
            return type switch
            {
                "DAYS" => now.AddDays(value),
                "MONTHS" => now.AddMonths(checked((int)value)),
                "YEARS" => now.AddYears(checked((int)value)),
                "ABSOLUTE" => DateTimeOffset.FromUnixTimeSeconds(value),
                "END_DATE" => DateTimeOffset.ParseExact(
                    value.ToString(CultureInfo.InvariantCulture), ["yyyyMMddHHmmss", "yyMMddHHmmss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                _ => throw JsonErrors.Validation.Error($"The validity's type '{IotNames.Shown(type)}' is none of END_DATE, ABSOLUTE, DAYS, MONTHS and YEARS."),
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or FormatException)
        {
            throw InvalidArgs.Error($"A validity of {value} {IotNames.Shown(type)} is not possible.", e);
        }
    }

    private sealed class IssuedCertificate(string caArn, PrivateCertificate certificate)
    {
        private int _questions;

        public string CaArn => caArn;

        public PrivateCertificate Certificate => certificate;

        public bool IsFirstQuestion() => Interlocked.Increment(ref _questions) == 1;
    }
}
