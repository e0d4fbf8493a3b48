using System.Buffers.Binary;
using System.Text.Json;

namespace CdfProvisioning.Files;

/// <summary>As <see cref="SpilledTable"/>, for values of any length: these are appended to a temporary file as JSON, once they are more than a little.</summary>
internal sealed class SpilledRecords<T> : IDisposable
    where T : class
{
    private const int MostInMemory = 256 * 1024;
    private const int HeaderLength = 20;

    private readonly SpilledTable _places = new();
    private readonly MemoryStream _last = new();
    private readonly SpillFile _file = new();
    private long _lengthOfFile;

    /// <summary>How many keys have a value.</summary>
    public long Count => _places.Count;

    /// <returns>Its value; null if it has none.</returns>
    public T? Find(UInt128 key) => _places.Find(key) is { } place ? Read((long)place).Value : null;

    /// <summary>Gives a key a value, which replaces the one that it has.</summary>
    /// <exception cref="CdfException">Unavailable: there is no room in the temporary folder.</exception>
    public void Set(UInt128 key, T value)
    {
        var place = _lengthOfFile + _last.Length;
        var json = JsonSerializer.SerializeToUtf8Bytes(value);
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt128LittleEndian(header, key);
        BinaryPrimitives.WriteInt32LittleEndian(header[^sizeof(int)..], json.Length);
        _last.Write(header);
        _last.Write(json);
        if (_last.Length > MostInMemory)
            Spill();
        _places.Set(key, (UInt128)place);
    }

    /// <summary>Takes a key's value out.</summary>
    /// <returns>The value; null if it has none.</returns>
    public T? Remove(UInt128 key)
    {
        var value = Find(key);
        if (value is not null)
            _places.Remove(key);
        return value;
    }

    /// <summary>All values, in the order in which they were set.</summary>
    public IEnumerable<T> Values()
    {
        for (long place = 0, next; place < _lengthOfFile + _last.Length; place = next)
        {
            (var key, var value, next) = Read(place);
            if (_places.Find(key) == (UInt128)place)
                yield return value;
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _last.Dispose();
        _file.Dispose();
    }

    private (UInt128 Key, T Value, long Next) Read(long place)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Read(header, place);
        var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(header[^sizeof(int)..])];
        Read(json, place + HeaderLength);
        return (BinaryPrimitives.ReadUInt128LittleEndian(header), JsonSerializer.Deserialize<T>(json)!, place + HeaderLength + json.Length);
    }

    private void Read(Span<byte> into, long offset)
    {
        if (offset >= _lengthOfFile)
            _last.GetBuffer().AsSpan((int)(offset - _lengthOfFile), into.Length).CopyTo(into);
        else
            _file.Read(into, offset);
    }

    private void Spill()
    {
        _file.Write(_last.GetBuffer().AsSpan(0, (int)_last.Length), _lengthOfFile);
        _lengthOfFile += _last.Length;
        _last.SetLength(0);
    }
}
