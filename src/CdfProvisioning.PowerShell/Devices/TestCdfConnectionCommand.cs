using System.Collections.Concurrent;
using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;
using CdfProvisioning.Server.Devices;

namespace CdfProvisioning.PowerShell;

/// <summary>Connects as a device does, and tells how far it comes and why not further.</summary>
/// <remarks>
/// <para>
/// The steps are those of a device: resolve the server's name, connect, TLS with the device's certificate, MQTT CONNECT,
/// and, if asked for, a subscription and a publish. Where it stops, the registry is asked for the reason: a certificate
/// that is INACTIVE, a policy that does not allow it.
/// </para>
/// <para>The device's key is read from where New-CdfThing or a list has written it, and goes nowhere.</para>
/// </remarks>
/// <example>
/// <para>Does the device connect, and may it publish?</para>
/// <code>Test-CdfConnection sensor-1 -KeyDirectory ./keys -PublishTo sensors/sensor-1/data</code>
/// </example>
/// <example>
/// <para>Test every device of a list</para>
/// <code>Get-CdfBulkRegistrationResult $task | Test-CdfConnection -KeyDirectory ./keys -ThrottleLimit 50 | Where-Object -not Succeeded</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CdfConnection", DefaultParameterSetName = "KeyDirectory")]
[OutputType(typeof(ConnectionTestResult), typeof(bool))]
public sealed class TestCdfConnectionCommand : CdfCmdlet
{
    /// <summary>The names of the things.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] ThingName { get; set; } = [];

    /// <summary>The folder of the devices' keys, as New-CdfThing -KeyDirectory writes it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "KeyDirectory")]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>The file of keys that a list has written (-KeyFile); Unprotect-CdfKeyFile opens an encrypted one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "KeyFile")]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>The PEM file that has the device's certificate.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Certificate")]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The PEM file that has the device's private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Certificate")]
    [ValidateNotNullOrEmpty]
    public string? PrivateKeyPath { get; set; }

    /// <summary>The server, with its port if that is not 8883, or its address as Get-CdfServer has it; the registry's own (DescribeEndpoint) if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? EndPoint { get; set; }

    /// <summary>The PEM file of the root that the server's certificate has to come from; that of the embedded registry, or those that this machine trusts, if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RootCertificatePath { get; set; }

    /// <summary>The client id; the thing's name if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>A topic to publish {} to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PublishTo { get; set; }

    /// <summary>A topic filter to subscribe to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SubscribeTo { get; set; }

    /// <summary>For how many seconds to wait for each step; 10 if not given.</summary>
    [Parameter]
    [ValidateRange(1, 600)]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>How many devices connect at a time; 10 if not given.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 10;

    /// <summary>Answers only true or false: whether every device came through.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private readonly List<string> _names = [];

    private protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _names.AddRange(ThingName);
        return Task.CompletedTask;
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var (host, port) = await EndPointAsync(connection, cancellationToken);
        using var root = await RootAsync(connection, cancellationToken);
        var keys = await KeysAsync(connection, cancellationToken);
        var resources = new PolicyResources(Arn.Prefix(connection.Info.Region, connection.Info.AccountId));
        var results = new ConcurrentQueue<object>();
        using var ready = new SemaphoreSlim(0);
        var work = Parallel.ForEachAsync(_names, new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken }, async (name, token) =>
        {
            object result;
            try
            {
                var (certificate, key) = keys(name);
                result = await Task.Run(
                    () => ConnectionTest.RunAsync(
                        new(host, port, ClientId ?? name, certificate, key)
                        {
                            ThingName = name,
                            Root = root,
                            PublishTo = PublishTo,
                            SubscribeTo = SubscribeTo,
                            Patience = TimeSpan.FromSeconds(TimeoutSeconds),
                        },
                        connection.Registry, resources, token),
                    token);
            }
            catch (CdfException e)
            {
                result = e.ToErrorRecord(name);
            }

            results.Enqueue(result);
            ready.Release();
        });

        var allSucceeded = true;
        for (var i = 0; i < _names.Count; i++)
        {
            await ready.WaitAsync(cancellationToken);
            results.TryDequeue(out var result);
            allSucceeded &= result is ConnectionTestResult { Succeeded: true };
            if (result is ErrorRecord error)
                WriteError(error);
            else if (!Quiet)
                WriteObject(result);
        }

        await work;
        if (Quiet)
            WriteObject(allSucceeded);
    }

    private async Task<(string Host, int Port)> EndPointAsync(Connection connection, CancellationToken cancellationToken)
    {
        var endPoint = EndPoint ?? (await connection.Registry.InvokeAsync(new DescribeEndpointRequest("iot:Data-ATS"), cancellationToken)).EndpointAddress!;
        if (!Uri.TryCreate(endPoint.Contains("://", StringComparison.Ordinal) ? endPoint : $"mqtts://{endPoint}", UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw CdfErrorCode.InvalidRequest.Error($"'{endPoint}' is not a server: give its name, and its port if that is not 8883, as in localhost:8884.");
        return (uri.Host.Trim('[', ']'), uri.Port < 0 ? DeviceAddress.DefaultPort : uri.Port);
    }

    private async Task<X509Certificate2?> RootAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (RootCertificatePath is not null)
        {
            var pem = await ReadFileAsync(RootCertificatePath, cancellationToken);
            return X509CertificateLoader.LoadCertificate(ParsedCertificate.FromPem(pem, $"The file '{RootCertificatePath}'").Der);
        }

        return connection.Registry is EmbeddedRegistry registry
            ? X509CertificateLoader.LoadCertificate((await registry.ServerRootAsync(cancellationToken)).Certificate.Der)
            : null;
    }

    /// <summary>Finds the certificate and the key of a thing.</summary>
    private async Task<Func<string, (string Certificate, string Key)>> KeysAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (CertificatePath is not null)
        {
            var pair = (await ReadFileAsync(CertificatePath, cancellationToken), await ReadFileAsync(PrivateKeyPath!, cancellationToken));
            return _ => pair;
        }

        if (KeyDirectory is not null)
        {
            var folder = Keys.KeyDirectory.At(ResolvePath(KeyDirectory), connection.Info.ToString());
            return name => File.Exists(folder.FileOf(name)) && File.ReadAllText(folder.FileOf(name)) is var text
                ? (text, text)
                : throw CdfErrorCode.NotFound.Error($"There is no key of thing '{name}': no file '{folder.FileOf(name)}'.");
        }

        var lines = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var line in (await ReadFileAsync(KeyFile!, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Add(lines, line);
        return name => lines.TryGetValue(name, out var pair) ? pair : throw CdfErrorCode.NotFound.Error($"The file '{KeyFile}' has no key of thing '{name}'.");
    }

    private void Add(Dictionary<string, (string Certificate, string Key)> lines, string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if ((Text("thing") ?? Text("thingName")) is { } name && (Text("privateKeyPem") ?? Text("privateKey")) is { } key && Text("certificatePem") is { } certificate)
                lines[name] = (certificate, key);

            string? Text(string member) => json.RootElement.EnumerateObject()
                .Where(m => m.Name.Equals(member, StringComparison.OrdinalIgnoreCase) && m.Value.ValueKind == JsonValueKind.String).Select(m => m.Value.GetString()).FirstOrDefault();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The file '{KeyFile}' is not JSON lines with keys: {e.Message} An encrypted one has to be opened first (Unprotect-CdfKeyFile).", e);
        }
    }
}
