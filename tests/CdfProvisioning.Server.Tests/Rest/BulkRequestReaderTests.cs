using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Rest;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class BulkRequestReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void However_a_body_arrives_it_has_the_same_rows() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>[]>(), ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<bool>(),
        (values, size, templateLast) =>
        {
            var texts = values.Select(value => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value.Get))).ToArray();
            var rows = string.Join(" , ", texts.Select(text => $$"""{ "ThingName": {{System.Text.Json.JsonSerializer.Serialize(text)}}, "n": 1.0 }"""));
            var body = templateLast ? $$"""{ "parameters": [{{rows}}], "provisioningTemplateId": "x" }""" : $$"""{ "provisioningTemplateId": "x", "other": [{}], "parameters": [{{rows}}] }""";

            var reader = new BulkRequestReader(PipeReader.Create(new Trickle(Encoding.UTF8.GetBytes(body), size.Get)));
            var read = reader.RowsAsync(Cancellation).ToBlockingEnumerable(Cancellation).ToList();

            Assert.Equal("x", reader.TemplateId);
            Assert.Equal(texts, read.Select(row => row["ThingName"]));
            Assert.All(read, row => Assert.Equal("1.0", row["n"]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_value_is_the_same_wherever_a_buffer_ends()
    {
        var body = Encoding.UTF8.GetBytes("""{"provisioningTemplateId":"x","parameters":[{"n":-12345.6789e10,"t":true,"e":"a\tb","p":"\uD83D\uDE00ä💡"}]}""");
        for (var end = 1; end < body.Length; end++)
        {
            var first = new Segment(body.AsMemory(0, end), null);
            var second = new Segment(body.AsMemory(end), first);
            var reader = new BulkRequestReader(PipeReader.Create(new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length)));

            var row = Assert.Single(reader.RowsAsync(Cancellation).ToBlockingEnumerable(Cancellation));

            Assert.Equal(new Dictionary<string, string> { ["n"] = "-12345.6789e10", ["t"] = "true", ["e"] = "a\tb", ["p"] = "\U0001F600ä\U0001F4A1" }, row);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }

    /// <summary>A body that arrives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
