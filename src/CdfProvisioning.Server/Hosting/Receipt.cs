using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// Tells whether the other end of a connection has what is sent to it from here on. An answer that is written is only the system's to send: that
/// its client had gone already shows when the system tries. Linux says how much has been acknowledged (tcp(7), TCP_INFO).
/// </summary>
internal sealed class Receipt
{
    private const int TcpLevel = 6, TcpInfo = 11, InfoLength = 216;
    private const int Unacknowledged = 24, Acknowledged = 120, NotSent = 144, Sent = 200, SentAgain = 208;
    private const byte Closed = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly Socket? _socket;
    private readonly long _sentBefore;

    public Receipt(Socket? socket)
    {
        if (!OperatingSystem.IsLinux() || socket is null)
            return;
        _socket = socket;
        _sentBefore = Read(socket)?.Sent ?? 0; // of one that is gone already HasComeAsync says so
    }

    /// <summary>Of an answer that has not begun yet.</summary>
    public static Receipt Of(HttpContext context) => new(context.Features.Get<IConnectionSocketFeature>()?.Socket);

    /// <param name="length">How many bytes have been written at least.</param>
    /// <param name="aborted">Says that the client is gone, or sends nothing any more.</param>
    /// <returns>False if the client does not have them, or has not said so in time.</returns>
    public async ValueTask<bool> HasComeAsync(long length, CancellationToken aborted)
    {
        if (_socket is null)
            return !aborted.IsCancellationRequested;
        var start = TimeProvider.System.GetTimestamp();
        for (var isFirst = true; TimeProvider.System.GetElapsedTime(start) < Patience; isFirst = false)
        {
            if (Read(_socket) is not { IsClosed: false } state)
                return false;
            if (state.IsQuiet && state.Acknowledged >= _sentBefore + length)
                return true;
            if (!isFirst && state.IsQuiet && aborted.IsCancellationRequested)
                return false; // What is written to a connection that is aborted is not sent.
            await Task.Delay(Pause, CancellationToken.None);
        }

        return false;
    }

    /// <returns>Null if the socket is gone.</returns>
    private static State? Read(Socket socket)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        try
        {
            if (socket.GetRawSocketOption(TcpLevel, TcpInfo, info) < InfoLength)
                return null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }

        return new(
            IsClosed: info[0] == Closed,
            IsQuiet: Number(info[Unacknowledged..]) == 0 && Number(info[NotSent..]) == 0,
            Acknowledged: Long(info[Acknowledged..]),
            Sent: Long(info[Sent..]) - Long(info[SentAgain..]));

        static uint Number(ReadOnlySpan<byte> bytes) => BitConverter.ToUInt32(bytes);
        static long Long(ReadOnlySpan<byte> bytes) => BitConverter.ToInt64(bytes);
    }

    private readonly record struct State(bool IsClosed, bool IsQuiet, long Acknowledged, long Sent);
}
