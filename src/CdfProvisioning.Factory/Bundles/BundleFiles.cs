using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CdfProvisioning.Factory.Manifests;
using CsvHelper;
using QRCoder;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>A file of a bundle.</summary>
internal sealed record BundleFile(string Name, byte[] Content);

/// <summary>Makes the files of one device.</summary>
internal sealed class BundleFiles(BundleOptions options)
{
    private const int MqttPort = 8883;
    private const int PfxIterations = 200_000;

    private static readonly JsonWriterOptions Json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IReadOnlyList<BundleFile> Make(BundleDevice device)
    {
        var files = new List<BundleFile> { new("certificate.pem", Text(device.Certificate.Pem)) };
        if (device.ChainPem.Length > 0)
            files.Add(new("chain.pem", Text(device.ChainPem)));
        if (device.PrivateKeyPem is { } key)
            files.Add(new("private-key.pem", Text(key)));
        if (options.RootPem.Length > 0)
            files.Add(new("root.pem", Text(options.RootPem)));
        files.Add(new("config.json", Configuration(device, [.. files.Select(file => file.Name)])));
        if (options.Content.HasFlag(BundleContent.Pfx))
            files.Add(new("device.pfx", Pfx(device)));
        if (options.Content.HasFlag(BundleContent.Nvs))
            files.Add(new("nvs.csv", Nvs(device)));
        if ((options.Content & (BundleContent.QrPng | BundleContent.QrSvg)) != 0)
            AddQrCodes(files, QrText(device));
        return files;
    }

    public string QrText(BundleDevice device) => options.QrText
        .Replace("{ThingName}", device.ThingName, StringComparison.OrdinalIgnoreCase)
        .Replace("{CertificateId}", device.Certificate.Id, StringComparison.OrdinalIgnoreCase)
        .Replace("{CommonName}", device.Certificate.Subject.CommonName ?? "", StringComparison.OrdinalIgnoreCase);

    private byte[] Configuration(BundleDevice device, IReadOnlyList<string> files)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content, Json))
        {
            json.WriteStartObject();
            json.WriteString("thingName", device.ThingName);
            json.WriteString("clientId", device.ThingName);
            json.WriteString("certificateId", device.Certificate.Id);
            json.WriteString("notAfter", device.Certificate.NotAfter.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            if (options.Endpoint is { } endpoint)
            {
                var colon = endpoint.LastIndexOf(':');
                var port = colon > 0 && int.TryParse(endpoint.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var given) ? given : MqttPort;
                json.WriteString("endpoint", colon > 0 ? endpoint[..colon] : endpoint);
                json.WriteNumber("port", port);
            }
            foreach (var (name, member) in (ReadOnlySpan<(string, string)>)[("certificate.pem", "certificate"), ("chain.pem", "chain"), ("private-key.pem", "privateKey"), ("root.pem", "root")])
            {
                if (files.Contains(name))
                    json.WriteString(member, name);
            }
            json.WriteEndObject();
        }
        content.WriteByte((byte)'\n');
        return content.ToArray();
    }

    /// <summary>PKCS#12 with PBES2, AES-256 and SHA-256 (RFC 8018): the framework's own export still uses 3DES and SHA-1 on Linux.</summary>
    private byte[] Pfx(BundleDevice device)
    {
        var protection = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, PfxIterations);
        var certificates = new Pkcs12SafeContents();
        using var leaf = X509Certificate2.CreateFromPem(device.Certificate.Pem);
        var bag = certificates.AddCertificate(leaf);
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPem(device.ChainPem);
        foreach (var issuer in issuers)
        {
            certificates.AddCertificate(issuer);
            issuer.Dispose();
        }

        var builder = new Pkcs12Builder();
        if (device.PrivateKeyPem is { } pem)
        {
            var id = new Pkcs9LocalKeyId(SHA256.HashData(leaf.RawData));
            bag.Attributes.Add(id);
            using var key = ImportKey(pem);
            var keys = new Pkcs12SafeContents();
            keys.AddShroudedKey(key, options.PfxPassword, protection).Attributes.Add(id);
            builder.AddSafeContentsUnencrypted(keys);
        }
        builder.AddSafeContentsEncrypted(certificates, options.PfxPassword, protection);
        builder.SealWithMac(options.PfxPassword, HashAlgorithmName.SHA256, PfxIterations);
        return builder.Encode();
    }

    private static AsymmetricAlgorithm ImportKey(string pem)
    {
        try
        {
            var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            var key = RSA.Create();
            key.ImportFromPem(pem);
            return key;
        }
    }

    /// <summary>As Espressif's NVS partition generator reads it.</summary>
    private byte[] Nvs(BundleDevice device)
    {
        using var content = new MemoryStream();
        using (var csv = CsvWriter.Create(content, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteRecord(["key", "type", "encoding", "value"]);
            csv.WriteRecord(["aws", "namespace", "", ""]);
            csv.WriteRecord(["thing_name", "data", "string", device.ThingName]);
            if (options.Endpoint is { } endpoint)
                csv.WriteRecord(["endpoint", "data", "string", endpoint]);
            csv.WriteRecord(["port", "data", "u16", MqttPort.ToString(CultureInfo.InvariantCulture)]);
            csv.WriteRecord(["cert", "data", "string", device.Certificate.Pem]);
            if (device.PrivateKeyPem is { } key)
                csv.WriteRecord(["priv_key", "data", "string", key]);
            if (options.RootPem.Length > 0)
                csv.WriteRecord(["root_ca", "data", "string", options.RootPem]);
        }
        return content.ToArray();
    }

    private void AddQrCodes(List<BundleFile> files, string text)
    {
        try
        {
            using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
            if (options.Content.HasFlag(BundleContent.QrPng))
                files.Add(new("qr.png", new PngByteQRCode(code).GetGraphic(8)));
            if (options.Content.HasFlag(BundleContent.QrSvg))
                files.Add(new("qr.svg", Text(new SvgQRCode(code).GetGraphic(8))));
        }
        catch (QRCoder.Exceptions.DataTooLongException e)
        {
            throw ManifestItem.Invalid("The text of its QR code is too long for one.", e);
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
