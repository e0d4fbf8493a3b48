using System.Management.Automation;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Loader;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Aws.Signing;

namespace CdfProvisioning.PowerShell;

/// <summary>Serves the registry over HTTP: the REST API of CDF Provisioning.</summary>
/// <remarks>
/// <para>
/// The server runs in this session, over its connection, until Stop-CdfServer, the end of the session or the removal of
/// the module. Connect-Cdf and Disconnect-Cdf do not touch a server that runs. /openapi.json describes the API.
/// </para>
/// <para>
/// With AwsPort the registry is also served in AWS's own protocol, at a port of its own, so that the AWS CLI and AWS's SDKs
/// work against it: AWS IoT, S3 for templates and lists, and what belongs to them of SSM, ACM PCA and STS.
/// </para>
/// <para>
/// Only this machine can reach it, unless Address says otherwise; then every request has to send the API key in the header
/// x-api-key. Verbose with Wait shows the requests as they are answered; Get-CdfServer -Verbose shows the latest.
/// </para>
/// <para>
/// With DevicePort devices connect too, as they would to AWS IoT: MQTT 3.1.1 and 5 over TLS, each with its certificate, and
/// allowed what its policies allow. Messages live in memory, between the devices of this server.
/// </para>
/// <para>Needs the ASP.NET Core runtime of PowerShell's own .NET version.</para>
/// </remarks>
/// <example>
/// <para>Serve the registry until Ctrl+C, and show the requests</para>
/// <code>Start-CdfServer -Wait -Verbose</code>
/// </example>
/// <example>
/// <para>Serve AWS's own protocol too, and create a thing with the AWS CLI</para>
/// <code>
/// $server = Start-CdfServer -AwsPort 4566 -NewAccessKey
/// $env:AWS_ACCESS_KEY_ID, $env:AWS_SECRET_ACCESS_KEY, $env:AWS_DEFAULT_REGION = $server.AccessKey, $server.SecretKey, 'us-east-1'
/// aws --endpoint-url $server.AwsAddress iot create-thing --thing-name sensor-1
/// </code>
/// </example>
/// <example>
/// <para>Let devices connect, and see which are connected</para>
/// <code>
/// $server = Start-CdfServer -DevicePort 8883
/// Export-CdfRootCertificate ./root.pem
/// (Get-CdfServer $server.Port).Devices
/// </code>
/// </example>
/// <example>
/// <para>Serve other machines, with TLS and an API key</para>
/// <code>
/// $certificate = Get-PfxCertificate ./server.pfx
/// Start-CdfServer -Address 0.0.0.0 -Certificate $certificate -ApiKey $env:CDF_API_KEY -KeyDirectory ./keys
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "CdfServer", SupportsShouldProcess = true)]
[OutputType(typeof(ServerInfo))]
public sealed class StartCdfServerCommand : ServerCmdlet
{
    /// <summary>The port to listen on; 3004 if not given, 0 for any free one.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(IPEndPoint.MinPort, IPEndPoint.MaxPort)]
    public int Port { get; set; } = ServerOptions.DefaultPort;

    /// <summary>The IP address to listen on; 127.0.0.1 if not given, 0.0.0.0 for all of this machine's.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The certificate, with its private key, for TLS. Without one the server speaks plain HTTP.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>What every request has to send in the header x-api-key.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ApiKey { get; set; }

    /// <summary>Lets everyone who reaches an address that is not this machine's own use the server without an API key.</summary>
    [Parameter]
    public SwitchParameter AllowAnonymous { get; set; }

    /// <summary>The origins whose web pages may use the server, such as https://console.example; * for all. None if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CorsOrigin { get; set; } = [];

    /// <summary>The longest request body in bytes; 10MB if not given. A list of 100,000 devices has about 10 MB.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaxRequestBodySize { get; set; } = ServerOptions.DefaultMaxRequestBodySize;

    /// <summary>The folder in which the keys of devices registered by POST /bulkthings are written, readable by you alone. Needed for lists whose template makes keys.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>The one file, readable by you alone, to which the keys and certificates of devices registered by POST /bulkthings are appended, instead of KeyDirectory: a line of JSON a device (row, thing, certificateId, certificatePem, privateKeyPem). Export-CdfKey makes a file a device of it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>The file of the certificate (PEM or DER, RSA or EC) of who alone may read KeyFile: its lines are encrypted in batches (CMS, AES-256), so that no key is on this disk in the clear. Unprotect-CdfKeyFile or openssl cms -decrypt -inform PEM reads them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyRecipient { get; set; }

    /// <summary>The port for AWS's own protocol, 0 for any free one: the AWS CLI and AWS's SDKs then work against this registry (aws --endpoint-url). Not served if not given.</summary>
    [Parameter]
    [ValidateRange(IPEndPoint.MinPort, IPEndPoint.MaxPort)]
    public int? AwsPort { get; set; }

    /// <summary>The access key that AWS's clients have to sign with. Without one any will do, from this machine only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AccessKey { get; set; }

