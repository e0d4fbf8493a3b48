using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// Accepts no connection for which there may be no file: it waits in the system's queue until another has gone. What Kestrel bounds itself is
/// closed once it is accepted, and many at once are accepted faster than they are closed.
/// </summary>
internal sealed class BoundedTransport : IConnectionListenerFactory
{
    /// <summary>How many more than are served are accepted, so that these are told at once that they are too many.</summary>
    private const int MostRefusedAtOnce = 4;

    private readonly SocketTransportFactory _sockets;
    private readonly int _max;

    private BoundedTransport(SocketTransportFactory sockets, int max) => (_sockets, _max) = (sockets, max);

    /// <param name="builder">The server.</param>
    /// <param name="served">How many connections it serves at once.</param>
    public static void Use(WebApplicationBuilder builder, int served)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentConnections = served);
        builder.Services.AddSingleton<IConnectionListenerFactory>(
            services => new BoundedTransport(ActivatorUtilities.CreateInstance<SocketTransportFactory>(services), (int)Math.Min((long)served + MostRefusedAtOnce, int.MaxValue)));
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await _sockets.BindAsync(endpoint, cancellationToken), _max);

    private sealed class Listener(IConnectionListener listener, int max) : IConnectionListener
    {
        private readonly SemaphoreSlim _room = new(max);
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await _room.WaitAsync(_unbound.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            var connection = await listener.AcceptAsync(cancellationToken);
            connection?.ConnectionClosed.Register(() => _room.Release());
            return connection;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await listener.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _unbound.CancelAsync();
            await listener.DisposeAsync();
        }
    }
}
