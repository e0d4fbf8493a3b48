using System.Buffers.Binary;

namespace CdfProvisioning.Files;

/// <summary>
/// What is remembered of any number of names in hardly any memory: a megabyte or two, and as much again for each million. The keys are 128 bits of
/// a hash (NameKey), so that two names never have the same one.
/// </summary>
/// <remarks>
/// The last of them are in a dictionary. When that is full, it is appended to a temporary file as a sorted run, of which two things stay in
/// memory: a filter, which is why a key that is nowhere is hardly ever looked for in the file; and the key with which each
/// block begins, which is why a key is found with one read. Of several values of a key the last counts.
/// </remarks>
internal sealed class SpilledTable : IDisposable
{
    private const int MostInMemory = 16 * 1024;
    private const int SlotLength = 32;
    private const int SlotsOfBlock = 64;

    private static readonly UInt128 Removed = UInt128.MaxValue;

    private readonly Dictionary<UInt128, UInt128> _last = [];
    private readonly List<Run> _runs = [];
    private readonly SpillFile _file = new();
    private UInt128[] _keys = [];
    private UInt128[] _values = [];

    /// <summary>How many keys have a value.</summary>
    public long Count { get; private set; }

    /// <returns>Its value; null if it has none.</returns>
    public UInt128? Find(UInt128 key) => (_last.TryGetValue(key, out var value) ? value : FindSpilled(key)) is { } found && found != Removed ? found : null;

    public bool Contains(UInt128 key) => Find(key) is not null;

    /// <summary>Gives a key a value, which replaces the one that it has.</summary>
    /// <exception cref="CdfException">Unavailable: there is no room in the temporary folder.</exception>
    public void Set(UInt128 key, UInt128 value)
    {
        if (!Contains(key))
            Count++;
        Put(key, value);
    }

    /// <returns>Whether it was there.</returns>
    /// <exception cref="CdfException">Unavailable: there is no room in the temporary folder.</exception>
    public bool Remove(UInt128 key)
    {
        if (!Contains(key))
            return false;
        Count--;
        Put(key, Removed);
        return true;
    }

    public void Dispose() => _file.Dispose();

    private void Put(UInt128 key, UInt128 value)
    {
        if (_last.Count == MostInMemory)
            Spill();
        _last[key] = value;
    }

    private UInt128? FindSpilled(UInt128 key)
    {
        Span<byte> slots = stackalloc byte[SlotsOfBlock * SlotLength];
        for (var i = _runs.Count - 1; i >= 0; i--)
        {
            if (_runs[i].BlockOf(key) is not { } block)
                continue;
            _file.Read(slots, (((long)i * MostInMemory) + (block * SlotsOfBlock)) * SlotLength);
            for (var slot = (ReadOnlySpan<byte>)slots; !slot.IsEmpty; slot = slot[SlotLength..])
                if (BinaryPrimitives.ReadUInt128LittleEndian(slot) == key)
                    return BinaryPrimitives.ReadUInt128LittleEndian(slot[(SlotLength / 2)..]);
        }
        return null;
    }

    private void Spill()
    {
        if (_runs.Count == 0)
            (_keys, _values) = (new UInt128[MostInMemory], new UInt128[MostInMemory]);

        _last.Keys.CopyTo(_keys, 0);
        _last.Values.CopyTo(_values, 0);
        Array.Sort(_keys, _values);
        var block = new byte[SlotsOfBlock * SlotLength];
        for (var i = 0; i < MostInMemory; i += SlotsOfBlock)
        {
            for (var slot = 0; slot < SlotsOfBlock; slot++)
            {
                BinaryPrimitives.WriteUInt128LittleEndian(block.AsSpan(slot * SlotLength), _keys[i + slot]);
                BinaryPrimitives.WriteUInt128LittleEndian(block.AsSpan((slot * SlotLength) + (SlotLength / 2)), _values[i + slot]);
            }
            _file.Write(block, (((long)_runs.Count * MostInMemory) + i) * SlotLength);
        }

        _runs.Add(new Run(_keys));
        _last.Clear();
    }

    private sealed class Run
    {
        private const int Words = MostInMemory / 4;

        private readonly ulong[] _filter = new ulong[Words];
        private readonly UInt128[] _firstKeys = new UInt128[MostInMemory / SlotsOfBlock];

        public Run(UInt128[] keys)
        {
            foreach (var key in keys)
                _filter[WordOf(key)] |= BitsOf(key);
            for (var i = 0; i < _firstKeys.Length; i++)
                _firstKeys[i] = keys[i * SlotsOfBlock];
        }

        /// <summary>The block in which a key is, if it is in the run; null where it is not.</summary>
        public int? BlockOf(UInt128 key)
        {
            var bits = BitsOf(key);
            if ((_filter[WordOf(key)] & bits) != bits)
                return null;
            var place = Array.BinarySearch(_firstKeys, key);
            return place >= 0 ? place : place == -1 ? null : ~place - 1;
        }

        private static int WordOf(UInt128 key) => (int)((ulong)key % Words);

        /// <summary>Four bits, which the key's own say; no more than six bits of each are needed.</summary>
        private static ulong BitsOf(UInt128 key)
        {
            var hash = (ulong)(key >> 64);
            return (1UL << (int)(hash & 63)) | (1UL << (int)((hash >> 6) & 63)) | (1UL << (int)((hash >> 12) & 63)) | (1UL << (int)((hash >> 18) & 63));
        }
    }
}
