using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CdfProvisioning.Keys;

/// <summary>One line of a <see cref="KeyFile"/>: a device, its certificate and its private key, as JSON.</summary>
/// <param name="Row">The device's row in its list.</param>
/// <param name="Thing">Its thing, if it has one.</param>
/// <param name="CertificateId">The id of its certificate.</param>
/// <param name="CertificatePem">Its certificate.</param>
/// <param name="PrivateKeyPem">Its private key.</param>
internal sealed record KeyLine(long Row, string? Thing, string CertificateId, string CertificatePem, string PrivateKeyPem)
{
    /// <summary>Enough for the writer, which takes every character for one that may become six.</summary>
    private const int BufferLength = 8_192;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _bufferOfThisThread;

    [ThreadStatic]
    private static Utf8JsonWriter? _writerOfThisThread;

    /// <summary>The line, with its end.</summary>
    public byte[] Encode()
    {
        var buffer = _bufferOfThisThread ??= new(BufferLength);
        var json = _writerOfThisThread ??= new(buffer, Json);
        try
        {
            json.WriteStartObject();
            json.WriteNumber("row"u8, Row);
            json.WriteString("thing"u8, Thing);
            json.WriteString("certificateId"u8, CertificateId);
            json.WriteString("certificatePem"u8, CertificatePem);
            json.WriteString("privateKeyPem"u8, PrivateKeyPem);
            json.WriteEndObject();
            json.Flush();
            buffer.GetSpan(1)[0] = (byte)'\n';
            buffer.Advance(1);
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            json.Reset();
            buffer.Clear(); // the key
        }
    }

    /// <exception cref="JsonException">It is no such line.</exception>
    public static KeyLine Decode(ReadOnlySpan<byte> line) =>
        JsonSerializer.Deserialize<KeyLine>(line, JsonSerializerOptions.Web) is { CertificateId: not null, CertificatePem: not null, PrivateKeyPem: not null } read
            ? read
            : throw new JsonException("It has no certificateId, no certificatePem or no privateKeyPem.");

    /// <summary>Never the key.</summary>
    public override string ToString() => $"the key of {Thing ?? CertificateId}";
}
