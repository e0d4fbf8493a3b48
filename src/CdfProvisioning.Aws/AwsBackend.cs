using Amazon.S3;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Amazon.SimpleSystemsManagement;
using CdfProvisioning.Aws.Certificates;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Aws.Iot;
using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Aws.Templates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws;

/// <summary>AWS as the backend: AWS IoT, templates in S3, CA keys in Systems Manager.</summary>
internal static class AwsBackend
{
    /// <summary>A throttled call of a list waits its turn again and again, rather than end the list.</summary>
    private const int ListRetries = 10;

    private static readonly TimeSpan UploadTimeout = TimeSpan.FromMinutes(5);

    /// <exception cref="CdfException">InvalidRequest: no region, no such profile; AccessDenied: no credentials, or AWS refuses them; Unavailable.</exception>
    public static async ValueTask<Connection> OpenAsync(AwsBackendOptions options, CancellationToken cancellationToken)
    {
        var settings = await new AwsCredentialSource(options).ResolveAsync(cancellationToken);
        var accountId = await AccountIdAsync(settings, cancellationToken);
        var journal = await Database.OpenAsync(
            Path.Combine(Path.GetFullPath(options.JournalFolder), "aws", $"{accountId}-{settings.Region}", "lists.db"), JournalSchema.OfItsOwnFile, cancellationToken);

        var rates = new RequestRates(options.RequestsPerSecond);
        var registry = new AwsDeviceRegistry(settings);
        var listRegistry = new AwsDeviceRegistry(settings, rates, ListRetries);
        var s3 = new AmazonS3Client(
            settings.Credentials, (settings with { Timeout = UploadTimeout }).Apply(new AmazonS3Config { ForcePathStyle = options.EndpointUrl is not null }));
        var ssm = new AmazonSimpleSystemsManagementClient(settings.Credentials, settings.Apply(new AmazonSimpleSystemsManagementConfig()));
        var privateCas = new AcmPcaClient(options.AcmPcaRoleArn is { } role ? settings with { Credentials = new AssumedRole(settings, role) } : settings);
        var caKeys = new SsmCaKeyStore(ssm);
        var remoteKeys = new RemoteKeys([.. options.KeyHolders, new KmsKeyHolder(_ => new(settings))]);
        var (templates, assignments) = Templates(s3, options);
        return new Connection(
            new ConnectionInfo("AWS", accountId, settings.Region, Path: null, TemplateLocation(options)), options.Provisioning, registry,
            templates, assignments, caKeys, remoteKeys, SignerCache.Of(registry, caKeys, remoteKeys), privateCas,
            new AwsTaskStore(journal, registry, listRegistry, s3, options), options.AssetLibrary,
            backend: new Closing(registry, listRegistry, rates, s3, ssm, privateCas, journal), pacedRegistry: listRegistry);
    }

    private static (ITemplateStore, ITemplateAssignmentStore) Templates(IAmazonS3 s3, AwsBackendOptions options)
    {
        if (options.TemplateBucket is not { } name)
        {
            var none = new NoTemplates();
            return (none, none);
        }
        var bucket = new S3Bucket(s3, name);
        var prefix = options.Provisioning.TemplatePrefix ?? "";
        return (new S3TemplateStore(bucket, prefix, options.Provisioning.TemplateSuffix ?? ".json"), new S3AssignmentStore(bucket, prefix));
    }

    private static string TemplateLocation(AwsBackendOptions options) =>
        options.TemplateBucket is { } bucket ? $"s3://{bucket}/{options.Provisioning.TemplatePrefix}" : "";

    /// <summary>Also finds out whether the credentials are any good: no one needs a permission for it.</summary>
    private static async ValueTask<string> AccountIdAsync(AwsSettings settings, CancellationToken cancellationToken)
    {
        using var sts = new AmazonSecurityTokenServiceClient(settings.Credentials, settings.Apply(new AmazonSecurityTokenServiceConfig()));
        try
        {
            return (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellationToken)).Account;
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw new AwsFailures(AwsService.Sts, (Amazon.Runtime.ClientConfig)sts.Config).Translate(e, "GetCallerIdentity");
        }
    }

    /// <summary>What a connection holds, closed in this order.</summary>
    private sealed class Closing(params object[] held) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var each in held)
                if (each is IAsyncDisposable asynchronous)
                    await asynchronous.DisposeAsync();
                else
                    ((IDisposable)each).Dispose();
        }
    }
}
