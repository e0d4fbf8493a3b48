using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using CdfProvisioning.Embedded.Buckets;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>S3's XML documents.</summary>
internal static class S3Xml
{
    public const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static readonly XmlReaderSettings Reading = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };
    private static readonly XmlWriterSettings Writing = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    /// <summary>The deepest of S3's own is at 4, and the longest the completion of an upload of 10,000 parts with all their checksums.</summary>
    private const int MaxDepth = 8;
    private const int MaxElements = 100_000;
    private const int MaxAttributes = 8;

    /// <summary>Looks at the document before it is made into objects.</summary>
    /// <exception cref="CdfException">MalformedXML: it is not XML, or deeper or larger than any of S3's.</exception>
    public static XElement Read(Stream document, CancellationToken cancellationToken)
    {
        try
        {
            var start = document.Position;
            using (var scan = XmlReader.Create(document, Reading))
                Check(scan, cancellationToken);
            document.Position = start;
            using var reader = XmlReader.Create(document, Reading);
            return XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw Malformed(e);
        }
    }

    public static CdfException Malformed(Exception? cause = null) =>
        S3Errors.MalformedXml.Error("The XML you provided was not well-formed or did not validate against our published schema", cause);

    /// <summary>The elements of a name, whether or not the client wrote their namespace.</summary>
    public static IEnumerable<XElement> All(this XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    /// <returns>Null if there is no such element, and if it is empty.</returns>
    public static string? Text(this XElement parent, string name) => parent.All(name).FirstOrDefault()?.Value is { Length: > 0 } text ? text : null;

    public static async Task WriteAsync(HttpResponse response, string root, Action<XmlWriter> content, string? ns = Namespace)
    {
        using var document = new MemoryStream();
        using (var xml = XmlWriter.Create(document, Writing))
        {
            xml.WriteStartElement(root, ns);
            content(xml);
            xml.WriteEndElement();
        }
        response.ContentType = "application/xml";
        response.ContentLength = document.Length;
        await response.Body.WriteAsync(document.GetBuffer().AsMemory(0, (int)document.Length), response.HttpContext.RequestAborted);
    }

    /// <summary>Writes an element; nothing if <paramref name="value"/> is null. Of what the client sent, XML cannot carry all.</summary>
    public static void Text(this XmlWriter xml, string name, string? value)
    {
        if (value is not null)
            xml.WriteElementString(name, Carried(value));
    }

    public static void Text(this XmlWriter xml, string name, long value) => xml.Text(name, value.ToString(CultureInfo.InvariantCulture));

    public static void Text(this XmlWriter xml, string name, bool value) => xml.Text(name, value ? "true" : "false");

    /// <summary>S3's times have whole seconds.</summary>
    public static void Text(this XmlWriter xml, string name, DateTime value) => xml.Text(name, value.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture));

    public static void ETag(this XmlWriter xml, string value) => xml.Text("ETag", S3.ETag.Quoted(value));

    public static void Checksum(this XmlWriter xml, Checksum checksum) => xml.Text(ElementOf(checksum.Algorithm), checksum.Value);

    public static string ElementOf(ChecksumAlgorithm algorithm) => $"Checksum{algorithm}";

    public static void Owner(this XmlWriter xml, string name, string accountId) => xml.Element(name, () => xml.Text("ID", accountId));

    public static void Element(this XmlWriter xml, string name, Action content)
    {
        xml.WriteStartElement(name);
        content();
        xml.WriteEndElement();
    }

    private static void Check(XmlReader reader, CancellationToken cancellationToken)
    {
        var elements = 0;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.NodeType == XmlNodeType.Element && (++elements > MaxElements || reader.Depth > MaxDepth || reader.AttributeCount > MaxAttributes))
                throw Malformed();
        }
    }

    /// <summary>The text as XML can carry it: without control characters and half surrogate pairs.</summary>
    public static string Carried(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
            return text;
        var carried = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            carried.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return carried.ToString();
    }
}
