using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;

namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// Tells whether the other end of a connection has what is sent to it from here on. An answer that is written is only the system's to send: that
/// its client had gone already shows when the system tries. Linux says how much has been acknowledged (tcp(7), TCP_INFO), also of a connection
/// that has been closed since: it is asked over a descriptor of its own (dup(2)).
/// </summary>
internal sealed partial class Receipt : IDisposable
{
    private const int TcpLevel = 6, TcpInfo = 11, InfoLength = 216;
    private const int Acknowledged = 120, NotSent = 144, Sent = 200, SentAgain = 208;
    private const byte Established = 1, Closed = 7, ClosedByTheOther = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly SafeFileHandle? _connection;
    private readonly long _sentBefore;

    public Receipt(Socket? socket)
    {
        if (!OperatingSystem.IsLinux() || socket is null)
            return;
        _connection = Duplicate(socket);
        _sentBefore = Read()?.Sent ?? 0;
    }

    /// <summary>Of an answer that has not begun yet.</summary>
    public static Receipt Of(HttpContext context) => new(context.Features.Get<IConnectionSocketFeature>()?.Socket);

    /// <param name="length">How many bytes have been written at least.</param>
    /// <param name="aborted">Says that the client is gone, or sends nothing any more.</param>
    /// <returns>False if the client does not have them, or has not said so in time.</returns>
    public async Task<bool> HasComeAsync(long length, CancellationToken aborted)
    {
        if (_connection is null)
            return !aborted.IsCancellationRequested;
        long? end = null;
        var start = TimeProvider.System.GetTimestamp();
        for (var isFirst = true; TimeProvider.System.GetElapsedTime(start) < Patience; isFirst = false)
        {
            if (Read() is not { } state)
                return false;
            if (state.IsAllSent && state.Sent >= _sentBefore + length)
                end ??= state.Sent;
            if (state.Acknowledged >= end)
                return true;
            if (state.Is(Closed) || (end is null && state.IsAllSent && (!state.CanSend || (!isFirst && aborted.IsCancellationRequested))))
                return false; // What is written to a connection that is closed or aborted is not sent.
            await Task.Delay(Pause, CancellationToken.None);
        }

        return false;
    }

    public void Dispose() => _connection?.Dispose();

    /// <returns>One that is invalid if the socket is gone, or no more descriptors can be had.</returns>
    private static SafeFileHandle Duplicate(Socket socket)
    {
        var isHeld = false;
        try
        {
            socket.SafeHandle.DangerousAddRef(ref isHeld);
            return new(Duplicate(socket.SafeHandle.DangerousGetHandle()), ownsHandle: true);
        }
        catch (ObjectDisposedException)
        {
            return new();
        }
        finally
        {
            if (isHeld)
                socket.SafeHandle.DangerousRelease();
        }
    }

    private State? Read()
    {
        Span<byte> info = stackalloc byte[InfoLength];
        var length = InfoLength;
        if (_connection!.IsInvalid || GetOption(_connection, TcpLevel, TcpInfo, info, ref length) != 0 || length < InfoLength)
            return null;
        return new(
            info[0],
            IsAllSent: BitConverter.ToUInt32(info[NotSent..]) == 0,
            Acknowledged: BitConverter.ToInt64(info[Acknowledged..]),
            Sent: BitConverter.ToInt64(info[Sent..]) - BitConverter.ToInt64(info[SentAgain..]));
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial nint Duplicate(nint descriptor);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetOption(SafeFileHandle socket, int level, int name, Span<byte> value, ref int length);

    private readonly record struct State(byte Name, bool IsAllSent, long Acknowledged, long Sent)
    {
        public bool CanSend => Is(Established) || Is(ClosedByTheOther);

        public bool Is(byte name) => Name == name;
    }
}
