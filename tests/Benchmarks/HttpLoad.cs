using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace CdfProvisioning.Benchmarks;

/// <summary>Sends requests over connections that stay open, with next to no work of its own, and one at a time over each.</summary>
internal static class HttpLoad
{
    private const int Connections = 16;
    private const int MaxAnswer = 16 * 1024;

    /// <param name="address">The server.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="request">The bytes of each.</param>
    /// <param name="status">What every answer has to have.</param>
    /// <returns>Answers a second.</returns>
    public static async Task<double> RunAsync(Uri address, int count, Func<int, byte[]> request, int status)
    {
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(SendAsync)));
        return count / clock.Elapsed.TotalSeconds;

        async Task SendAsync()
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address.Host, address.Port);
            var buffer = new byte[MaxAnswer];
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                await socket.SendAsync(request(i));
                var answer = buffer.AsMemory(0, await ReceiveAsync(socket, buffer));
                if (!answer.Span.StartsWith(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ")))
                    throw new InvalidOperationException($"The server answered: {Encoding.UTF8.GetString(answer.Span)}");
            }
        }
    }

    public static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    public static byte[] Post(string path, string json) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

    /// <summary>Receives one answer, which has to say how long it is.</summary>
    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        var received = 0;
        var length = int.MaxValue;
        while (received < length)
        {
            var bytes = await socket.ReceiveAsync(buffer.AsMemory(received));
            received += bytes > 0 ? bytes : throw new InvalidOperationException("The server closed the connection.");
            length = Length(buffer.AsSpan(0, received)) ?? int.MaxValue;
        }

        return received;
    }

    private static int? Length(ReadOnlySpan<byte> received)
    {
        var name = "\r\nContent-Length: "u8;
        var headers = received.IndexOf("\r\n\r\n"u8);
        if (headers < 0)
            return null;
        return Utf8Parser.TryParse(received[(received.IndexOf(name) + name.Length)..], out int body, out _)
            ? headers + 4 + body
            : throw new InvalidOperationException("The answer does not say how long it is.");
    }
}
