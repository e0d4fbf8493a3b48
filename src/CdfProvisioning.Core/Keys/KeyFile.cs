using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CdfProvisioning.Files;
using Microsoft.Win32.SafeHandles;

namespace CdfProvisioning.Keys;

/// <summary>How many rows of a task have results: what says whether a batch of keys was for nothing.</summary>
/// <returns>Null if there is no such task here.</returns>
internal delegate ValueTask<long?> RowsDone(string taskId);

/// <summary>
/// One file (0600) for the keys of many devices, to which lists append in batches: a JSON line a device (<see cref="KeyLine"/>), or, for a
/// <see cref="KeyRecipient"/>, a CMS block a batch. A batch is on the disk before its rows are committed, and stays only if they are.
/// </summary>
/// <remarks>
/// Whoever appends holds the lock of a file beside it, whose name begins with a dot. Before it appends it notes there where the file
/// ended and which rows of which task come: if it is killed, the next who appends asks the task whether those rows have results,
/// and cuts the batch off if they have not.
/// </remarks>
internal sealed class KeyFile
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(2);

    private readonly KeyRecipient? _recipient;
    private readonly string _registry;
    private readonly RowsDone _rowsDone;

    private KeyFile(string path, KeyRecipient? recipient, string registry, RowsDone rowsDone) =>
        (Path, _recipient, _registry, _rowsDone) = (System.IO.Path.GetFullPath(path), recipient, registry, rowsDone);

    public string Path { get; }

    /// <summary>Who else may write to its folder, and what to do about it; null for nobody.</summary>
    public string? Warning { get; private set; }

    private string Folder => System.IO.Path.GetDirectoryName(Path)!;

    private string NotePath => System.IO.Path.Combine(Folder, $".{System.IO.Path.GetFileName(Path)}.batch");

    /// <summary>Opens a key file, or makes it; finds out whether it can be appended to.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recipientPem">The certificate of who alone may read it; null for lines in the clear.</param>
    /// <param name="registry">What tells the registry of the tasks from every other.</param>
    /// <param name="rowsDone">Knows the tasks.</param>
    /// <exception cref="CdfException">Unavailable; InvalidRequest: everybody may write to its folder, it is no key file, or one of another form.</exception>
    public static KeyFile Open(string path, string? recipientPem, string registry, RowsDone rowsDone)
    {
        var file = new KeyFile(path, recipientPem is null ? null : KeyRecipient.Of(recipientPem), registry, rowsDone);
        file.Do(file.Prepare);
        return file;
    }

    /// <summary>Refuses for a plan what <see cref="Open"/> would refuse of the file as it stands; nothing is made or changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recipientPem">The certificate of who alone may read it; null for lines in the clear.</param>
    /// <param name="registry">What tells the registry of the tasks from every other.</param>
    /// <exception cref="CdfException">As from <see cref="Open"/>.</exception>
    public static void Check(string path, string? recipientPem, string registry)
    {
        var file = new KeyFile(path, recipientPem is null ? null : KeyRecipient.Of(recipientPem), registry, _ => new((long?)null));
        file.Do(() =>
        {
            file.Check();
            PrivateFiles.CheckFolder(file.Folder);
            return true;
        });
    }

    /// <summary>Begins a batch, when it is its turn. To be disposed of: unless it is kept by then, nothing of it stays.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="lastRow">The last row of the batch: if that has a result, all have.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<Batch> BeginAsync(string taskId, long lastRow, CancellationToken cancellationToken)
    {
        var note = await LockAsync(cancellationToken);
        try
        {
            await RecoverAsync(note);
            var handle = Do(() => UnixFiles.OpenRegular(Path, FileAccess.ReadWrite));
            return new Batch(this, note, handle, new(RandomAccess.GetLength(handle), _registry, taskId, lastRow));
        }
        catch
        {
            await note.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends what a killed process has left at the end of the file.</summary>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken)
    {
        await using var note = await LockAsync(cancellationToken);
        await RecoverAsync(note);
    }

    /// <summary>The lines of a key file, in its order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="holder">The recipient's certificate with its private key, if the file is encrypted.</param>
    /// <exception cref="CdfException">Unavailable, NotFound; InvalidRequest: it is no key file, or encrypted for another.</exception>
    public static IEnumerable<KeyLine> Read(string path, X509Certificate2? holder)
    {
        var number = 0;
        foreach (var line in Lines(path, holder))
        {
            number++;
            KeyLine read;
            try
            {
                read = KeyLine.Decode(Encoding.UTF8.GetBytes(line));
            }
            catch (JsonException e)
            {
                throw CdfErrorCode.InvalidRequest.Error($"Line {number} of '{path}' is no key of a device: {JsonMessages.WithoutPlace(e.Message)}.", e);
            }
            yield return read;
        }
    }

    private static IEnumerable<string> Lines(string path, X509Certificate2? holder)
    {
        using var reader = OpenText(path);
        StringBuilder? block = null;
        while (reader.ReadLine() is { } line)
        {
            if (block is null && !line.StartsWith("-----BEGIN CMS", StringComparison.Ordinal))
            {
                if (line.Length > 0)
                    yield return line;
                continue;
            }

            (block ??= new()).Append(line).Append('\n');
            if (!line.StartsWith("-----END CMS", StringComparison.Ordinal))
                continue;
            if (holder is null)
                throw CdfErrorCode.InvalidRequest.Error($"The key file '{path}' is encrypted: name the certificate and the private key of its recipient.");
            foreach (var unsealed in Encoding.UTF8.GetString(KeyRecipient.Unseal(block.ToString(), holder)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                yield return unsealed;
            block = null;
        }
    }

    private static StreamReader OpenText(string path)
    {
        try
        {
            return new StreamReader(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CdfErrorCode.NotFound.Error($"There is no key file '{path}'.", e);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotRead("The key file", path, e);
        }
    }

    private bool Check()
    {
        if (Directory.Exists(Path))
            throw CdfErrorCode.InvalidRequest.Error($"The key file '{Path}' is a folder: name a file in it, or the folder with -KeyDirectory.");
        if (!Directory.Exists(Folder))
            return false;
        var (everybody, somebody) = UnixFiles.OthersWhoWrite(Folder);
        if (everybody)
            throw CdfErrorCode.InvalidRequest.Error($"Everybody may write to '{Folder}', the folder of the key file, and so replace it: take that right away (chmod go-w), or name a file elsewhere.");
        Warning = somebody is null ? null : $"Others may write to '{Folder}', the folder of the key file, and so replace it ({somebody}): take that right away (chown, chmod go-w), or name a file elsewhere.";
        if (!File.Exists(Path))
            return false;
        using var file = UnixFiles.OpenRegular(Path, FileAccess.ReadWrite);
        var begin = new byte[KeyRecipient.Begin.Length];
        var length = RandomAccess.Read(file, begin, 0);
        var isSealed = begin.AsSpan(0, length).SequenceEqual(KeyRecipient.Begin);
        if (length > 0 && !isSealed && begin[0] != '{')
            throw CdfErrorCode.InvalidRequest.Error($"The file '{Path}' exists and is no key file: name another.");
        if (length > 0 && isSealed != _recipient is not null)
            throw CdfErrorCode.InvalidRequest.Error(isSealed
                ? $"The key file '{Path}' is encrypted: name its recipient (-KeyRecipient), or another file."
                : $"The key file '{Path}' is not encrypted: name another file for what is to be.");
        return true;
    }

    private bool Prepare()
    {
        if (!Check())
        {
            PrivateFiles.CreateFolder(Folder);
            Make(Path);
            Check();
        }

        using var file = UnixFiles.OpenRegular(Path, FileAccess.ReadWrite);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return true;
    }

    private static void Make(string path)
    {
        try
        {
            PrivateFiles.OpenNew(path).Dispose();
        }
        catch (IOException) when (System.IO.Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            // It is there; what it is, is looked at when it is opened.
        }
    }

    private async ValueTask<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Do(() =>
        {
            Make(NotePath);
            return true;
        });
        for (var until = Environment.TickCount64 + (long)LockTimeout.TotalMilliseconds; ;)
        {
            var handle = Do(() => UnixFiles.OpenRegular(NotePath, FileAccess.ReadWrite));
            if (UnixFiles.TryLock(handle))
                return new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
            handle.Dispose();
            if (Environment.TickCount64 > until)
                throw CdfErrorCode.Unavailable.Error($"The key file '{Path}' is held by another process that does not let go of it (its lock is '{NotePath}'): end that, or name another file.");
            await Task.Delay(LockInterval, cancellationToken);
        }
    }

    private async ValueTask RecoverAsync(FileStream note)
    {
        if (ReadNote(note) is { } left)
        {
            if (left.Registry != _registry)
                throw CdfErrorCode.Conflict.Error($"The last batch of the key file '{Path}' was left by the interrupted task {left.TaskId} of another registry: resume or stop that task there first, or name another file.");
            if (!(await _rowsDone(left.TaskId) >= left.LastRow))
                Do(() => CutOff(left.Offset));
            Write(note, []);
        }

        Do(CutOffTorn);
    }

    private bool CutOff(long length)
    {
        using var file = UnixFiles.OpenRegular(Path, FileAccess.ReadWrite);
        if (RandomAccess.GetLength(file) > length)
            RandomAccess.SetLength(file, length);
        return true;
    }

    /// <summary>A last line without an end is of no use to anybody.</summary>
    private bool CutOffTorn()
    {
        using var file = UnixFiles.OpenRegular(Path, FileAccess.ReadWrite);
        var buffer = new byte[8_192];
        var length = RandomAccess.GetLength(file);
        for (var end = length; end > 0;)
        {
            var from = Math.Max(0, end - buffer.Length);
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)(end - from)), from);
            var last = buffer.AsSpan(0, read).LastIndexOf((byte)'\n');
            if (from + last + 1 == length)
                return true;
            if (last >= 0 || from == 0)
            {
                RandomAccess.SetLength(file, last >= 0 ? from + last + 1 : 0);
                return true;
            }
            end = from;
        }
        return true;
    }

    private static Note? ReadNote(FileStream stream)
    {
        stream.Position = 0;
        if (stream.Length == 0)
            return null;
        try
        {
            return JsonSerializer.Deserialize<Note>(stream, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null; // It was torn, so nothing has been appended yet.
        }
    }

    private static void Write(FileStream stream, ReadOnlySpan<byte> text)
    {
        stream.SetLength(0);
        stream.Position = 0;
        stream.Write(text);
    }

    private T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw CdfErrorCode.Unavailable.Error($"The key file '{Path}' cannot be used: {FileFailures.Said(e)} Make room, or see to it that it is a file that you may write, and try again.", e);
        }
    }

    /// <summary>Where the file ended before a batch, and what the batch was for.</summary>
    internal sealed record Note(long Offset, string Registry, string TaskId, long LastRow);

    /// <summary>Keys that are being appended together.</summary>
    internal sealed class Batch : IAsyncDisposable
    {
        private readonly KeyFile _file;
        private readonly FileStream _note;
        private readonly SafeFileHandle _handle;
        private readonly Note _left;
        private bool _isAppended;
        private bool _isKept;

        internal Batch(KeyFile file, FileStream note, SafeFileHandle handle, Note left) => (_file, _note, _handle, _left) = (file, note, handle, left);

        /// <summary>Puts lines onto the disk, in the place of those that were appended before in this batch.</summary>
        public void Append(IReadOnlyCollection<byte[]> lines) => _file.Do(() =>
        {
            if (_isAppended)
                RandomAccess.SetLength(_handle, _left.Offset);
            if (lines.Count == 0)
                return false;
            if (!_isAppended)
                Write(_note, JsonSerializer.SerializeToUtf8Bytes(_left, JsonSerializerOptions.Web));
            _isAppended = true;
            if (_file._recipient is { } recipient)
                RandomAccess.Write(_handle, Seal(recipient, lines), _left.Offset);
            else
                RandomAccess.Write(_handle, [.. lines.Select(line => (ReadOnlyMemory<byte>)line)], _left.Offset);
            RandomAccess.FlushToDisk(_handle);
            return true;
        });

        private static byte[] Seal(KeyRecipient recipient, IReadOnlyCollection<byte[]> lines)
        {
            var text = new byte[lines.Sum(line => line.Length)];
            var length = 0;
            foreach (var line in lines)
            {
                line.CopyTo(text, length);
                length += line.Length;
            }

            var block = recipient.Seal(text);
            CryptographicOperations.ZeroMemory(text);
            return block;
        }

        /// <summary>The rows are committed: the batch stays.</summary>
        public void Keep() => _isKept = true;

        /// <summary>What cannot be done now is done by the next who appends.</summary>
        private async ValueTask TryRecoverAsync()
        {
            try
            {
                await _file.RecoverAsync(_note);
            }
            catch (CdfException)
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await using var note = _note;
            using (_handle)
            {
                if (_isAppended && _isKept)
                    Write(_note, []);
                else if (_isAppended)
                    await TryRecoverAsync();
            }
        }
    }
}
