using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CdfProvisioning.Files;

/// <summary>
/// What System.IO has no words for: opening a file that stands in a folder others may write to, without following a link that
/// somebody has put there (a file of the owner's would be changed) and without waiting for the other end of a pipe; and whose
/// folder it is. open(2), flock(2), truncate(2), access(2), statx(2).
/// </summary>
internal static partial class UnixFiles
{
    private const int ReadOnly = 0, ReadWrite = 2;
    private const int WriteAndSearch = 3;
    private const int LockExclusively = 2, DoNotWait = 4;
    private const int NoEntry = 2, NotPermitted = 1, AccessDenied = 13;
    private const int EmptyPath = 0x1000, CurrentFolder = -100;
    private const uint TypeModeLinksAndUser = 0x0F;
    private const uint Root = 0;
    private const int TypeMask = 0xF000, RegularFile = 0x8000;

    private static readonly int NoFollowNoWait = OperatingSystem.IsLinux()
        ? 0x80000 | 0x800 | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le ? 0x8000 : 0x20000)
        : 0x0100_0104; // macOS: O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK

    /// <summary>Opens a regular file, and nothing else: no link, pipe, device or folder.</summary>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="IOException">It is something else.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not.</exception>
    public static SafeFileHandle OpenRegular(string path, FileAccess access)
    {
        if (OperatingSystem.IsWindows())
            return File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        var descriptor = Open(path, NoFollowNoWait | (access == FileAccess.Read ? ReadOnly : ReadWrite));
        if (descriptor < 0)
            throw Failure(path);
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (!OperatingSystem.IsLinux() || (Status(descriptor, "", EmptyPath) is var status && (status.Mode & TypeMask) == RegularFile))
            return handle;
        handle.Dispose();
        throw new IOException($"'{path}' is no regular file.");
    }

    /// <summary>Whether it is a regular file, or a link to one: no pipe, for whose other end whoever opens it would wait, no device and no folder.</summary>
    public static bool IsRegular(string path) => OperatingSystem.IsLinux()
        ? StatusOf(CurrentFolder, path, 0, TypeModeLinksAndUser, out var status) == 0 && (status.Mode & TypeMask) == RegularFile
        : File.Exists(path);

    /// <summary>Whether an open file of that name can still be found under a name.</summary>
    public static bool IsThere(SafeFileHandle file, string path) => OperatingSystem.IsLinux()
        ? Status((int)file.DangerousGetHandle(), "", EmptyPath).Links > 0
        : File.Exists(path);

    /// <returns>False if another process, or another handle of this one, has locked the file.</returns>
    public static bool TryLock(SafeFileHandle file) =>
        OperatingSystem.IsWindows() || Lock((int)file.DangerousGetHandle(), LockExclusively | DoNotWait) == 0;

    /// <summary>Cuts a file of ours off.</summary>
    /// <exception cref="IOException">It cannot be, or is gone.</exception>
    public static void Truncate(string path, long length)
    {
        if (OperatingSystem.IsWindows() || IntPtr.Size < 8)
        {
            using var file = OpenRegular(path, FileAccess.ReadWrite);
            RandomAccess.SetLength(file, length);
        }
        else if (TruncateFile(path, length) != 0)
        {
            throw Failure(path);
        }
    }

    /// <summary>Whether this user may make files in a folder; true also where that cannot be found out.</summary>
    public static bool MayWrite(string folder) => OperatingSystem.IsWindows() || Access(folder, WriteAndSearch) == 0;

    /// <summary>Whether everybody may write to a folder, and else who may beside this user, in words; null for nobody, and where that cannot be found out.</summary>
    public static (bool Everybody, string? Somebody) OthersWhoWrite(string folder)
    {
        if (OperatingSystem.IsWindows())
            return default;
        var mode = File.GetUnixFileMode(folder);
        var owner = OperatingSystem.IsLinux() ? Status(CurrentFolder, folder, 0).User : EffectiveUser();
        return (
            mode.HasFlag(UnixFileMode.OtherWrite),
            owner != EffectiveUser() && owner != Root ? $"it belongs to another user (uid {owner})" : mode.HasFlag(UnixFileMode.GroupWrite) ? "its group may" : null);
    }

    private static FileStatus Status(int folder, string path, int flags) =>
        StatusOf(folder, path, flags, TypeModeLinksAndUser, out var status) == 0 ? status : throw Failure(path);

    private static Exception Failure(string path) => Marshal.GetLastPInvokeError() switch
    {
        NoEntry => new FileNotFoundException($"There is no file '{path}'.", path),
        NotPermitted or AccessDenied => new UnauthorizedAccessException($"Access to '{path}' is denied."),
        var error => new IOException($"'{path}': {Marshal.GetPInvokeErrorMessage(error)}", error),
    };

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "truncate", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TruncateFile(string path, long length);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOf(int folder, string path, int flags, uint mask, out FileStatus status);

    /// <summary>struct statx, which is the same on every architecture (statx(2)).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
