using System.Text.RegularExpressions;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Keys;

/// <summary>What stands in a device's place in a <see cref="KeyDirectory"/>.</summary>
/// <param name="Text">The file's text; empty if it was left unfinished.</param>
/// <param name="Key">The private key.</param>
/// <param name="Certificate">The certificate; null as long as only its key is there.</param>
/// <param name="Owner">Who has reserved the place; null once the device is registered.</param>
/// <param name="Registry">For which registry it was reserved.</param>
/// <param name="WrittenAt">When it was written.</param>
internal sealed partial record FiledKey(string Text, string? Key, ParsedCertificate? Certificate, string? Owner, string? Registry, DateTimeOffset WrittenAt)
{
    private const string BeginCertificate = "-----BEGIN CERTIFICATE-----";

    /// <summary>Who has reserved the place of a key that waits for the certificate of its signing request: nobody may take it.</summary>
    public static readonly string WaitingOwner = new('0', 32);

    /// <summary>Whether the key waits for the certificate of its signing request.</summary>
    public bool IsWaiting => Owner == WaitingOwner;

    /// <summary>The identifier of the key, as <see cref="PublicKey.Identifier"/>.</summary>
    public byte[]? KeyIdentifier => Certificate?.PublicKey.Identifier ?? (Key is null ? null : DeviceKey.IdentifierOf(Key));

    /// <summary>How much of the file is key and certificate.</summary>
    public int Length => Owner is null ? Text.Length : Text.LastIndexOf("# reserved by ", StringComparison.Ordinal);

    /// <exception cref="CdfException">Conflict: it is no key.</exception>
    public static FiledKey? Parse(string? text, string file, string thingName, DateTimeOffset writtenAt)
    {
        if (string.IsNullOrEmpty(text))
            return text is null ? null : new("", null, null, null, null, writtenAt);
        var reservation = Reservation().Match(text);
        var begin = text.IndexOf(BeginCertificate, StringComparison.Ordinal);
        var end = reservation.Success ? reservation.Index : text.Length;
        if (!text.AsSpan(0, begin < 0 ? end : begin).Contains("PRIVATE KEY-----", StringComparison.Ordinal) || (begin < 0 && !reservation.Success))
            throw NotOurs(file, thingName);
        try
        {
            return new(
                text, text[..(begin < 0 ? end : begin)], begin < 0 ? null : ParsedCertificate.FromPem(text[begin..end], "The certificate"),
                reservation.Success ? reservation.Groups["owner"].Value : null, reservation.Success ? reservation.Groups["registry"].Value : null, writtenAt);
        }
        catch (CdfException e)
        {
            throw NotOurs(file, thingName, e);
        }
    }

    public static CdfException NotOurs(string file, string thingName, Exception? cause = null) => CdfErrorCode.Conflict.Error(
        $"The file '{file}' stands where the key of thing '{thingName}' belongs, and is no such key. Move it away, or name another key folder.", cause);

    /// <summary>Never the key.</summary>
    public override string ToString() => $"the key of certificate {Certificate?.Id}";

    [GeneratedRegex(@"^# reserved by (?<owner>[0-9a-f]{32}) for registry (?<registry>[0-9a-f]{32}): no device has this key yet\n\z", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Reservation();
}
