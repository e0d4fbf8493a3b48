using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Embedded.Registry;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>An AWS account on this machine: the embedded registry behind our AWS-compatible endpoint, on a line that can be cut.</summary>
internal sealed class AwsAccount : IAsyncDisposable
{
    public const string TemplateBucket = "my-templates";
    public const string BulkBucket = "my-bulk";

    private readonly TemporaryFolder _folder;
    private readonly AwsHost _host;

    private AwsAccount(TemporaryFolder folder, AwsHost host) => (_folder, _host) = (folder, host);

    /// <summary>The account's registry itself.</summary>
    public Connection Registry => _host.Connection;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="line">What becomes of a request on its way to the endpoint; it gets there if not given.</param>
    public static async Task<AwsAccount> OpenAsync(Func<HttpContext, RequestDelegate, Task>? line = null)
    {
        var folder = new TemporaryFolder();
        foreach (var bucket in (string[])[TemplateBucket, BulkBucket])
            Directory.CreateDirectory(folder.File($"account/buckets/{bucket}"));
        var settings = new RegistrySettings { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256, RunsOneTaskAtATime = true };
        return new(folder, await AwsHost.StartAsync(new(TestSettings.AccessKey, TestSettings.SecretKey), settings: settings, folder: folder.File("account"), region: "eu-west-1", line: line));
    }

    /// <summary>A factory in an account of its own.</summary>
    public static async Task<Factory> OpenFactoryAsync()
    {
        var account = await OpenAsync();
        return await Factory.OpenAsync(await account.ConnectAsync(), account.Registry, account);
    }

    /// <summary>A connection to the account, of which there may be several.</summary>
    public async Task<Connection> ConnectAsync(Func<AwsBackendOptions, AwsBackendOptions>? change = null)
    {
        var options = new AwsBackendOptions(_folder.File("home"))
        {
            Region = "eu-west-1",
            Keys = new AwsKeys(TestSettings.AccessKey, TestSettings.SecretKey),
            EndpointUrl = _host.Endpoint,
            TemplateBucket = TemplateBucket,
            BulkBucket = BulkBucket,
            BulkRoleArn = "arn:aws:iam::123456789012:role/bulk",
            Provisioning = new() { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256 },
            RequestsPerSecond = 1_000,
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        return await AwsBackend.OpenAsync(change is null ? options : change(options), Cancellation);
    }

    public string File(string name) => _folder.File(name);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
