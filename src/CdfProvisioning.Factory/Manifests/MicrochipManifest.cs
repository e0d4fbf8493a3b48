using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>Microchip's manifests: a JSON array with a flattened JSON Web Signature a device, whose payload names the device and has its certificate.</summary>
internal static class MicrochipManifest
{
    public static async IAsyncEnumerable<ManifestItem> ReadAsync(
        Stream stream, string name, ManifestSigners signers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!signers.Any)
            throw ManifestItem.Invalid($"'{name}' is a signed manifest: name the maker's signer certificates with -SignerCertificate, so that its signatures can be checked.");
        await using var elements = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(stream, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var number = 1L; ; number++)
        {
            ManifestItem? broken = null;
            try
            {
                if (!await elements.MoveNextAsync())
                    yield break;
            }
            catch (JsonException e)
            {
                broken = ManifestItem.Bad($"'{name}', item {number}", ManifestItem.Invalid(
                    $"the manifest is damaged or cut off here, and its rest cannot be read (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} of that line).", e));
            }
            if (broken is not null)
            {
                yield return broken;
                yield break;
            }
            var element = elements.Current;
            yield return ManifestItem.Read($"'{name}', item {number}", () => Read(element, signers));
        }
    }

    private static (IReadOnlyDictionary<string, string>, CertificateChain) Read(JsonElement item, ManifestSigners signers)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw ManifestItem.Invalid("It is no JSON object.");
        string protectedHeader = Required(item, "protected"), payload = Required(item, "payload");
        var header = Decode(protectedHeader, "protected header");
        if (Text(header, "alg") is var algorithm && algorithm != "ES256")
            throw ManifestItem.Invalid($"It is signed with '{algorithm}'; Microchip's manifests are signed with ES256, and nothing else is trusted.");
        signers.Verify(
            Encoding.ASCII.GetBytes($"{protectedHeader}.{payload}"), Bytes(Required(item, "signature"), "signature"), Text(header, "kid"), Text(header, "x5t#S256"));

        var device = Decode(payload, "payload");
        var uniqueId = Text(device, "uniqueId") ?? throw ManifestItem.Invalid("It has no uniqueId.");
        if (item.TryGetProperty("header", out var open) && Text(open, "uniqueId") is { } claimed && claimed != uniqueId)
            throw ManifestItem.Invalid($"Its header names device '{claimed}', its signed content '{uniqueId}'.");
        var fields = new Dictionary<string, string> { ["UniqueId"] = uniqueId };
        foreach (var member in (ReadOnlySpan<string>)["model", "partNumber", "groupId", "provisioningTimestamp"])
        {
            if (Text(device, member) is { } value)
                fields[char.ToUpperInvariant(member[0]) + member[1..]] = value;
        }
        if (device.TryGetProperty("manufacturer", out var manufacturer) && Text(manufacturer, "organizationName") is { } organization)
            fields["Manufacturer"] = organization;
        return (fields, CertificateOf(device, uniqueId));
    }

    private static CertificateChain CertificateOf(JsonElement device, string uniqueId)
    {
        var keys = device.TryGetProperty("publicKeySet", out var set) && set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray().Where(key => key.ValueKind == JsonValueKind.Object && key.TryGetProperty("x5c", out var x5c) && x5c.ValueKind == JsonValueKind.Array && x5c.GetArrayLength() > 0)
            : [];
        foreach (var key in keys)
        {
            var chain = CertificateChain.FromDer([.. key.GetProperty("x5c").EnumerateArray().Select(entry => FromBase64(entry.ValueKind == JsonValueKind.String ? entry.GetString()! : ""))]);
            CheckIsKeyOf(key, chain);
            return chain;
        }
        throw ManifestItem.Invalid($"Device '{uniqueId}' has no certificate in its publicKeySet.");
    }

    /// <summary>The key beside a certificate is the one in it.</summary>
    private static void CheckIsKeyOf(JsonElement key, CertificateChain chain)
    {
        if (Text(key, "kty") != "EC" || Text(key, "crv") != "P-256")
            throw ManifestItem.Invalid($"Its key is of kty '{Text(key, "kty")}', crv '{Text(key, "crv")}', not EC on P-256.");
        byte[] point = [4, .. Bytes(Required(key, "x"), "x"), .. Bytes(Required(key, "y"), "y")];
        if (!chain.Leaf.PublicKey.Der.Span.EndsWith(point))
            throw ManifestItem.Invalid("Its certificate is for another key than the one named beside it.");
    }

    private static string Required(JsonElement element, string member) => Text(element, member) is { Length: > 0 } text
        ? text
        : throw ManifestItem.Invalid(member == "signature" ? "It has no signature." : $"It has no member '{member}'.");

    private static string? Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement Decode(string base64Url, string what)
    {
        try
        {
            return JsonElement.Parse(Bytes(base64Url, what));
        }
        catch (JsonException e)
        {
            throw ManifestItem.Invalid($"Its {what} is not JSON.", e);
        }
    }

    private static byte[] Bytes(string base64Url, string what)
    {
        try
        {
            return Base64Url.DecodeFromChars(base64Url);
        }
        catch (FormatException e)
        {
            throw ManifestItem.Invalid($"Its {what} is not base64url.", e);
        }
    }

    private static byte[] FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw ManifestItem.Invalid("A certificate of its x5c is not base64.", e);
        }
    }
}
