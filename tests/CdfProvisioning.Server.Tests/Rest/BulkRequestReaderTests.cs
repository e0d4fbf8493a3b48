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

    /// <summary>A body that arrives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
