using System.IO.Pipelines;
using System.Text;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Aws.S3;
using CdfProvisioning.Server.Aws.Signing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

public sealed class AwsChunkedStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The content in chunks, how the trailer begins, and the size of the pieces in which the body arrives.</summary>
    private static readonly Gen<(byte[][] Chunks, string Gap, int Piece)> Bodies =
        from chunks in ArbMap.Default.GeneratorFor<byte[]>().ListOf()
        from gap in Gen.Elements("", "\r\n")
        from piece in Gen.Choose(1, 40)
        select (chunks.Where(chunk => chunk.Length > 0).ToArray(), gap, piece);

    [Fact]
    public void Content_is_what_was_chunked_however_it_arrives() => Prop.ForAll(
        Bodies.ToArbitrary(),
        body =>
        {
            using var encoded = new MemoryStream();
            foreach (var chunk in body.Chunks)
            {
                encoded.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x};chunk-signature={new string('0', 64)}\r\n"));
                encoded.Write(chunk);
                encoded.Write("\r\n"u8);
            }
            encoded.Write(Encoding.ASCII.GetBytes($"0\r\n{body.Gap}x-amz-a:1\r\nX-Amz-B : 2\r\n\r\n"));

            var content = body.Chunks.SelectMany(chunk => chunk).ToArray();
            var (read, trailer) = DecodeAsync(encoded.ToArray(), content.Length, body.Piece).GetAwaiter().GetResult();
            Assert.Equal(content, read);
            Assert.Equal([("x-amz-a", "1"), ("x-amz-b", "2")], trailer.Select(header => (header.Key, header.Value)));
        }).QuickCheckThrowOnFailure();

    /// <summary>The example of S3's API reference, "Signature calculations for trailing headers (chunked uploads)".</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("b474d886")]
    [InlineData("1c1344b1")]
    [InlineData("2ca2aba2")]
    [InlineData("d81f82fc")]
    [InlineData("x-amz-checksum")]
    [InlineData("aaaa")]
    public async Task AWSs_example_is_accepted_as_it_is_and_not_with_anything_changed(string? changed)
    {
        var body = $"""
            10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2
            {new string('a', 65536)}
            400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7
            {new string('a', 1024)}
            0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992
            x-amz-checksum-crc32c:sOO8/Q==
            x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435


            """.ReplaceLineEndings("\r\n");
        if (changed is not null)
            body = body.Replace(changed, new string('b', changed.Length), StringComparison.Ordinal);
        var signing = new ChunkSigning(
            Convert.FromHexString("dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378"),
            "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
        var decoding = DecodeAsync(Encoding.ASCII.GetBytes(body), 65536 + 1024, 1000, new ChunkVerifier(signing));
        if (changed is null)
            Assert.Equal("sOO8/Q==", (await decoding).Trailer["x-amz-checksum-crc32c"]);
        else
            Assert.Equal("SignatureDoesNotMatch", (await Assert.ThrowsAsync<CdfException>(() => decoding)).ErrorTypeName);
    }

    /// <summary>As Kestrel does, so that the connection can be used again.</summary>
    [Theory]
    [InlineData(40_000, "", false)]
    [InlineData(0, "5\r\nab", true)]
    public async Task What_is_left_of_a_body_that_is_refused_can_be_read(int digits, string rest, bool endsThere)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(new string('1', digits) + rest), Cancellation);
        if (endsThere)
            await pipe.Writer.CompleteAsync();
        await using var stream = new AwsChunkedStream(pipe.Reader, 5, verifier: null);

        await Assert.ThrowsAsync<CdfException>(() => stream.CopyToAsync(Stream.Null, Cancellation));

        await pipe.Writer.CompleteAsync();
        await pipe.Reader.CopyToAsync(Stream.Null, Cancellation);
    }

    private static async Task<(byte[] Content, IReadOnlyDictionary<string, string> Trailer)> DecodeAsync(
        byte[] body, long length, int piece, ChunkVerifier? verifier = null)
    {
        var pipe = new Pipe();
        var writing = Task.Run(
            async () =>
            {
                for (var at = 0; at < body.Length; at += piece)
                    await pipe.Writer.WriteAsync(body.AsMemory(at, Math.Min(piece, body.Length - at)), Cancellation);
                await pipe.Writer.CompleteAsync();
            },
            Cancellation);
        await using var stream = new AwsChunkedStream(pipe.Reader, length, verifier);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        await writing;
        return (content.ToArray(), stream.Trailer);
    }
}
