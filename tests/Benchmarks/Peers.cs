using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Benchmarks;

/// <summary>What our figures are printed beside: what .NET and SQLite do with the bare work, in the same run.</summary>
internal static class Peers
{
    private const int KeyFileBytes = 1_100;

    /// <summary>Keys, certificates and PEM by .NET's <see cref="CertificateRequest"/> on two threads, and nothing else.</summary>
    public static double CertificatesPerSecond(int count)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Peer CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(10));

        var clock = Stopwatch.StartNew();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN=device-{i}", key, HashAlgorithmName.SHA256);
            using var certificate = request.Create(
                ca, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddYears(1), RandomNumberGenerator.GetBytes(16));
            _ = certificate.ExportCertificatePem().Length + key.ExportPkcs8PrivateKeyPem().Length;
        });
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>A key from one reused context a thread, a signature, on two threads, and nothing else: what no list can beat.</summary>
    /// <returns>Null where there is no libcrypto 3.</returns>
    public static double? KeysAndSignaturesPerSecond(int count)
    {
        if (!P256Generator.TryGenerate(new byte[P256Generator.ScalarLength], new byte[P256Generator.PointLength]))
            return null;
        using var pkcs8 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = pkcs8.ExportParameters(includePrivateParameters: true);
        var clock = Stopwatch.StartNew();
        Task.WaitAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            using var ca = ECDsa.Create(parameters);
            Span<byte> scalar = stackalloc byte[P256Generator.ScalarLength], point = stackalloc byte[P256Generator.PointLength], signature = stackalloc byte[80];
            for (var i = 0; i < count / 2; i++)
            {
                P256Generator.TryGenerate(scalar, point);
                ca.TrySignHash(scalar, signature, DSASignatureFormat.Rfc3279DerSequence, out var _);
            }
        })));
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Files as large as a key and its certificate, for their owner alone, in one folder, by two threads.</summary>
    public static double FilesPerSecond(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var content = new byte[KeyFileBytes];
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var clock = Stopwatch.StartNew();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            using var file = new FileStream(Path.Combine(folder, $"sensor-{i}.pem"), options);
            file.Write(content);
        });
        return count / clock.Elapsed.TotalSeconds;
    }
}
