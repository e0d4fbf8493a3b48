using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Manifests;
using Xunit;

namespace CdfProvisioning.Tests.Manifests;

/// <summary>Manifests made from their makers' descriptions, in a folder of the test's own.</summary>
public abstract class ManifestTestBase : IDisposable
{
    private protected TemporaryFolder Folder { get; } = new();

    private protected static CertificateSigner Maker { get; } = Make.Ca("Maker CA 1");

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected string Write(string name, string content)
    {
        File.WriteAllText(Folder.File(name), content);
        return Folder.File(name);
    }

    private protected string Write(string name, byte[] content)
    {
        File.WriteAllBytes(Folder.File(name), content);
        return Folder.File(name);
    }

    private protected static async Task<List<ManifestItem>> ReadAsync(
        string path, ManifestFormat? format = null, string slot = "E0E0", string? password = null, params ParsedCertificate[] signers)
    {
        using var known = new ManifestSigners(signers);
        return await new ManifestReader(known, new ManifestOptions(format, slot, password)).ReadAsync(path, Cancellation).ToListAsync(Cancellation);
    }

    private protected static ManifestItem AssertIsBad(ManifestItem item, string reason)
    {
        Assert.Contains(reason, item.Problem?.Message ?? "no problem", StringComparison.Ordinal);
        Assert.StartsWith(item.Place, item.Problem!.Message, StringComparison.Ordinal);
        return item;
    }

    private protected static void AssertIs(ManifestItem item, ParsedCertificate certificate, string name)
    {
        Assert.Null(item.Problem);
        Assert.Equal(certificate.Id, item.Certificate!.Leaf.Id);
        Assert.Equal(name, NameTemplate.Default(item));
    }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
