using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// The names under which a server may be asked. A web page whose name somebody has pointed at this machine (DNS
/// rebinding) gives itself away by that name.
/// </summary>
internal sealed class HostNames(IPAddress address, X509Certificate2? certificate)
{
    private readonly bool _isLoopback = IPAddress.IsLoopback(address);
    private readonly bool _isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
    private readonly string _machine = Dns.GetHostName();

    /// <param name="host">The Host header's host, without port.</param>
    public bool IsOurs(string host)
    {
        if (IPAddress.TryParse(host, out var literal))
            return _isAny || literal.Equals(address) || (_isLoopback && IPAddress.IsLoopback(literal));
        if (Is(host, "localhost") || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) // RFC 6761: nobody's but this machine's.
            return _isAny || _isLoopback;
        return (!_isLoopback && Is(host, _machine))
            || (host.Length > 0 && certificate?.MatchesHostname(host, allowCommonName: false) == true);
    }

    private static bool Is(string host, string name) => host.Equals(name, StringComparison.OrdinalIgnoreCase);
}
