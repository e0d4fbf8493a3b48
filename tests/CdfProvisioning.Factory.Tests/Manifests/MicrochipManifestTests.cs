using System.Buffers.Text;
using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Manifests;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Manifests;

public sealed class MicrochipManifestTests : ManifestTestBase
{
    private readonly OpenSsl _openSsl = new();

    public MicrochipManifestTests()
    {
        _openSsl.MakeCa("ec -pkeyopt ec_paramgen_curve:P-256", "/O=Example/CN=Manifest Signer 001");
        Signer = ParsedCertificate.FromPem(_openSsl.Read("ca.pem"), "The signer");
    }

    private ParsedCertificate Signer { get; }

    [Fact]
    public async Task Each_signed_device_is_a_row_with_its_certificate_its_issuer_and_what_its_maker_says_of_it()
    {
        ParsedCertificate one = Make.Device(Maker, "sn0123AABB01"), two = Make.Device(Maker, "sn0123AABB02");

        var items = await ReadAsync(Manifest(Sign(Device("0123aabb01", one)), Sign(Device("0123aabb02", two))), signers: Signer);

        Assert.Equal(2, items.Count);
        AssertIs(items[0], one, "0123aabb01");
        AssertIs(items[1], two, "0123aabb02");
        Assert.Equal(Maker.Certificate.Pem, items[0].Certificate!.IssuersPem);
        Assert.Equal("ATECC608B", items[0].Fields["Model"]);
        Assert.Equal("sensor-0123aabb01-ATECC608B", new NameTemplate("sensor-{uniqueId}-{MODEL}").Fill(items[0]));
    }

    [Fact]
    public async Task A_name_template_with_an_unknown_field_names_those_there_are()
    {
        var items = await ReadAsync(Manifest(Sign(Device("01", Make.Device(Maker)))), signers: Signer);

        var error = Assert.Throws<CdfException>(() => new NameTemplate("{chipId}").Fill(items[0]));
        Assert.Contains("'{chipId}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("UniqueId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_item_is_told_with_its_place_and_the_others_are_read()
    {
        var good = Sign(Device("01", Make.Device(Maker)));
        var changed = Sign(Device("02", Make.Device(Maker)));
        changed["payload"] = Encode(Device("03", Make.Device(Maker)));
        var unsigned = Sign(Device("04", Make.Device(Maker)));
        unsigned.Remove("signature");
        var otherKey = Make.Device(Maker);
        var mismatched = Device("05", Make.Device(Maker));
        mismatched["publicKeySet"]!["keys"]![0]!["x5c"]![0] = Convert.ToBase64String(otherKey.Der);
        var keyless = Device("06", Make.Device(Maker));
        keyless.Remove("publicKeySet");
        var renamed = Sign(Device("07", Make.Device(Maker)));
        renamed["header"]!["uniqueId"] = "08";

        var items = await ReadAsync(
            Manifest(
                Sign(Device("00", Make.Device(Maker)), header => header["alg"] = "none"),
                Sign(Device("00", Make.Device(Maker)), header => header["alg"] = "HS256"),
                Sign(Device("00", Make.Device(Maker)), header => header["x5t#S256"] = Base64Url.EncodeToString(Maker.Certificate.Fingerprint)),
                Sign(Device("00", Make.Device(Maker)), header => header["kid"] = "AAAA"),
                changed, unsigned, Sign(mismatched), Sign(keyless), renamed, "text", good),
            signers: Signer);

        AssertIsBad(items[0], "signed with 'none'");
        AssertIsBad(items[1], "signed with 'HS256'");
        AssertIsBad(items[2], "not among the signer certificates");
        AssertIsBad(items[3], "kid 'AAAA'");
        AssertIsBad(items[4], "signature is wrong");
        AssertIsBad(items[5], "no signature");
        AssertIsBad(items[6], "another key");
        AssertIsBad(items[7], "Device '06' has no certificate");
        AssertIsBad(items[8], "names device '08'");
        AssertIsBad(items[9], "no JSON object");
        Assert.Contains("item 5", items[4].Problem!.Message, StringComparison.Ordinal);
        Assert.Null(items[10].Problem);
    }

    [Fact]
    public async Task A_manifest_that_is_cut_in_the_middle_gives_the_devices_before_it_and_one_bad_item()
    {
        var path = Manifest([.. Enumerable.Range(1, 20).Select(n => Sign(Device($"{n:00}", Make.Device(Maker))))]);
        var text = await File.ReadAllTextAsync(path, Cancellation);
        await File.WriteAllTextAsync(path, text[..(text.Length / 2)], Cancellation);

        var items = await ReadAsync(path, signers: Signer);

        Assert.InRange(items.Count, 2, 12);
        AssertIsBad(items[^1], "damaged or cut off");
        Assert.All(items[..^1], item => Assert.Null(item.Problem));
    }

    [Fact]
    public async Task Without_signer_certificates_nothing_is_read()
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(Manifest(Sign(Device("01", Make.Device(Maker))))));
        Assert.Contains("-SignerCertificate", error.Message, StringComparison.Ordinal);
    }