    /// <summary>The secret key of AccessKey.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretKey { get; set; }

    /// <summary>Makes an access key and its secret key for this server, and shows them in its output, once.</summary>
    [Parameter]
    public SwitchParameter NewAccessKey { get; set; }

    /// <summary>Goes on with the interrupted lists that clients have begun, which they wait for: on unless -ResumeTasks:$false is given.</summary>
    [Parameter]
    public SwitchParameter ResumeTasks { get; set; } = true;

    /// <summary>The file for one line of JSON a request, without headers, queries and bodies. At 10 MB it is renamed to name.1, name.1 to name.2, and so on to name.5.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>The port to which devices connect by MQTT over TLS with their certificates, 0 for any free one; AWS's is 8883. They cannot if not given.</summary>
    [Parameter]
    [ValidateRange(IPEndPoint.MinPort, IPEndPoint.MaxPort)]
    public int? DevicePort { get; set; }

    /// <summary>Names under which devices know this machine, beside localhost: the server's certificate for DevicePort has them, and the first is what DescribeEndpoint answers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] HostName { get; set; } = [];

    /// <summary>
    /// Is asked before a device provisions itself from a provisioning template: it gets one argument with the properties
    /// claimCertificateId, certificateId, certificatePem, templateArn, clientId and parameters, and within five seconds
    /// answers a hashtable such as @{ allowProvisioning = $true; parameterOverrides = @{ Site = 'ulm' } }. It runs beside the
    /// session and sees none of its variables.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? PreProvisioningHook { get; set; }

    /// <summary>Holds the session until Ctrl+C, which stops the server.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (AspNetCore.Folder is null)
            throw CdfErrorCode.Unavailable.Error(
                $"A server needs the ASP.NET Core Runtime {AspNetCore.Version}, which was not found. Install it (https://dotnet.microsoft.com/download/dotnet/{AspNetCore.Version}), or set DOTNET_ROOT to where it is, and start PowerShell anew.");

        var credentials = AwsCredentials();
        var options = new ServerOptions
        {
            Address = Address,
            Port = Port,
            Certificate = Certificate,
            ApiKey = ApiKey,
            AllowAnonymous = AllowAnonymous,
            CorsOrigins = CorsOrigin,
            MaxRequestBodySize = MaxRequestBodySize,
            KeyDirectory = KeyDirectory is null ? null : ResolvePath(KeyDirectory),
            KeyFile = KeyFile is null ? null : ResolvePath(KeyFile),
            KeyRecipient = ReadKeyRecipient(KeyRecipient),
            AwsPort = AwsPort,
            AwsCredentials = credentials,
            ResumesTasks = ResumeTasks,
            LogPath = LogPath is null ? null : ResolvePath(LogPath),
            DevicePort = DevicePort,
            HostNames = HostName,
            PreProvisioningHook = PreProvisioningHook is null ? null : new HookScript(PreProvisioningHook).AskAsync,
        };
        options.Check();
        var connection = await ConnectionAsync(cancellationToken);
        if (!ShouldProcess($"{Address}, port {Port}", $"Serve the registry {connection.Info}"))
            return;

        var server = await Servers.StartAsync(options, await SessionConnection.Current.ShareAsync(Connection, cancellationToken), cancellationToken);
        WriteVerbose($"Serving the registry at {server.Info.Address}.");
        if (server.Info.AwsAddress is { } aws)
            WriteVerbose($"Serving AWS's own protocol at {aws} (aws --endpoint-url).");
        if (server.Info.DeviceAddress is { } devices)
            WriteVerbose($"Devices can connect to {devices} (Export-CdfRootCertificate writes the certificate that they trust).");
        WriteObject(NewAccessKey ? server.Info with { AccessKey = credentials!.AccessKeyId, SecretKey = credentials.SecretAccessKey } : server.Info);
        if (Wait)
            await WaitAsync(server, cancellationToken);
    }

    private AwsCredentials? AwsCredentials() => (AccessKey, SecretKey) switch
    {
        (null, null) when NewAccessKey && AwsPort is not null => Server.Aws.Signing.AwsCredentials.CreateRandom(),
        _ when NewAccessKey => throw CdfErrorCode.InvalidRequest.Error("A new access key is made for AWS's own protocol, in place of one that is given: give -AwsPort and -NewAccessKey, without -AccessKey and -SecretKey."),
        (null, null) => null,
        ({ } access, { } secret) when AwsPort is not null => new(access, secret),
        _ => throw CdfErrorCode.InvalidRequest.Error("An access key has a secret key, and goes with AWS's own protocol: give -AwsPort, -AccessKey and -SecretKey."),
    };

    private async Task WaitAsync(CdfServer server, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var request in server.Journal.ReadAllAsync(cancellationToken))
                WriteVerbose(request.ToString());
        }
        finally
        {
            await Servers.StopAsync(server, CancellationToken.None);
        }
    }
}
