using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Manifests;
using SharpCompress.Common;
using SharpCompress.Writers.SevenZip;
using Xunit;

namespace CdfProvisioning.Tests.Manifests;

public sealed class OtherManifestTests : ManifestTestBase
{
    private readonly ParsedCertificate _one = Make.Device(Maker, "one");
    private readonly ParsedCertificate _two = Make.Device(Maker, "two");

    [Fact]
    public async Task Espressifs_list_names_its_devices_by_MAC_and_quotes_certificates_over_lines()
    {
        var path = Write("list.csv", $"MAC,cn,cert\n84F703123456,9b2,\"{_one.Pem}\"\n84F703123457,9b3,\"{_two.Pem}\"\n84F703123458,9b4,nonsense!\n");

        var items = await ReadAsync(path);

        AssertIs(items[0], _one, "84F703123456");
        AssertIs(items[1], _two, "84F703123457");
        Assert.Equal("9b3", items[1].Fields["cn"]);
        AssertIsBad(items[2], "neither PEM text nor base64");
        Assert.Contains("row 3", items[2].Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RainMakers_list_keeps_the_columns_that_its_user_added()
    {
        var items = await ReadAsync(Write("list.csv", $"node_id,certs,qrcode,batch\nnode-1,\"{_one.Pem}{Maker.Certificate.Pem}\",\"{{\"\"ver\"\":\"\"v1\"\"}}\",B7\n"));

        AssertIs(Assert.Single(items), _one, "node-1");
        Assert.Equal("B7", items[0].Fields["batch"]);
        Assert.Equal(Maker.Certificate.Pem, items[0].Certificate!.IssuersPem);
    }

    [Fact]
    public async Task NRF_Clouds_list_has_no_header()
    {
        var items = await ReadAsync(Write("onboard.csv", $"nrf-1,gateway,a|b,APP|MODEM,\"{_one.Pem}\"\nnrf-2,,,,\"{_two.Pem}\"\n"));

        AssertIs(items[0], _one, "nrf-1");
        AssertIs(items[1], _two, "nrf-2");
        Assert.Equal("a|b", items[0].Fields["Tags"]);
    }

    [Fact]
    public async Task A_plain_list_takes_base64_of_PEM_of_DER_and_of_chains()
    {
        var lines = new[]
        {
            Convert.ToBase64String(Encoding.ASCII.GetBytes(_one.Pem)),
            Convert.ToBase64String(_two.Der),
            Convert.ToBase64String([.. _one.Der, .. Maker.Certificate.Der]),
            "",
            Convert.ToBase64String(Encoding.ASCII.GetBytes(_two.Pem + Maker.Certificate.Pem)),
            Convert.ToBase64String(_one.Der[..100]),
            new string('A', ManifestReader.MaxItemLength + 100),
        };

        var items = await ReadAsync(Write("list.txt", string.Join("\r\n", lines)));

        AssertIs(items[0], _one, "one");
        AssertIs(items[1], _two, "two");
        AssertIs(items[2], _one, "one");
        Assert.Single(items[2].Certificate!.Issuers);
        AssertIs(items[3], _two, "two");
        Assert.Single(items[3].Certificate!.Issuers);
        AssertIsBad(items[4], "cut off or damaged");
        Assert.Contains("line 6", items[4].Problem!.Message, StringComparison.Ordinal);
        AssertIsBad(items[5], "longer than");
    }

    [Fact]
    public async Task A_folder_of_PEM_DER_and_PFX_files_is_read_in_the_order_of_their_names()
    {
        Write("a.pem", _one.Pem);
        Write("b.der", _two.Der);
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        using (var certificate = new CertificateRequest("CN=three", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1)))
            Write("c.pfx", certificate.Export(X509ContentType.Pfx, "secret"));
        Write("d.pem", _one.Pem[..200]);
        Write("notes.txt", "not read");

        var items = await ReadAsync(Folder.Path, password: "secret");

        Assert.Equal(4, items.Count);
        AssertIs(items[0], _one, "a");
        AssertIs(items[1], _two, "b");
        Assert.Equal("c", NameTemplate.Default(items[2]));
        AssertIsBad(items[3], "cut off or damaged");
        AssertIsBad((await ReadAsync(Folder.File("c.pfx"), password: "wrong"))[0], "another password");
        AssertIsBad((await ReadAsync(Folder.File("c.pfx")))[0], "-Password");
    }

    [Fact]
    public async Task A_PEM_file_with_unrelated_certificates_is_one_device_each()
    {
        var items = await ReadAsync(Write("all.pem", _one.Pem + Maker.Certificate.Pem + _two.Pem));

        AssertIs(items[0], _one, "one");
        AssertIs(items[1], _two, "two");
        Assert.Equal(2, items.Count);
    }

    [Fact]
    public async Task A_PEM_list_of_any_length_is_read_device_by_device()
    {
        var device = Make.Device(Maker);
        var chain = device.Pem + Maker.Certificate.Pem;
        var devices = 16 * 1024 * 1024 / chain.Length + 1; // too many to be read at once
        var damaged = chain.Replace("\n-----END", "!\n-----END", StringComparison.Ordinal)[..(device.Pem.Length + 1)];
        var path = Write("list.pem", string.Concat(Enumerable.Repeat(chain, devices)) + damaged + chain + device.Pem[..200]);

        var items = await ReadAsync(path);

        Assert.Equal(devices + 3, items.Count);
        Assert.All(items[..devices], item => Assert.Equal((device.Id, Maker.Certificate.Pem), (item.Certificate!.Leaf.Id, item.Certificate.IssuersPem)));
        AssertIsBad(items[devices], $"certificate {devices + 1}");
        Assert.Equal(device.Id, items[devices + 1].Certificate!.Leaf.Id);
        AssertIsBad(items[devices + 2], "cut off");
    }

    [Fact]
    public async Task Infineons_reel_is_read_slot_by_slot_and_names_chips_by_their_id()
    {
        var path = Reel(("00112233445566778899_E0E0.pem", _one.Pem), ("00112233445566778800_E0E0.pem", _two.Pem), ("README.txt", "no certificate"), ("bad_E0E0.pem", "no certificate!"));

        var items = await ReadAsync(path);

        AssertIs(items[0], _one, "00112233445566778899");
        AssertIs(items[1], _two, "00112233445566778800");
        AssertIsBad(items[2], "neither PEM text nor base64");
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(path, slot: "E0E7"));
        Assert.Contains("*_E0E7_Certs.7z", error.Message, StringComparison.Ordinal);
        Assert.Contains("_E0E0_Certs.7z", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_lies_outside_its_archive_is_a_bad_item() =>
        AssertIsBad((await ReadAsync(Reel(("../../escape_E0E0.pem", _one.Pem))))[0], "outside the archive");

    [Fact]
    public async Task A_certificate_that_unpacks_to_more_than_any_has_is_a_bad_item()
    {
        var items = await ReadAsync(Reel(("bomb_E0E0.pem", new string('A', 5_000_000)), ("good_E0E0.pem", _one.Pem)));

        AssertIsBad(items[0], "larger than");
        AssertIs(items[1], _one, "good");
    }

    [Fact]
    public async Task A_damaged_reel_is_an_error_that_names_it()
    {
        var path = Reel(("00_E0E0.pem", _one.Pem));
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        foreach (var length in (int[])[6, 20, 40, bytes.Length / 2, bytes.Length - 1])
        {
            await File.WriteAllBytesAsync(path, bytes[..length], Cancellation);
            Assert.Contains(path, (await Assert.ThrowsAsync<CdfException>(() => ReadAsync(path))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_manifest_says_how_to_name_the_format()
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(Write("notes.txt", "hello")));
        Assert.Contains("-Format", error.Message, StringComparison.Ordinal);
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(() => ReadAsync(Folder.File("missing")))).Code);
    }

    private string Reel(params (string Name, string Content)[] certificates)
    {
        var slot = Archive([.. certificates.Select(c => (c.Name, Encoding.UTF8.GetBytes(c.Content)))]);
        return Write("reel.7z", Archive(
            ("R0001_GUID_E0E0_Certs.7z", slot), ("R0001_GUID_E0E1_Certs.7z", Archive(("x_E0E1.pem", "no"u8.ToArray()))), ("R0001_GUID_keys.7z", [1, 2, 3]), ("README.txt", "read me"u8.ToArray())));
    }

    private static byte[] Archive(params (string Name, byte[] Content)[] entries)
    {
        var archive = new MemoryStream();
        using (var writer = new SevenZipWriter(archive, new SevenZipWriterOptions(CompressionType.LZMA2) { LeaveStreamOpen = true }))
        {
            foreach (var (name, content) in entries)
                writer.Write(name, new MemoryStream(content), modificationTime: null);
        }
        return archive.ToArray();
    }
}
