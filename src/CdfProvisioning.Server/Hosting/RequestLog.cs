using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using CdfProvisioning.Files;

namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// A file with one line of JSON a request: what a log may know of it, and no header, query or body. When it has become long
/// it is renamed to <c>name.1</c>, what was that to <c>name.2</c>, and so on; the oldest goes.
/// </summary>
internal sealed class RequestLog : IAsyncDisposable
{
    private const long DefaultMaxLength = 10 * 1024 * 1024;
    private const int KeptFiles = 5;

    /// <summary>How many lines may wait for the disk; more are dropped, and counted.</summary>
    private const int MaxWaiting = 10_000;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<ServedRequest> _waiting = Channel.CreateBounded<ServedRequest>(MaxWaiting);
    private readonly string _path;
    private readonly long _maxLength;
    private readonly Task _writing;
    private FileStream? _file;
    private int _dropped;

    private RequestLog(string path, FileStream file, long maxLength)
    {
        (_path, _file, _maxLength) = (path, file, maxLength);
        _writing = Task.Run(WriteAllAsync);
    }

    /// <exception cref="CdfException">Unavailable, AccessDenied: the file cannot be written to.</exception>
    public static RequestLog Open(string path, long maxLength = DefaultMaxLength)
    {
        try
        {
            return new(path, OpenFile(path), maxLength);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The log", path, e);
        }
    }

    public void Add(ServedRequest request)
    {
        if (!_waiting.Writer.TryWrite(request))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>How many lines wait for the disk.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Writes what is waiting, as far as there is room.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
        try
        {
            await CloseAsync();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            // A full disk must not keep a server from ending.
        }
    }

    private static FileStream OpenFile(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            throw new IOException("It is a link.");
        if (file.Exists && !UnixFiles.IsRegular(path))
            throw new IOException("It is no file.");
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }

    private async Task WriteAllAsync()
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync())
        {
            try
            {
                await WriteAsync(request);
            }
            catch (Exception e) when (FileFailures.IsExpected(e))
            {
                Interlocked.Increment(ref _dropped); // A full disk must not end the server.
            }
        }
    }

    private async Task WriteAsync(ServedRequest request)
    {
        if (_file?.Length >= _maxLength)
            await RotateAsync();
        _file ??= OpenFile(_path);
        await _file.WriteAsync(LineOf(request, Interlocked.Exchange(ref _dropped, 0)));
        if (_waiting.Reader.Count == 0)
            await _file.FlushAsync();
    }

    private async Task RotateAsync()
    {
        await CloseAsync();
        for (var number = KeptFiles - 1; number > 0; number--)
            if (File.Exists(NameOf(number)))
                File.Move(NameOf(number), NameOf(number + 1), overwrite: true);
        File.Move(_path, NameOf(1), overwrite: true);
    }

    /// <summary>A file that cannot be written to its end is closed all the same.</summary>
    private async ValueTask CloseAsync()
    {
        var file = _file;
        _file = null;
        if (file is not null)
            await file.DisposeAsync();
    }

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    private static byte[] LineOf(ServedRequest request, int dropped)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Json))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("method", request.Method);
            json.WriteString("path", request.Path);
            json.WriteString("route", request.Route);
            json.WriteNumber("status", request.Status);
            json.WriteNumber("milliseconds", Math.Round(request.Elapsed.TotalMilliseconds, 3));
            json.WriteString("requestId", request.RequestId);
            json.WriteString("client", request.Client);
            if (request.Failure is not null)
                json.WriteString("failure", request.Failure);
            if (dropped > 0)
                json.WriteNumber("linesLostBefore", dropped);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}
