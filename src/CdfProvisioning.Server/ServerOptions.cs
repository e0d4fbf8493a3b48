using System.Net;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Server.Aws.Signing;

namespace CdfProvisioning.Server;

/// <summary>Where a server listens, to whom it answers, and what it accepts.</summary>
internal sealed record ServerOptions
{
    /// <summary>The port of the original service.</summary>
    public const int DefaultPort = 3004;

    /// <summary>10 MB.</summary>
    public const long DefaultMaxRequestBodySize = 10 * 1024 * 1024;

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

    /// <summary>The longest request body, in bytes.</summary>
    public long MaxRequestBodySize { get; init; } = DefaultMaxRequestBodySize;

    /// <summary>The folder for the keys of lists whose template makes keys; without one such lists are refused.</summary>
    public string? KeyDirectory { get; init; }

    /// <summary>The port for AWS's own protocol, 0 for any free one; none if not given.</summary>
    public int? AwsPort { get; init; }

    /// <summary>What AWS's clients have to sign with; without it any signature will do, from this machine only.</summary>
    public AwsCredentials? AwsCredentials { get; init; }

    /// <exception cref="CdfException">InvalidRequest: the options would serve strangers, or cannot serve at all.</exception>
    public void Check()
    {
        if (!IPAddress.IsLoopback(Address) && string.IsNullOrEmpty(ApiKey) && !AllowAnonymous)
            throw new CdfException(
                CdfErrorCode.InvalidRequest,
                $"Whoever reaches {Address} could register and delete devices: give an API key (-ApiKey), or say that this is meant (-AllowAnonymous).");
        if (Certificate is { HasPrivateKey: false })
            throw new CdfException(
                CdfErrorCode.InvalidRequest,
                $"The certificate '{Certificate.Subject}' has no private key, which TLS needs: give one that has (Get-PfxCertificate, for instance).");
    }
}
