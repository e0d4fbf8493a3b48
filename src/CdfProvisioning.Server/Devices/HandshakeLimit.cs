using Microsoft.AspNetCore.Connections;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// How many connections there may be whose device has not been let in yet. One too many closes the oldest of them, so that whoever only
/// opens connections keeps no device from connecting.
/// </summary>
internal sealed class HandshakeLimit(int max)
{
    private readonly LinkedList<ConnectionContext> _underWay = [];

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var node = Enter(connection);
        connection.Items[typeof(HandshakeLimit)] = node;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(node);
        }
    };

    /// <summary>The device of a connection has been let in.</summary>
    public void Admit(ConnectionContext connection) => Leave((LinkedListNode<ConnectionContext>)connection.Items[typeof(HandshakeLimit)]!);

    private LinkedListNode<ConnectionContext> Enter(ConnectionContext connection)
    {
        ConnectionContext? oldest = null;
        LinkedListNode<ConnectionContext> node;
        lock (_underWay)
        {
            node = _underWay.AddLast(connection);
            if (_underWay.Count > max)
            {
                oldest = _underWay.First!.Value;
                _underWay.RemoveFirst();
            }
        }

        oldest?.Abort(new ConnectionAbortedException("Too many devices connect at once, and this one has taken the longest."));
        return node;
    }

    private void Leave(LinkedListNode<ConnectionContext> node)
    {
        lock (_underWay)
            if (node.List is not null)
                _underWay.Remove(node);
    }
}
