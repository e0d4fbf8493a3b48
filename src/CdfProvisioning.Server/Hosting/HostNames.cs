using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

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

    public bool IsOurs(HttpRequest request) => HostOf(request) is { } host && IsOurs(host);

    private bool IsOurs(string host)
    {
        if (IPAddress.TryParse(host, out var literal))
            return _isAny || literal.Equals(address) || (_isLoopback && IPAddress.IsLoopback(literal));
        if (Is(host, "localhost") || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) // RFC 6761: nobody's but this machine's.
            return _isAny || _isLoopback;
        return (!_isLoopback && Is(host, _machine))
            || (Uri.CheckHostName(host) == UriHostNameType.Dns && certificate?.MatchesHostname(host, allowCommonName: false) == true);
    }

    /// <returns>The Host header's host, without port; null if it is no name: the framework reads one of another alphabet (xn--) when it is asked for it.</returns>
    private static string? HostOf(HttpRequest request)
    {
        try
        {
            return request.Host.Host.Trim('[', ']');
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool Is(string host, string name) => host.Equals(name, StringComparison.OrdinalIgnoreCase);
}
