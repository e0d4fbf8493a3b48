using System.Collections.Concurrent;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>CA certificates, read once: verifying a signature with one costs less than reading it. They never change under their key.</summary>
internal sealed class CaCertificateCache
{
    /// <summary>More CAs than are in use at a time; when they are reached, all are read anew.</summary>
    private const int Limit = 256;

    private readonly ConcurrentDictionary<long, ParsedCertificate> _certificates = new();

    public ParsedCertificate Get(long id, byte[] der)
    {
        if (_certificates.TryGetValue(id, out var certificate))
            return certificate;
        if (_certificates.Count >= Limit)
            _certificates.Clear();
        return _certificates.GetOrAdd(id, ParsedCertificate.FromDer(der, "The CA certificate"));
    }
}
