using System.Text;
using CdfProvisioning.Server.Aws.S3;
using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

/// <summary>XML that a client sends is looked at before it is made into objects.</summary>
public sealed class XmlTests
{
    private static readonly Dictionary<string, Func<int, string>> Kinds = new()
    {
        ["deep"] = n => string.Concat(Enumerable.Repeat("<a>", n / 3)),
        ["deep, closed"] = n => string.Concat(Enumerable.Repeat("<a>", n / 7)) + string.Concat(Enumerable.Repeat("</a>", n / 7)),
        ["deep, each with a prefix"] = n => string.Concat(Enumerable.Range(0, n / 20).Select(i => $"<p{i}:a xmlns:p{i}='u{i}'>")),
        ["many attributes"] = n => $"<a {string.Join(' ', Enumerable.Range(0, n / 10).Select(i => $"b{i}='c'"))}/>",
        ["many elements"] = n => $"<a>{string.Concat(Enumerable.Repeat("<b/>", n / 4))}</a>",
        ["a long name"] = n => $"<{new string('a', n)}/>",
        ["long text"] = n => $"<a>{new string('a', n)}</a>",
        ["entities"] = n => $"<a>{string.Concat(Enumerable.Repeat("&amp;", n / 5))}</a>",
        ["a DTD"] = n => $"<!DOCTYPE a [<!ENTITY b '{new string('b', n)}'>]><a>&b;</a>",
        ["comments"] = n => $"<a>{string.Concat(Enumerable.Repeat("<!---->", n / 7))}</a>",
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_document_costs_no_more_than_its_length(string kind)
    {
        CostOf(Kinds[kind](20_000));
        var (small, large) = ((double)CostOf(Kinds[kind](20_000)) / 20_000, (double)CostOf(Kinds[kind](1_600_000)) / 1_600_000);

        Assert.True(large < Math.Max(100, 2 * small), $"{small:0} bytes a byte of a short document, {large:0} of a long one");
    }

    [Theory]
    [InlineData("deep, closed")]
    [InlineData("many attributes")]
    [InlineData("a DTD")]
    public void A_document_unlike_any_of_S3s_is_malformed(string kind)
    {
        var error = Assert.Throws<CdfException>(() => Read(Kinds[kind](2_000)));
        Assert.Equal("MalformedXML", error.ErrorTypeName);
    }

    [Fact]
    public void A_client_that_has_gone_is_not_read_for()
    {
        using var document = new MemoryStream(Encoding.UTF8.GetBytes(Kinds["many elements"](20_000)));
        Assert.Throws<OperationCanceledException>(() => S3Xml.Read(document, new CancellationToken(canceled: true)));
    }

    private static long CostOf(string document)
    {
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(document));
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            S3Xml.Read(bytes, CancellationToken.None);
        }
        catch (CdfException)
        {
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Read(string document)
    {
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(document));
        S3Xml.Read(bytes, CancellationToken.None);
    }
}
