using System.Formats.Asn1;
using System.Security;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Certificates;

/// <summary>Keys in AWS KMS: asymmetric ones, for signing.</summary>
/// <param name="resolve">Finds region and credentials when the first key is opened.</param>
internal sealed class KmsKeyHolder(Func<CancellationToken, ValueTask<AwsSettings>> resolve) : IKeyHolder
{
    /// <summary>A list waits for each signature, and with it Ctrl+C.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public string Scheme => "awskms";

    public async ValueTask<RemoteKey> OpenAsync(KeyUri uri, SecureString? pin, CancellationToken cancellationToken)
    {
        var id = uri["key-id"] ?? throw CdfErrorCode.InvalidRequest.Error(
            $"The key URI '{IotNames.Shown(uri.Text)}' names no key: add its id, ARN or alias (key-id=1234abcd-12ab-34cd-56ef-1234567890ab, key-id=alias/factory).");
        var settings = await resolve(cancellationToken);
        var region = uri["region"] ?? (Amazon.Arn.TryParse(id, out var arn) ? arn.Region : settings.Region);
        AwsRegions.CheckForm(region);
        var kms = new AmazonKeyManagementServiceClient(settings.Credentials, Configuration(settings with { Region = region, Timeout = Timeout }));
        try
        {
            return await KmsKey.OpenAsync(kms, uri, id, cancellationToken);
        }
        catch
        {
            kms.Dispose();
            throw;
        }
    }

    /// <summary>The variable that is of KMS alone goes before the endpoint of all services.</summary>
    private static AmazonKeyManagementServiceConfig Configuration(AwsSettings settings) => (Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL_KMS") is { Length: > 0 } url
        ? settings with { EndpointUrl = new Uri(url) }
        : settings).Apply(new AmazonKeyManagementServiceConfig());
}

/// <summary>An asymmetric key in AWS KMS.</summary>
internal sealed class KmsKey : RemoteKey
{
    private readonly AmazonKeyManagementServiceClient _kms;
    private readonly AwsFailures _failures;
    private readonly string _id;

    private KmsKey(AmazonKeyManagementServiceClient kms, AwsFailures failures, string id, KeyUri uri, string name, PublicKey publicKey)
        : base(uri.Text, name, publicKey) => (_kms, _failures, _id) = (kms, failures, id);

    /// <exception cref="CdfException">InvalidRequest: no CA can have such a key; NotFound, AccessDenied, Conflict, Throttled, Unavailable.</exception>
    public static async ValueTask<KmsKey> OpenAsync(AmazonKeyManagementServiceClient kms, KeyUri uri, string id, CancellationToken cancellationToken)
    {
        var failures = new AwsFailures(AwsService.Kms, (Amazon.Runtime.ClientConfig)kms.Config);
        try
        {
            var found = await kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = id }, cancellationToken);
            if (found.KeyUsage != KeyUsageType.SIGN_VERIFY)
                throw Unfit(id, $"is for {found.KeyUsage}");
            var publicKey = PublicKey.Read(found.PublicKey.ToArray());
            if (publicKey.FindWeakness() is not null)
                throw Unfit(id, $"is of the kind {found.KeySpec}");
            return new KmsKey(kms, failures, id, uri, id[(id.LastIndexOf('/') + 1)..], publicKey);
        }
        catch (UnsupportedOperationException e)
        {
            throw Unfit(id, "is no asymmetric key", e);
        }
        catch (AsnContentException e)
        {
            throw Unfit(id, "has a public key that is none of RSA or of an elliptic curve", e);
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw Translate(failures, e, "GetPublicKey", id);
        }
    }

    public override void Dispose() => _kms.Dispose();

    protected override byte[] SignHash(byte[] hash)
    {
        var request = new SignRequest
        {
            KeyId = _id,
            Message = new MemoryStream(hash),
            MessageType = MessageType.DIGEST,
            SigningAlgorithm = PublicKey.Algorithm switch
            {
                KeyAlgorithm.Rsa => SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256,
                KeyAlgorithm.P256 => SigningAlgorithmSpec.ECDSA_SHA_256,
                KeyAlgorithm.P384 => SigningAlgorithmSpec.ECDSA_SHA_384,
                _ => SigningAlgorithmSpec.ECDSA_SHA_512,
            },
        };
        try
        {
            return _kms.SignAsync(request).GetAwaiter().GetResult().Signature.ToArray();
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, CancellationToken.None))
        {
            throw Translate(_failures, e, "Sign", _id);
        }
    }

    /// <summary>KMS API Reference, Sign: in what state a key is, only the type of the error tells.</summary>
    private static CdfException Translate(AwsFailures failures, Exception exception, string operation, string id) => exception switch
    {
        NotFoundException e => CdfErrorCode.NotFound.Error($"There is no KMS key '{id}' for these credentials in this region ({e.Message.TrimEnd('.')}): see aws kms list-keys and list-aliases.", e),
        DisabledException e => CdfErrorCode.Unavailable.Error($"The KMS key '{id}' is disabled: enable it (aws kms enable-key).", e),
        KMSInvalidStateException e => CdfErrorCode.Unavailable.Error($"The KMS key '{id}' cannot be used in its present state ({e.Message.TrimEnd('.')}): it may be pending deletion (aws kms cancel-key-deletion).", e),
        InvalidKeyUsageException e => Unfit(id, "is not for signing", e),
        _ => failures.Translate(exception, operation, new Dictionary<string, string> { ["KeyId"] = id }),
    };

    private static CdfException Unfit(string id, string problem, Exception? cause = null) => CdfErrorCode.InvalidRequest.Error(
        $"The KMS key '{IotNames.Shown(id)}' {problem}: a CA has an asymmetric key for SIGN_VERIFY, RSA_2048 to RSA_4096 or ECC_NIST_P256 to ECC_NIST_P521.", cause);
}
