using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Local;
using CdfProvisioning.Server;
using CdfProvisioning.Server.AwsWire;
using CdfProvisioning.Server.Hosting;

namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>An AWS account on this machine: the embedded registry behind our AWS-compatible endpoint.</summary>
internal sealed class AwsAccount : IAsyncDisposable
{
    public const string TemplateBucket = "my-templates";
    public const string BulkBucket = "my-bulk";

    private readonly TemporaryFolder _folder = new();
    private readonly Connection _account;
    private readonly AwsServer _server;

    private AwsAccount(TemporaryFolder folder, Connection account, AwsServer server) => (_folder, _account, _server) = (folder, account, server);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<AwsAccount> OpenAsync()
    {
        var folder = new TemporaryFolder();
        var account = await LocalBackend.OpenAsync(
            new LocalBackendOptions(folder.File("account"), Region: "eu-west-1", Settings: new() { CreatesP256Keys = true, RunsOneTaskAtATime = true }),
            Cancellation);
        var server = await AwsServer.StartAsync(new ServerOptions { AwsPort = 0 }, account, new RequestJournal(), Cancellation);
        foreach (var bucket in (string[])[TemplateBucket, BulkBucket])
            Directory.CreateDirectory(folder.File($"account/buckets/{bucket}"));
        return new(folder, account, server);
    }

    /// <summary>A factory in an account of its own.</summary>
    public static async Task<Factory> OpenFactoryAsync()
    {
        var account = await OpenAsync();
        return await Factory.OpenAsync(await account.ConnectAsync(), account._account, account);
    }

    /// <summary>A connection to the account, of which there may be several.</summary>
    public async Task<Connection> ConnectAsync(Func<AwsBackendOptions, AwsBackendOptions>? change = null)
    {
        var options = new AwsBackendOptions(_folder.File("home"))
        {
            Region = "eu-west-1",
            Keys = new AwsKeys(TestSettings.AccessKey, TestSettings.SecretKey),
            EndpointUrl = _server.Address,
            TemplateBucket = TemplateBucket,
            BulkBucket = BulkBucket,
            BulkRoleArn = "arn:aws:iam::123456789012:role/bulk",
            RequestsPerSecond = 1_000,
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        return await AwsBackend.OpenAsync(change is null ? options : change(options), Cancellation);
    }

    public string File(string name) => _folder.File(name);

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _account.DisposeAsync();
        _folder.Dispose();
    }
}
