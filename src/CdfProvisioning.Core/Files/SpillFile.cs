namespace CdfProvisioning.Files;

/// <summary>What is too much for memory: a temporary file, which is made when the first is written.</summary>
internal sealed class SpillFile : IDisposable
{
    private FileStream? _file;

    /// <exception cref="CdfException">Unavailable: there is no room in the temporary folder.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            _file ??= PrivateFiles.OpenTemporary();
            RandomAccess.Write(_file.SafeFileHandle, bytes, offset);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The temporary folder", Path.GetTempPath(), e);
        }
    }

    /// <summary>Reads what has been written.</summary>
    public void Read(Span<byte> into, long offset)
    {
        while (!into.IsEmpty)
        {
            var length = RandomAccess.Read(_file!.SafeFileHandle, into, offset);
            if (length == 0)
                throw new EndOfStreamException();
            into = into[length..];
            offset += length;
        }
    }

    public void Dispose() => _file?.Dispose();
}
