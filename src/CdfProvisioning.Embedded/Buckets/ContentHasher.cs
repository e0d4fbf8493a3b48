using System.IO.Hashing;
using System.Security.Cryptography;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>Computes the digests of content as it streams by.</summary>
internal sealed class ContentHasher(params IEnumerable<ChecksumAlgorithm> algorithms) : IDisposable
{
    private readonly CryptographicDigest _md5 = new CryptographicDigest(HashAlgorithmName.MD5);
    private readonly Dictionary<ChecksumAlgorithm, IDigest> _checksums = algorithms.Distinct().ToDictionary(algorithm => algorithm, DigestOf);
    private long _size;

    /// <summary>One face for the cryptographic hashes and for the CRCs.</summary>
    private interface IDigest : IDisposable
    {
        void Append(ReadOnlySpan<byte> content);

        byte[] Finish();
    }

    public static byte[] Compute(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> content)
    {
        using var digest = DigestOf(algorithm);
        digest.Append(content);
        return digest.Finish();
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        _size += content.Length;
        _md5.Append(content);
        foreach (var digest in _checksums.Values)
            digest.Append(content);
    }

    public ContentDigests Finish() => new(_size, _md5.Finish(), _checksums.ToDictionary(pair => pair.Key, pair => pair.Value.Finish()));

    public void Dispose()
    {
        _md5.Dispose();
        foreach (var digest in _checksums.Values)
            digest.Dispose();
    }

    private static IDigest DigestOf(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => new CrcDigest(new Crc32()),
        ChecksumAlgorithm.CRC32C => new CrcDigest(new Crc32(Crc32ParameterSet.Crc32C)),
        ChecksumAlgorithm.CRC64NVME => new CrcDigest(new Crc64(Crc64ParameterSet.Nvme)),
        ChecksumAlgorithm.SHA1 => new CryptographicDigest(HashAlgorithmName.SHA1),
        ChecksumAlgorithm.SHA256 => new CryptographicDigest(HashAlgorithmName.SHA256),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, null),
    };

    private sealed class CryptographicDigest(HashAlgorithmName name) : IDigest
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(name);

        public void Append(ReadOnlySpan<byte> content) => _hash.AppendData(content);

        public byte[] Finish() => _hash.GetHashAndReset();

        public void Dispose() => _hash.Dispose();
    }

    private sealed class CrcDigest(NonCryptographicHashAlgorithm crc) : IDigest
    {
        public void Append(ReadOnlySpan<byte> content) => crc.Append(content);

        /// <summary>The library gives the bytes of these CRCs least significant first, S3 wants them the other way round.</summary>
        public byte[] Finish()
        {
            var bytes = crc.GetCurrentHash();
            Array.Reverse(bytes);
            return bytes;
        }

        public void Dispose()
        {
        }
    }
}
