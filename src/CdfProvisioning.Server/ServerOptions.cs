using System.Net;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Signing;
using CdfProvisioning.Server.Devices;

namespace CdfProvisioning.Server;

/// <summary>Where a server listens, to whom it answers, and what it accepts.</summary>
internal sealed record ServerOptions
{
    /// <summary>The port of the original service.</summary>
    public const int DefaultPort = 3004;

    /// <summary>10 MB.</summary>
    public const long DefaultMaxRequestBodySize = 10 * 1024 * 1024;

    /// <summary>Each takes a file descriptor, and what it asks for perhaps another.</summary>
    public const int DefaultMaxConnections = 1000;

    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen on; 0 for any free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The certificate, with its private key, for TLS; plain HTTP without one.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>What every request must send in the header <c>x-api-key</c>.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether anyone may use an address that is not loopback without an API key.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>The origins whose web pages may use the server; <c>*</c> for all.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>How many connections each port takes at once.</summary>
    public int MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>How many of them one address may have, so that no one client keeps the others out.</summary>
    public int MaxConnectionsPerAddress { get; init; } = DefaultMaxConnections / 2;

    /// <summary>The longest request body, in bytes.</summary>
    public long MaxRequestBodySize { get; init; } = DefaultMaxRequestBodySize;

    /// <summary>The folder for the keys of lists whose template makes keys; without one such lists are refused.</summary>
    public string? KeyDirectory { get; init; }

    /// <summary>The one file for those keys, instead of a folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The certificate (PEM) of who alone may read that file.</summary>
    public string? KeyRecipient { get; init; }

    /// <summary>The port for AWS's own protocol, 0 for any free one; none if not given.</summary>
    public int? AwsPort { get; init; }

    /// <summary>What AWS's clients have to sign with; without it any signature will do, from this machine only.</summary>
    public AwsCredentials? AwsCredentials { get; init; }

    /// <summary>Whether interrupted tasks that clients have begun go on when the server starts.</summary>
    public bool ResumesTasks { get; init; } = true;

    /// <summary>The file for one line a request; none if not given.</summary>
    public string? LogPath { get; init; }

    /// <summary>The port to which devices connect, 0 for any free one; none if not given.</summary>
    public int? DevicePort { get; init; }

    /// <summary>Names under which devices know this server, beside localhost.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>What is asked before a device provisions itself.</summary>
    public PreProvisioningHook? PreProvisioningHook { get; init; }

    /// <exception cref="CdfException">InvalidRequest: the options would serve strangers, or cannot serve at all.</exception>
    public void Check()
    {
        if (!IPAddress.IsLoopback(Address) && string.IsNullOrEmpty(ApiKey) && !AllowAnonymous)
            throw CdfErrorCode.InvalidRequest.Error(
                $"Whoever reaches {Address} could register and delete devices: give an API key (-ApiKey), or say that this is meant (-AllowAnonymous).");
        if (ApiKey is not null && string.IsNullOrWhiteSpace(ApiKey))
            throw CdfErrorCode.InvalidRequest.Error("The API key (-ApiKey) is blank, so anyone would know it: give another, or none.");
        if (AwsCredentials is { } credentials && (string.IsNullOrWhiteSpace(credentials.AccessKeyId) || string.IsNullOrWhiteSpace(credentials.SecretAccessKey)))
            throw CdfErrorCode.InvalidRequest.Error("The access key or its secret (-AccessKey, -SecretKey) is blank: give others, or have them made (-NewAccessKey).");
        foreach (var origin in CorsOrigins.Where(origin => origin != "*" && !IsOrigin(origin)))
            throw CdfErrorCode.InvalidRequest.Error(
                $"'{IotNames.Shown(origin)}' is no origin of web pages (-CorsOrigin): one is scheme, host and perhaps port, such as https://console.example, or * for all.");
        if (Certificate is { HasPrivateKey: false })
            throw CdfErrorCode.InvalidRequest.Error(
                $"The certificate '{Certificate.Subject}' has no private key, which TLS needs: give one that has (Get-PfxCertificate, for instance).");
    }

    /// <summary>A browser writes scheme, host and port, and nothing behind them (RFC 6454, section 6.2).</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0
        && text.Equals(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), StringComparison.OrdinalIgnoreCase);
}
