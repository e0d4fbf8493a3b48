using System.Net;
using Microsoft.AspNetCore.Connections;

namespace CdfProvisioning.Server.Hosting;

/// <summary>Closes connections of an address that has enough of them already, before anything of theirs is read.</summary>
/// <param name="max">How many an address may have at once.</param>
internal sealed class ConnectionLimit(int max)
{
    private readonly Dictionary<IPAddress, int> _counts = [];

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            await next(connection);
            return;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (!TryEnter(address))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    };

    private bool TryEnter(IPAddress address)
    {
        lock (_counts)
        {
            var count = _counts.GetValueOrDefault(address);
            if (count >= max)
                return false;
            _counts[address] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_counts)
        {
            if (--_counts[address] == 0)
                _counts.Remove(address);
        }
    }
}
