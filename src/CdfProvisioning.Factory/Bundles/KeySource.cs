using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CdfProvisioning.Factory.Manifests;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>Devices from the files of a key folder: a private key and its certificate each, named after the thing.</summary>
internal static class KeySource
{
    public static async IAsyncEnumerable<(string Place, BundleDevice? Device, CdfException? Problem)> ReadFolderAsync(
        string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.pem"))
        {
            BundleDevice? device = null;
            CdfException? problem = null;
            try
            {
                device = Read(await File.ReadAllTextAsync(file, cancellationToken), KeyDirectory.ThingNameOf(file));
            }
            catch (CdfException e)
            {
                problem = e.Code.Error($"'{file}': {e.Message}", e);
            }
            yield return (file, device, problem);
        }
    }

    /// <summary>The device's file; null if there is none.</summary>
    /// <exception cref="CdfException">InvalidRequest: the file is not one of ours.</exception>
    public static async ValueTask<BundleDevice?> FindAsync(string folder, string thingName, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, KeyDirectory.FileNameOf(thingName) + ".pem");
        return File.Exists(file) ? Read(await File.ReadAllTextAsync(file, cancellationToken), thingName) : null;
    }

    private static BundleDevice Read(string text, string thingName)
    {
        if (FiledKey.IsReserved(text))
            throw CdfErrorCode.Conflict.Error("no device has this key yet: its registration has not ended. Wait for its end, or resume or stop its list.");
        string? key = null;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].EndsWith("PRIVATE KEY"))
                key = rest[fields.Location].ToString() + "\n";
            rest = rest[fields.Location.End..];
        }
        if (key is null)
            throw ManifestItem.Invalid("it has no private key.");
        var chain = CertificateChain.FromText(text);
        return new(thingName, chain.Leaf.Pem, chain.IssuersPem, key);
    }
}
