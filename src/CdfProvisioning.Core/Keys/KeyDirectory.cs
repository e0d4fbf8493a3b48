using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using Microsoft.Win32.SafeHandles;

namespace CdfProvisioning.Keys;

/// <summary>
/// The folder (0700) of the keys made for devices: one file (0600) a device, with its private key and its certificate. Two
/// files a device would cost many times as much and could come to disagree; what reads PEM takes each from the one file.
/// </summary>
/// <remarks>
/// <para>
/// A file is a place, and a place has one owner. Until the device is registered, the file's last line names whoever has
/// reserved it and the registry (<see cref="ReservationLine"/>); the owner holds a lock in <c>.cdf</c> as long as it lives, in
/// whichever process. When the device is registered the line is cut off. So of every file anyone can tell whether it is the key
/// of a device, a registration that is under way, or what was left by one that was killed: only the last may be taken, by
/// the same registry, once that registry says that there is no such certificate.
/// </para>
/// <para>
/// A place is taken by making the file, which fails if there is one. What replaces or removes a file does so under the
/// lock of the folder, after it has read again what is there; an empty file is taken by who locks it first.
/// </para>
/// <para>
/// The key of a signing request waits in its place for a certificate that is made elsewhere, however long that takes: its owner is
/// nobody's process and counts as alive.
/// </para>
/// </remarks>
internal sealed class KeyDirectory : IDisposable
{
    private const string OwnFolder = ".cdf";
    private const string FolderLock = "folder.lock";
    private const string RegistryExtension = ".registry";
    private const int LongestFile = 64 * 1024;
    private const int NameLength = 32;

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);

    private readonly string _registry;
    private readonly Lazy<OwnerLock> _owner;
    private readonly Lazy<byte[]> _reservation;
    private readonly ConcurrentDictionary<(string Thing, string Key), bool> _ceded = new();
    private readonly bool _waits;
    private int _slots;

    private KeyDirectory(string path, string registry, bool waits = false)
    {
        _waits = waits;
        Path = System.IO.Path.GetFullPath(path);
        _registry = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(registry)))[..NameLength];
        _owner = new(() => new OwnerLock(Own));
        _reservation = new(() => Encoding.ASCII.GetBytes(ReservationLine(OwnerName)));
    }

    public string Path { get; }

    /// <summary>Who else may write to the folder, and what to do about it; null for nobody.</summary>
    public string? Warning { get; private set; }

    private string OwnerName => _waits ? FiledKey.WaitingOwner : _owner.Value.Name;

    private string Own => System.IO.Path.Combine(Path, OwnFolder);

    /// <summary>A folder of keys that may not exist yet, to look at: nothing is made or changed.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="registry">What tells the registry of the devices from every other.</param>
    public static KeyDirectory At(string path, string registry) => new(path, registry);

    /// <summary>The same for a plan: what <see cref="Open"/> would refuse of the folder as it stands is refused here too.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="registry">What tells the registry of the devices from every other.</param>
    /// <exception cref="CdfException">Unavailable; InvalidRequest: everybody may write to it, or it is a file.</exception>
    public static KeyDirectory Plan(string path, string registry)
    {
        var keys = At(path, registry);
        keys.Do(() =>
        {
            keys.Check();
            PrivateFiles.CheckFolder(keys.Path);
            return true;
        });
        return keys;
    }

    /// <summary>A folder of keys to write to: makes it if it does not exist, and finds out whether files can be written there.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="registry">What tells the registry of the devices from every other.</param>
    /// <param name="waits">Whether its keys wait for the certificates of their signing requests.</param>
    /// <exception cref="CdfException">Unavailable; InvalidRequest: everybody may write to it.</exception>
    public static KeyDirectory Open(string path, string registry, bool waits = false)
    {
        var keys = new KeyDirectory(path, registry, waits);
        keys.Do(keys.Prepare);
        return keys;
    }

    /// <summary>A thing's name as that of a file or folder, without extension: it may have colons, which names of files on Windows may not.</summary>
    /// <exception cref="CdfException">InvalidRequest: no file can be called so.</exception>
    public static string FileNameOf(string thingName) => IsName(thingName)
        ? thingName.Replace(":", "%3A", StringComparison.Ordinal)
        : throw CdfErrorCode.InvalidRequest.Error(
            $"'{IotNames.Shown(thingName)}' cannot be the name of a device's file or folder: use letters, digits, ':', '_' and '-', and no name of a device of Windows such as CON.");

    /// <summary>Whether it can be the name of a thing whose key goes to a file.</summary>
    public static bool IsName(string thingName) =>
        thingName.Length > 0 && thingName.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '-') && !FileNames.IsWindowsDevice(thingName);

    /// <summary>A name that nobody else has for the key of a thing, whatever the thing is called.</summary>
    public static string UniqueNameOf(string? thingName) => $"{(thingName is not null && IsName(thingName) ? thingName : "device")}-{Guid.NewGuid():N}";

    /// <summary>The name of the thing whose file it is.</summary>
    public static string ThingNameOf(string file) => System.IO.Path.GetFileNameWithoutExtension(file).Replace("%3A", ":", StringComparison.Ordinal);

    /// <exception cref="CdfException">As from <see cref="FileNameOf"/>.</exception>
    public string FileOf(string thingName) => System.IO.Path.Combine(Path, FileNameOf(thingName) + ".pem");

    /// <summary>Reserves a place for a key, and puts the key there.</summary>
    /// <returns>False, and nothing is changed, if there is something already.</returns>
    public bool TryAdd(string thingName, string privateKeyPem, string? certificatePem) => Do(() =>
    {
        var file = FileOf(thingName);
        FileStream stream;
        try
        {
            stream = PrivateFiles.OpenNew(file, new() { Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 });
        }
        catch (IOException e) when (IsInTheWay(e))
        {
            return false;
        }

        using (stream)
            return TryWrite(stream, file, Bytes(privateKeyPem, certificatePem));
    });

    /// <summary>Adds its certificate to a key of this owner's.</summary>
    public void Complete(string thingName, string privateKeyPem, string certificatePem) => Do(() =>
    {
        using var file = UnixFiles.OpenRegular(FileOf(thingName), FileAccess.ReadWrite);
        RandomAccess.Write(file, Bytes("", certificatePem), privateKeyPem.Length);
        return true;
    });

    /// <summary>Gives a key that has waited, or has a certificate already, the certificate that is now its own.</summary>
    public void Fulfil(string thingName, FiledKey there, string certificatePem) => Locked(() =>
    {
        var path = FileOf(thingName);
        if (ReadText(path, thingName) is not { } text || !text.StartsWith(there.Key!, StringComparison.Ordinal))
            throw FiledKey.NotOurs(path, thingName);
        using var file = UnixFiles.OpenRegular(path, FileAccess.ReadWrite);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(certificatePem), there.Key!.Length); // longer than the line that says that the key waits
        RandomAccess.SetLength(file, there.Key.Length + certificatePem.Length);
        return true;
    });

    /// <summary>The names of the things whose places there are.</summary>
    public IEnumerable<string> Names() => !Directory.Exists(Path) ? [] : Directory.EnumerateFiles(Path, "*.pem").Select(ThingNameOf);

    /// <summary>Makes a reserved place the device's for good; the registry knows its certificate now. What cannot be done stays to be done: the line says nothing that the registry does not know better.</summary>
    public void Keep(string thingName, int length) => FileFailures.Try(() => UnixFiles.Truncate(FileOf(thingName), length));

    /// <summary>Makes a file for keys that are on their way elsewhere.</summary>
    public KeySlot OpenSlot() => Do(() => new KeySlot(this, PrivateFiles.OpenNew(
        FileOf(KeySlot.NameOf(OwnerName, Interlocked.Increment(ref _slots))),
        new() { Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 })));

    /// <summary>Removes a slot that an owner who lives no more has left empty.</summary>
    public void RemoveLeftSlot(string name)
    {
        if (KeySlot.FindOwner(name) is { } owner && !OwnerLock.IsHeld(Own, owner) && Read(name) is { Text.Length: 0 })
            FileFailures.Try(() => File.Delete(FileOf(name)));
    }

    /// <summary>Gives a file another name.</summary>
    /// <returns>False if it keeps its own.</returns>
    public bool TryRename(string file, string name) => FileFailures.Try(() => File.Move(file, FileOf(name)));

    /// <summary>Writes a key that this owner has reserved into a file that it has open.</summary>
    public void Write(SafeFileHandle file, string privateKeyPem, string? certificatePem) => Do(() =>
    {
        RandomAccess.Write(file, Bytes(privateKeyPem, certificatePem), 0);
        return true;
    });

    /// <summary>What stands in a device's place; null for nothing.</summary>
    /// <exception cref="CdfException">Conflict: no key of ours.</exception>
    public FiledKey? Read(string thingName) => Do(() => FiledKey.Parse(ReadText(FileOf(thingName), thingName), FileOf(thingName), thingName, File.GetLastWriteTimeUtc(FileOf(thingName))));

    /// <summary>Whether the owner who has reserved a place is alive.</summary>
    public bool IsUnderWay(FiledKey file) => file.Owner is { } owner && (file.IsWaiting || IsMine(file) || OwnerLock.IsHeld(Own, owner));

    /// <summary>Whether this owner has reserved a place.</summary>
    public bool IsMine(FiledKey file) => _waits ? file.IsWaiting : _owner.IsValueCreated && file.Owner == _owner.Value.Name;

    /// <summary>Whether the registry of these devices is the one for which a place was reserved, or for which all keys here were made.</summary>
    public bool IsOfThisRegistry(FiledKey file) => file.Registry is { } registry
        ? registry == _registry
        : Directory.Exists(Own) && Directory.EnumerateFiles(Own, "*" + RegistryExtension).All(other => System.IO.Path.GetFileNameWithoutExtension(other) == _registry);

    /// <summary>Puts a key in the place of what stands there.</summary>
    /// <returns>False if that has changed since it was read.</returns>
    public bool TryReplace(string thingName, FiledKey there, string privateKeyPem, string? certificatePem) => Locked(() =>
    {
        var file = FileOf(thingName);
        if (there.Text.Length == 0)
            return TryFill(file, privateKeyPem, certificatePem);
        if (ReadText(file, thingName) != there.Text)
            return false;
        File.Delete(file);
        if (IsMine(there) && there.Key is { } ceded)
            _ceded[(thingName, ceded)] = true;
        return TryAdd(thingName, privateKeyPem, certificatePem);
    });

    /// <summary>Whether a key that this owner had put in a place was replaced there by another of this owner's.</summary>
    public bool IsCeded(string thingName, string privateKeyPem) => !_ceded.IsEmpty && _ceded.ContainsKey((thingName, privateKeyPem));

    /// <summary>Removes what stands in a device's place, unless that has changed since it was read.</summary>
    public void Remove(string thingName, FiledKey there) => Locked(() =>
    {
        var file = FileOf(thingName);
        if (there.Text.Length > 0 && ReadText(file, thingName) == there.Text)
            File.Delete(file);
        return true;
    });

    /// <summary>Gives up what this owner holds: places that it has not kept can be taken by others.</summary>
    public void Dispose()
    {
        if (_owner.IsValueCreated)
            _owner.Value.Dispose();
    }

    /// <summary>The last line of a file whose device is not registered yet.</summary>
    private string ReservationLine(string owner) => $"# reserved by {owner} for registry {_registry}: no device has this key yet\n";

    private static bool IsInTheWay(IOException exception) =>
        exception is not (FileNotFoundException or DirectoryNotFoundException)
        && (exception.HResult & 0xFFFF) is 17 or 11 or 35 or 80 or 32; // EEXIST; EWOULDBLOCK on Linux, on macOS; ERROR_FILE_EXISTS, ERROR_SHARING_VIOLATION

    private bool Check()
    {
        if (File.Exists(Path))
            throw CdfErrorCode.InvalidRequest.Error($"The key folder '{Path}' is a file: name a folder, in which each key has a file of its own; one file for all keys of a list is -KeyFile.");
        if (!Directory.Exists(Path))
            return false;
        var (everybody, somebody) = UnixFiles.OthersWhoWrite(Path);
        if (everybody)
            throw CdfErrorCode.InvalidRequest.Error($"Everybody may write to the key folder '{Path}', and so replace a device's key: take that right away (chmod go-w), or name another folder.");
        Warning = somebody is null ? null : $"Others may write to the key folder '{Path}', and so replace a device's key ({somebody}): take that right away (chown, chmod go-w), or name another folder.";
        return true;
    }

    private bool Prepare()
    {
        if (!Check())
        {
            PrivateFiles.CreateFolder(Path);
            Check();
        }

        var isNew = !Directory.Exists(Own);
        var hasOtherKeys = isNew && Directory.EnumerateFiles(Path, "*.pem").Any();
        PrivateFiles.CreateFolder(Own);
        Mark(_registry);
        if (hasOtherKeys)
            Mark("unknown");
        OwnerLock.ForgetDead(Own);
        _ = OwnerName;
        return true;
    }

    /// <summary>Notes that a registry's keys are here.</summary>
    private void Mark(string registry)
    {
        var mark = System.IO.Path.Combine(Own, registry + RegistryExtension);
        try
        {
            if (!File.Exists(mark))
                PrivateFiles.OpenNew(mark).Dispose();
        }
        catch (IOException) when (File.Exists(mark))
        {
            // Another was faster.
        }
    }

    /// <returns>False if another took the file for a left one in the moment before it was locked.</returns>
    private bool TryWrite(FileStream stream, string file, byte[] bytes)
    {
        if (RandomAccess.GetLength(stream.SafeFileHandle) > 0)
            return false;
        try
        {
            RandomAccess.Write(stream.SafeFileHandle, bytes, 0);
            return true;
        }
        catch
        {
            using (TakeFolder())
                File.Delete(file);
            throw;
        }
    }

    private byte[] Bytes(string privateKeyPem, string? certificatePem)
    {
        var reservation = _reservation.Value;
        var bytes = new byte[privateKeyPem.Length + (certificatePem?.Length ?? 0) + reservation.Length];
        var length = Encoding.ASCII.GetBytes(privateKeyPem, bytes);
        length += Encoding.ASCII.GetBytes(certificatePem, bytes.AsSpan(length));
        reservation.CopyTo(bytes.AsSpan(length));
        return bytes;
    }

    /// <summary>Takes an empty file, unless it is of one who has just made it and is about to write.</summary>
    private bool TryFill(string file, string privateKeyPem, string? certificatePem)
    {
        using var handle = UnixFiles.OpenRegular(file, FileAccess.ReadWrite);
        if (!UnixFiles.TryLock(handle) || RandomAccess.GetLength(handle) > 0)
            return false;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        RandomAccess.Write(handle, Bytes(privateKeyPem, certificatePem), 0);
        return true;
    }

    private static string? ReadText(string file, string thingName)
    {
        try
        {
            using var handle = UnixFiles.OpenRegular(file, FileAccess.Read);
            var length = RandomAccess.GetLength(handle);
            if (length > LongestFile)
                throw FiledKey.NotOurs(file, thingName);
            var bytes = new byte[length];
            return Encoding.ASCII.GetString(bytes, 0, RandomAccess.Read(handle, bytes, 0));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw FiledKey.NotOurs(file, thingName, e);
        }
    }

    private T Locked<T>(Func<T> work) => Do(() =>
    {
        using (TakeFolder())
            return work();
    });

    private FileStream TakeFolder()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var until = Environment.TickCount64 + (long)LockTimeout.TotalMilliseconds; ;)
        {
            try
            {
                return new FileStream(System.IO.Path.Combine(Own, FolderLock), options);
            }
            catch (IOException e) when (IsInTheWay(e) && Environment.TickCount64 < until)
            {
                Thread.Sleep(1);
            }
        }
    }

    private T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (FileFailures.IsExpected(e) || e is ArgumentException or NotSupportedException)
        {
            throw CdfErrorCode.Unavailable.Error($"The key folder '{Path}' cannot be used: {FileFailures.Said(e)} Make room, or see to it that you may write there, and try again.", e);
        }
    }
}