    private string Manifest(params JsonNode[] items) => Write("manifest.json", new JsonArray(items).ToJsonString());

    private static JsonObject Device(string uniqueId, ParsedCertificate certificate)
    {
        var point = certificate.PublicKey.Der.Span[^64..];
        return new JsonObject
        {
            ["version"] = 1,
            ["model"] = "ATECC608B",
            ["partNumber"] = "ATECC608B-TFLXTLS",
            ["manufacturer"] = new JsonObject { ["organizationName"] = "Example Chips", ["organizationalUnitName"] = "Secure" },
            ["groupId"] = "359SCE55NV38H3CB",
            ["provisioningTimestamp"] = "2026-01-02T03:04:05.000Z",
            ["uniqueId"] = uniqueId,
            ["publicKeySet"] = new JsonObject
            {
                ["keys"] = new JsonArray(
                    new JsonObject
                    {
                        ["kid"] = "0",
                        ["kty"] = "EC",
                        ["crv"] = "P-256",
                        ["x"] = Base64Url.EncodeToString(point[..32]),
                        ["y"] = Base64Url.EncodeToString(point[32..]),
                        ["x5c"] = new JsonArray(Convert.ToBase64String(certificate.Der), Convert.ToBase64String(Maker.Certificate.Der)),
                    },
                    new JsonObject { ["kid"] = "1", ["kty"] = "EC", ["crv"] = "P-256" }),
            },
        };
    }

    /// <summary>Signs as RFC 7515 says, with openssl.</summary>
    private JsonObject Sign(JsonObject device, Action<JsonObject>? change = null)
    {
        var header = new JsonObject
        {
            ["alg"] = "ES256",
            ["kid"] = Base64Url.EncodeToString(Signer.SubjectKeyIdentifier),
            ["typ"] = "JWT",
            ["x5t#S256"] = Base64Url.EncodeToString(Signer.Fingerprint),
        };
        change?.Invoke(header);
        string protectedHeader = Encode(header), payload = Encode(device);
        _openSsl.Write("signed", $"{protectedHeader}.{payload}");
        _openSsl.Run("dgst -sha256 -sign ca.key -out signature signed");
        var signature = new AsnReader(Convert.FromBase64String(_openSsl.Run("base64 -A -in signature")), AsnEncodingRules.DER).ReadSequence();
        return new JsonObject
        {
            ["payload"] = payload,
            ["protected"] = protectedHeader,
            ["header"] = new JsonObject { ["uniqueId"] = device["uniqueId"]!.GetValue<string>() },
            ["signature"] = Base64Url.EncodeToString([.. Fixed(signature.ReadInteger()), .. Fixed(signature.ReadInteger())]),
        };
    }

    private static byte[] Fixed(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
