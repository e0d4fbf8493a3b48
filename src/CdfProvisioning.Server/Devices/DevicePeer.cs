using System.Net;
using CdfProvisioning.Certificates;
using CdfProvisioning.Devices;
using CdfProvisioning.Embedded.Registry;

namespace CdfProvisioning.Server.Devices;

/// <summary>Who is at the other end of a TLS connection, as far as the certificate says.</summary>
internal sealed class DevicePeer
{
    /// <summary>The server's name that was asked for; empty if none was.</summary>
    public required string ServerName { get; init; }

    public required IPEndPoint? Remote { get; init; }

    /// <summary>A device whose certificate is registered.</summary>
    public DeviceIdentity? Identity { get; set; }

    /// <summary>What <see cref="Identity"/> was read from.</summary>
    public string? Stamp { get; set; }

    /// <summary>A certificate that is not registered, of a CA whose certificates register themselves.</summary>
    public (ParsedCertificate Certificate, StoredCa Ca)? Newcomer { get; set; }
}
