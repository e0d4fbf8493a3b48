using System.Text;
using CdfProvisioning.Embedded.Buckets;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class ContentHasherTests
{
    /// <summary>Those of the CRCs are the check values of the CRC catalogue, those of SHA the ones of any implementation.</summary>
    [Theory]
    [InlineData("CRC32", "CBF43926")]
    [InlineData("CRC32C", "E3069283")]
    [InlineData("CRC64NVME", "AE8B14860A799888")]
    [InlineData("SHA1", "F7C3BC1D808E04732ADF679965CCC34CA7AE3441")]
    [InlineData("SHA256", "15E2B0D3C33891EBB0F1EF609EC419420C20E320CE94C65FBC8C3312448EB225")]
    public void A_checksum_of_the_digits_one_to_nine_has_the_published_value(string algorithm, string expected)
    {
        using var hasher = new ContentHasher(Enum.Parse<ChecksumAlgorithm>(algorithm));
        foreach (var digit in Encoding.ASCII.GetBytes("123456789"))
            hasher.Append([digit]);
        var digests = hasher.Finish();
        Assert.Equal(expected, Convert.ToHexString(digests.Checksums[Enum.Parse<ChecksumAlgorithm>(algorithm)]));
        Assert.Equal((9, "25f9e794323b453885f5181f1b624d0b"), (digests.Size, digests.Md5Hex));
    }
}
