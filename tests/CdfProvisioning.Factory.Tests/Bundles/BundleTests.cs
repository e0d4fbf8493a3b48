using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Bundles;
using CdfProvisioning.Keys;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Bundles;

public sealed class BundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OpenSsl _openSsl = new();
    private readonly CertificateSigner _ca = Make.Ca("Factory CA");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Path => _folder.File("bundles");

    [Fact]
    public async Task A_device_is_a_folder_with_what_it_needs_to_connect()
    {
        var device = Device("sensor:1");

        await WriteAsync(new() { Format = BundleFormat.Folder, Endpoint = "iot.example:8884", RootPem = _ca.Certificate.Pem }, device);

        var bundle = System.IO.Path.Combine(Path, "sensor%3A1");
        Assert.Equal(device.Certificate.Pem, Read(bundle, "certificate.pem"));
        Assert.Equal(device.PrivateKeyPem, Read(bundle, "private-key.pem"));
        Assert.Equal(_ca.Certificate.Pem, Read(bundle, "root.pem"));
        using var configuration = JsonDocument.Parse(Read(bundle, "config.json"));
        Assert.Equal("sensor:1", configuration.RootElement.GetProperty("thingName").GetString());
        Assert.Equal("iot.example", configuration.RootElement.GetProperty("endpoint").GetString());
        Assert.Equal(8884, configuration.RootElement.GetProperty("port").GetInt32());
        Assert.Equal("private-key.pem", configuration.RootElement.GetProperty("privateKey").GetString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(System.IO.Path.Combine(bundle, "private-key.pem")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(bundle));
        }
    }

    [Fact]
    public async Task A_PFX_opens_in_openssl_with_its_password_and_is_protected_as_it_should_be()
    {
        var device = Device("sensor-1") with { ChainPem = _ca.Certificate.Pem };
        await WriteAsync(new() { Format = BundleFormat.Folder, Content = BundleContent.Pfx, PfxPassword = "secret" }, device);

        var pfx = System.IO.Path.Combine(Path, "sensor-1", "device.pfx");
        var shown = _openSsl.Run($"pkcs12 -in {pfx} -passin pass:secret -nodes -info");

        Assert.Contains("PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256", shown, StringComparison.Ordinal);
        Assert.Contains("MAC: sha256, Iteration 200000", shown, StringComparison.Ordinal);
        Assert.Contains("BEGIN PRIVATE KEY", shown, StringComparison.Ordinal);
        Assert.Contains("Factory CA", shown, StringComparison.Ordinal);
        Assert.NotEqual(0, _openSsl.TryRun($"pkcs12 -in {pfx} -passin pass:wrong -nodes").ExitCode);
    }

    [Fact]
    public async Task QR_codes_NVS_and_labels_are_made_on_wish()
    {
        await WriteAsync(
            new() { Format = BundleFormat.Folder, Content = BundleContent.QrPng | BundleContent.QrSvg | BundleContent.Nvs | BundleContent.Labels, QrText = "{\"name\":\"{ThingName}\"}" },
            Device("sensor-1"), Device("sensor-2"));

        var bundle = System.IO.Path.Combine(Path, "sensor-2");
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(System.IO.Path.Combine(bundle, "qr.png"))[..4]);
        Assert.Contains("<svg", Read(bundle, "qr.svg"), StringComparison.Ordinal);
        var nvs = Read(bundle, "nvs.csv");
        Assert.StartsWith("key,type,encoding,value\naws,namespace,,\n", nvs, StringComparison.Ordinal);
        Assert.All(nvs.Split('\n').Where(line => line.Contains(",data,", StringComparison.Ordinal)), line => Assert.InRange(line.IndexOf(','), 1, 15));
        var labels = Read(Path, "labels.csv").TrimEnd().Split('\n');
        Assert.Equal(3, labels.Length);
        Assert.Contains("\"{\"\"name\"\":\"\"sensor-1\"\"}\"", labels[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa:2048")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-256")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-384")]
    public async Task Archives_for_a_factory_open_with_openssl_and_its_key_alone(string newKey)
    {
        _openSsl.Run($"req -x509 -newkey {newKey} -nodes -keyout factory.key -out factory.cer -days 2", "/CN=Factory 7");
        _openSsl.Run($"req -x509 -newkey {newKey} -nodes -keyout other.key -out other.cer -days 2", "/CN=Factory 8");
        var recipient = KeyRecipient.Of(_openSsl.Read("factory.cer"));
        var devices = Enumerable.Range(1, 5).Select(n => Device($"sensor-{n}")).ToArray();

        await WriteAsync(new() { Format = BundleFormat.Zip, BatchSize = 2, Recipient = recipient }, devices);

        Assert.Equal(["000001.zip.p7m", "000002.zip.p7m", "000003.zip.p7m"], Directory.GetFiles(Path, "*.p7m").Select(System.IO.Path.GetFileName).Order());
        var sealedArchive = System.IO.Path.Combine(Path, "000001.zip.p7m");
        Assert.DoesNotContain("sensor-1", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(sealedArchive)), StringComparison.Ordinal);
        var opened = _folder.File("opened.zip");
        _openSsl.Run($"cms -decrypt -inform DER -in {sealedArchive} -inkey factory.key -recip factory.cer -binary -out {opened}");
        using var zip = ZipFile.OpenRead(opened);
        using var certificate = new StreamReader(zip.GetEntry("sensor-2/certificate.pem")!.Open());
        Assert.Equal(devices[1].Certificate.Pem, certificate.ReadToEnd());
        Assert.NotEqual(0, _openSsl.TryRun($"cms -decrypt -inform DER -in {sealedArchive} -inkey other.key -recip other.cer -binary -out other.zip").ExitCode);
    }

    [Fact]
    public async Task The_index_says_where_each_device_is_and_what_its_files_are()
    {
        await WriteAsync(new() { Format = BundleFormat.Zip, BatchSize = 2 }, Device("sensor-1"), Device("sensor-2"), Device("sensor-3"));

        var lines = File.ReadAllLines(System.IO.Path.Combine(Path, BundleIndex.FileName)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["000001.zip", "000001.zip", "000002.zip"], lines.Select(line => line.GetProperty("in").GetString()));
        using var zip = ZipFile.OpenRead(System.IO.Path.Combine(Path, "000002.zip"));
        foreach (var file in lines[2].GetProperty("sha256").EnumerateObject())
        {
            using var content = zip.GetEntry($"sensor-3/{file.Name}")!.Open();
            Assert.Equal(file.Value.GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        }
    }

    /// <summary>Stops the export at every place where it may be killed: after each device, with a torn last line, with an archive nobody indexed.</summary>
    [Theory]
    [InlineData(BundleFormat.Folder)]
    [InlineData(BundleFormat.Zip)]
    public async Task An_export_goes_on_where_it_was_stopped_and_has_every_device_once(BundleFormat format)
    {
        var devices = Enumerable.Range(1, 7).Select(n => Device($"sensor-{n}")).ToArray();
        var options = new BundleOptions { Format = format, BatchSize = 2, Content = BundleContent.Labels };
        for (var stop = 1; stop < devices.Length; stop++)
        {
            await using (var writer = await BundleWriter.OpenAsync(Path, options, Cancellation))
            {
                foreach (var device in devices[..stop])
                    await writer.AddAsync(device, Cancellation);
            }
            await File.AppendAllTextAsync(System.IO.Path.Combine(Path, BundleIndex.FileName), "{\"thingName\":\"sens", Cancellation);
            if (format == BundleFormat.Zip)
                await File.WriteAllTextAsync(System.IO.Path.Combine(Path, "000099.zip"), "not indexed", Cancellation);
        }
        await WriteAsync(options, devices);
        await WriteAsync(options, devices);

        var lines = File.ReadAllLines(System.IO.Path.Combine(Path, BundleIndex.FileName)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(devices.Select(d => d.ThingName), lines.Select(line => line.GetProperty("thingName").GetString()).Order());
        Assert.False(File.Exists(System.IO.Path.Combine(Path, "000099.zip")));
        var found = format == BundleFormat.Folder
            ? Directory.GetDirectories(Path).Select(System.IO.Path.GetFileName)
            : Directory.GetFiles(Path, "*.zip").SelectMany(Devices);
        Assert.Equal(devices.Select(d => d.ThingName), found.Order());
        if (format == BundleFormat.Folder)
            Assert.Equal(8, File.ReadAllLines(System.IO.Path.Combine(Path, "labels.csv")).Length);

        static IEnumerable<string> Devices(string archive)
        {
            using var zip = ZipFile.OpenRead(archive);
            return zip.Entries.Select(entry => entry.FullName.Split('/')[0]).Where(name => name != "labels.csv").Distinct().ToArray();
        }
    }

    [Fact]
    public async Task What_does_not_go_together_is_refused_before_anything_is_written()
    {
        var recipient = KeyRecipient.Of(_ca.Certificate.Pem);
        await Assert.ThrowsAsync<CdfException>(() => WriteAsync(new() { Format = BundleFormat.Folder, Recipient = recipient }));
        await Assert.ThrowsAsync<CdfException>(() => WriteAsync(new() { Format = BundleFormat.Folder, Content = BundleContent.Pfx }));
        Assert.False(Directory.Exists(Path));

        var device = Device("sensor-1");
        await WriteAsync(new() { Format = BundleFormat.Folder }, device);
        Assert.Equal(CdfErrorCode.Conflict, (await Assert.ThrowsAsync<CdfException>(() => WriteAsync(new() { Format = BundleFormat.Folder }, Device("sensor-1")))).Code);
    }

    [Theory]
    [InlineData("../elsewhere")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("CON")]
    [InlineData("")]
    public async Task A_name_that_would_lead_out_of_the_folder_is_refused(string name)
    {
        Directory.CreateDirectory(_folder.File("elsewhere"));

        var problem = await Assert.ThrowsAsync<CdfException>(() => WriteAsync(new() { Format = BundleFormat.Folder }, Device(name)));

        Assert.Equal(CdfErrorCode.InvalidRequest, problem.Code);
        Assert.True(Directory.Exists(_folder.File("elsewhere")));
        Assert.Equal([BundleIndex.FileName], Directory.GetFileSystemEntries(Path).Select(System.IO.Path.GetFileName));
    }

    private BundleDevice Device(string name)
    {
        var key = DeviceKey.CreateP256();
        var now = DateTimeOffset.UtcNow;
        return new(name, _ca.Issue(new SubjectFields("device").ToName(), key.SubjectPublicKeyInfo, now, now.AddDays(30), IssueProfile.Device), "", key.PrivateKeyPem);
    }

    private async Task WriteAsync(BundleOptions options, params BundleDevice[] devices)
    {
        await using var writer = await BundleWriter.OpenAsync(Path, options, Cancellation);
        foreach (var device in devices)
            await writer.AddAsync(device, Cancellation);
        await writer.FinishAsync(Cancellation);
    }

    private static string Read(params string[] path) => File.ReadAllText(System.IO.Path.Combine(path));

    public void Dispose()
    {
        _openSsl.Dispose();
        _folder.Dispose();
    }
}
