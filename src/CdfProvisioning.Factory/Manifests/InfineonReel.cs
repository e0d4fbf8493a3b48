using System.Runtime.CompilerServices;
using CdfProvisioning.Files;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Common;
using SharpCompress.Readers;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>
/// Infineon's reels: a 7z archive with one 7z archive of PEM files a slot of the chip. The certificates' common names differ
/// by slot, so devices are named by the chip id of the file's name. The archive of keys is its holder's, and never opened.
/// Nothing of an archive is ever written under the name that it has there.
/// </summary>
internal static class InfineonReel
{
    private const long MaxSlotLength = 256 * 1024 * 1024;
    private const int MaxCertificateLength = 64 * 1024;

    public static async IAsyncEnumerable<ManifestItem> ReadAsync(
        Stream stream, string name, string slot, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var suffix = $"_{slot}_Certs.7z";
        var (entry, certificates) = await ExtractAsync(stream, name, suffix, cancellationToken);
        await using var _ = certificates;
        foreach (var item in ReadSlot(certificates, $"{name}/{entry}", slot))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    private static async ValueTask<(string Entry, Stream Content)> ExtractAsync(Stream stream, string name, string suffix, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        try
        {
            using var reel = SevenZipArchive.OpenArchive(stream, new ReaderOptions { LeaveStreamOpen = true });
            using var reader = reel.ExtractAllEntries();
            while (reader.MoveToNextEntry())
            {
                var entry = reader.Entry;
                found.Add(entry.Key ?? "");
                if (entry.IsDirectory || !(entry.Key ?? "").EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                    continue;
                CheckName(entry, name);
                return (entry.Key!, await CopyAsync(reader, $"'{name}', '{entry.Key}'", cancellationToken));
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(name, e);
        }
        throw ManifestItem.Invalid($"'{name}' has no archive '*{suffix}'. It has: {string.Join(", ", found.Take(10))}. Name the slot with -Slot, for example E0E0.");
    }

    /// <summary>Into a file of ours without a name, since a 7z archive has to be read from its end.</summary>
    private static async ValueTask<Stream> CopyAsync(IReader reader, string what, CancellationToken cancellationToken)
    {
        var copy = PrivateFiles.OpenTemporary();
        try
        {
            await using var entry = reader.OpenEntryStream();
            await CopyAsync(entry, copy, MaxSlotLength, what, cancellationToken);
            copy.Position = 0;
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private static IEnumerable<ManifestItem> ReadSlot(Stream stream, string name, string slot)
    {
        using var archive = Open(stream, name);
        using var reader = archive.ExtractAllEntries();
        var suffix = $"_{slot}.pem";
        while (MoveNext(reader, name, out var broken) || broken is not null)
        {
            if (broken is not null)
            {
                yield return broken;
                yield break;
            }
            var entry = reader.Entry;
            if (entry.IsDirectory || !(entry.Key ?? "").EndsWith(".pem", StringComparison.OrdinalIgnoreCase))
                continue;
            yield return ManifestItem.Read($"'{name}', '{entry.Key}'", () =>
            {
                CheckName(entry, name);
                var file = Path.GetFileName(entry.Key!.Replace('\\', '/'));
                var chipId = file.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? file[..^suffix.Length] : Path.GetFileNameWithoutExtension(file);
                return (new Dictionary<string, string> { ["ChipId"] = chipId, ["Slot"] = slot }, ReadCertificate(reader));
            });
        }
    }

    private static SharpCompress.Archives.IArchive Open(Stream stream, string name)
    {
        try
        {
            return SevenZipArchive.OpenArchive(stream, new ReaderOptions { LeaveStreamOpen = true });
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(name, e);
        }
    }

    private static bool MoveNext(IReader reader, string name, out ManifestItem? broken)
    {
        broken = null;
        try
        {
            return reader.MoveToNextEntry();
        }
        catch (Exception e) when (IsDamage(e))
        {
            broken = ManifestItem.Bad($"'{name}'", Damaged(name, e));
            return false;
        }
    }

    private static CertificateChain ReadCertificate(IReader reader)
    {
        try
        {
            using var entry = reader.OpenEntryStream();
            using var content = new MemoryStream();
            var buffer = new byte[8192];
            for (int read; (read = entry.Read(buffer)) > 0;)
            {
                if (content.Length + read > MaxCertificateLength)
                    throw ManifestItem.Invalid($"It is larger than {MaxCertificateLength:N0} bytes: no certificate is.");
                content.Write(buffer, 0, read);
            }
            return CertificateChain.FromText(System.Text.Encoding.UTF8.GetString(content.ToArray()));
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw ManifestItem.Invalid($"It cannot be unpacked: {e.Message}", e);
        }
    }

    private static void CheckName(IEntry entry, string archive)
    {
        var name = (entry.Key ?? "").Replace('\\', '/');
        if (name.Split('/').Contains("..") || name.StartsWith('/') || name.Contains(':', StringComparison.Ordinal) || entry.LinkTarget is not null)
            throw ManifestItem.Invalid($"'{archive}' has an entry '{entry.Key}' that is a link or lies outside the archive: no maker's archive has one.");
        if (entry.IsEncrypted)
            throw ManifestItem.Invalid($"'{entry.Key}' is encrypted: it is its holder's.");
    }

    private static async ValueTask CopyAsync(Stream from, Stream to, long limit, string what, CancellationToken cancellationToken)
    {
        var buffer = new byte[81920];
        long total = 0;
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            total += read;
            if (total > limit)
                throw ManifestItem.Invalid($"{what} unpacks to more than {limit:N0} bytes: no reel does.");
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    /// <summary>What SharpCompress throws over an archive that is none, is cut off or damaged.</summary>
    private static bool IsDamage(Exception e) =>
        e is SharpCompressException or InvalidOperationException or EndOfStreamException or IOException or InvalidDataException or ArgumentException or IndexOutOfRangeException or OverflowException or NotSupportedException;

    private static CdfException Damaged(string name, Exception e) => ManifestItem.Invalid($"'{name}' is not a 7z archive, or a damaged one: {e.Message}", e);
}
