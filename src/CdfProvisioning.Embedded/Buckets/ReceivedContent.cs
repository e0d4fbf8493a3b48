using System.Buffers;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>Content that has arrived whole, in a file that no client sees. Unless it is moved to where it belongs, it goes.</summary>
internal sealed class ReceivedContent : IDisposable
{
    private const string What = "The object's file";
    private const int BufferSize = 128 * 1024;

    private readonly string _path;

    private ReceivedContent(string path, ContentDigests digests)
    {
        _path = path;
        Digests = digests;
        LastModified = File.GetLastWriteTimeUtc(path);
    }

    public ContentDigests Digests { get; }

    public DateTime LastModified { get; }

    /// <summary>Writes the sources one after the other into a new file, flushed to the disk; each is disposed when it has been read.</summary>
    /// <exception cref="CdfException">Unavailable: the file cannot be written. What the sources throw is thrown on.</exception>
    public static async ValueTask<ReceivedContent> ReceiveAsync(
        string path, IEnumerable<ContentSource> sources, IEnumerable<ChecksumAlgorithm> algorithms, CancellationToken cancellationToken)
    {
        try
        {
            using var hasher = new ContentHasher(algorithms);
            await using (var file = OpenNew(path))
            {
                foreach (var source in sources)
                    await using (source.Stream)
                        await CopyAsync(source, hasher, file, cancellationToken);
                await WriteAsync(file, null, cancellationToken);
            }
            return new ReceivedContent(path, hasher.Finish());
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Computes the digests of content that is at rest.</summary>
    public static async ValueTask<ContentDigests> DigestAsync(Stream content, IEnumerable<ChecksumAlgorithm> algorithms, CancellationToken cancellationToken)
    {
        using var hasher = new ContentHasher(algorithms);
        await CopyAsync(new(content), hasher, null, cancellationToken);
        return hasher.Finish();
    }

    public void MoveTo(string path, bool overwrite) => File.Move(_path, path, overwrite);

    public void Dispose() => File.Delete(_path);

    private static async ValueTask CopyAsync(ContentSource source, ContentHasher hasher, FileStream? destination, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var left = source.Length;
            while (left > 0 && await source.Stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken) is > 0 and var read)
            {
                left -= read;
                hasher.Append(buffer.AsSpan(0, read));
                if (destination is not null)
                    await WriteAsync(destination, buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileStream OpenNew(string path)
    {
        try
        {
            return PrivateFiles.OpenNew(path);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, path, e);
        }
    }

    /// <param name="file">The file.</param>
    /// <param name="content">What to write; null when all has been, and has to get to the disk.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private static async ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte>? content, CancellationToken cancellationToken)
    {
        try
        {
            if (content is not null)
                await file.WriteAsync(content.Value, cancellationToken);
            else
                file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, file.Name, e);
        }
    }
}
