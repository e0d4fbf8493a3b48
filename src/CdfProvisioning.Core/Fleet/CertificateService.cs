using System.Runtime.CompilerServices;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Fleet;

/// <summary>What is done with device certificates by themselves: find, set their status, remove, import.</summary>
/// <param name="registry">The registry.</param>
/// <param name="pacedRegistry">The same, for what asks for certificate after certificate.</param>
internal sealed class CertificateService(IDeviceRegistry registry, IDeviceRegistry pacedRegistry)
{
    /// <summary>How many are read at once: over a network one after the other takes long.</summary>
    private const int ReadAhead = 8;

    /// <summary>Whether the registry finds certificates by expiry and attachment; else each has to be asked for.</summary>
    public bool IsIndexed => registry is ICertificateIndex;

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is no certificate id.</exception>
    public ValueTask<DeviceCertificate> GetAsync(string certificateId, CancellationToken cancellationToken) =>
        registry.ReadAsOneAsync(r => ReadAsync(r, certificateId, cancellationToken), cancellationToken);

    /// <summary>The certificates that the filter lets through, streamed. One that is deleted meanwhile is gone, not missing.</summary>
    public async IAsyncEnumerable<DeviceCertificate> FindAsync(CertificateFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reading = new Queue<Task<DeviceCertificate?>>();
        try
        {
            await foreach (var id in IdsAsync(filter, cancellationToken))
            {
                reading.Enqueue(FindOneAsync(id, cancellationToken));
                if (reading.Count == ReadAhead && await reading.Dequeue() is { } next && Passes(next, filter))
                    yield return next;
            }
            while (reading.TryDequeue(out var last))
            {
                if (await last is { } next && Passes(next, filter))
                    yield return next;
            }
        }
        finally
        {
            await ((Task)Task.WhenAll(reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A certificate, if it is registered and attached to a thing.</summary>
    public async ValueTask<DeviceCertificate?> FindOfThingAsync(string certificateId, string thingName, CancellationToken cancellationToken) =>
        await FindOneAsync(certificateId, cancellationToken) is { } certificate && certificate.Things.Contains(thingName) ? certificate : null;

    /// <summary>The certificates of a thing.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<IReadOnlyList<DeviceCertificate>> OfThingAsync(string thingName, CancellationToken cancellationToken)
    {
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var ids = await registry.PrincipalsAsync(thingName, cancellationToken).Select(Arn.CertificateId).Where(id => id is not null).ToListAsync(cancellationToken);
        return await registry.ReadAtOnceAsync(ids, (r, id, token) => ReadAsync(r, id!, token), cancellationToken);
    }

    /// <exception cref="CdfException">NotFound; Conflict: it is revoked, which is final; InvalidRequest.</exception>
    public async ValueTask SetStatusAsync(string certificateId, string status, CancellationToken cancellationToken) =>
        await registry.InvokeAsync(new UpdateCertificateRequest(certificateId, status), cancellationToken);

    /// <summary>Detaches a certificate from its things and policies, deactivates it and deletes it.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask RemoveAsync(string certificateId, CancellationToken cancellationToken)
    {
        var arn = (await registry.InvokeAsync(new DescribeCertificateRequest(certificateId), cancellationToken)).CertificateDescription!.CertificateArn!;
        await registry.AsOneAsync(
            async r =>
            {
                foreach (var thing in await r.ThingsOfPrincipalAsync(arn, cancellationToken).ToListAsync(cancellationToken))
                    await r.InvokeAsync(new DetachThingPrincipalRequest(thing, arn), cancellationToken);
                foreach (var policy in await r.AttachedPoliciesAsync(arn, cancellationToken).ToListAsync(cancellationToken))
                    await r.InvokeAsync(new DetachPolicyRequest(policy.PolicyName!, arn), cancellationToken);
                await Detached.DeleteCertificateAsync(r, certificateId, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Registers a certificate that somebody else has made, and attaches it.</summary>
    /// <param name="pem">The certificate; its issuers may follow it.</param>
    /// <param name="caPem">The registered CA that signed it; null where the subject of its issuer is enough to find it.</param>
    /// <param name="withoutCa">Registers it though its CA is not registered.</param>
    /// <param name="status">ACTIVE or INACTIVE.</param>
    /// <param name="thingName">The thing to attach it to, if any.</param>
    /// <param name="policies">The policies to attach to it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="isRepeatable">Whether a certificate that is registered already is attached as it is.</param>
    /// <exception cref="CdfException">Nothing is registered: NotFound: the thing or a policy; Conflict: it is registered already; InvalidRequest: it is no certificate, or its CA is not registered.</exception>
    public async ValueTask<string> ImportAsync(
        string pem, string? caPem, bool withoutCa, string status, string? thingName, IReadOnlyList<string> policies, CancellationToken cancellationToken,
        bool isRepeatable = false)
    {
        if (thingName is not null)
            await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        foreach (var policy in policies)
            await registry.InvokeAsync(new GetPolicyRequest(policy), cancellationToken);

        var known = isRepeatable ? await registry.FindCertificateAsync(ParsedCertificate.FromPem(pem, "The certificate").Id, cancellationToken) : null;
        var (id, arn) = known is not null ? (known.CertificateId!, known.CertificateArn!)
            : withoutCa ? Of(await registry.InvokeAsync(new RegisterCertificateWithoutCARequest(pem, status), cancellationToken))
            : Of(await registry.InvokeAsync(new RegisterCertificateRequest(pem, caPem, Status: status), cancellationToken));
        try
        {
            await registry.AsOneAsync(
                async r =>
                {
                    foreach (var policy in policies)
                        await r.InvokeAsync(new AttachPolicyRequest(policy, arn), cancellationToken);
                    if (thingName is not null)
                        await r.InvokeAsync(new AttachThingPrincipalRequest(thingName, arn), cancellationToken);
                    return true;
                },
                cancellationToken);
            return id;
        }
        catch when (known is null)
        {
            await RemoveAsync(id, CancellationToken.None);
            throw;
        }

        static (string Id, string Arn) Of(object response) => response switch
        {
            RegisterCertificateWithoutCAResponse answer => (answer.CertificateId!, answer.CertificateArn!),
            RegisterCertificateResponse answer => (answer.CertificateId!, answer.CertificateArn!),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>The ids of the certificates that the filter lets through, as far as the registry's listings tell.</summary>
    public IAsyncEnumerable<string> IdsAsync(CertificateFilter filter, CancellationToken cancellationToken)
    {
        if (registry is ICertificateIndex index)
            return index.FindCertificatesAsync(filter, cancellationToken);
        var listed = filter.CaId is { } ca ? registry.CertificatesByCAAsync(ca, cancellationToken) : registry.CertificatesAsync(cancellationToken);
        return listed
            .Where(c => (filter.Status is null || c.Status == filter.Status) && (filter.IdPrefix is null || c.CertificateId!.StartsWith(filter.IdPrefix, StringComparison.Ordinal)))
            .Select(c => c.CertificateId!);
    }

    private static bool Passes(DeviceCertificate certificate, CertificateFilter filter) =>
        (filter.Status is null || certificate.Status == filter.Status)
        && (filter.ExpiresBefore is null || certificate.NotAfter < filter.ExpiresBefore)
        && (!filter.NotAttached || certificate.Things.Count == 0);

    private async Task<DeviceCertificate?> FindOneAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await pacedRegistry.ReadAsOneAsync(r => ReadAsync(r, id, cancellationToken), cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return null;
        }
    }

    private static async ValueTask<DeviceCertificate> ReadAsync(IDeviceRegistry registry, string id, CancellationToken cancellationToken)
    {
        var described = (await registry.InvokeAsync(new DescribeCertificateRequest(id), cancellationToken)).CertificateDescription!;
        var arn = described.CertificateArn!;
        var certificate = ParsedCertificate.FromPem(described.CertificatePem!, $"The certificate {id}");
        return new DeviceCertificate
        {
            CertificateId = id,
            Arn = arn,
            Status = described.Status,
            Subject = certificate.Subject.ToString(),
            Issuer = certificate.Issuer.ToString(),
            SerialNumber = certificate.SerialNumber,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            KeyAlgorithm = certificate.PublicKey.Algorithm.ToString(),
            CaId = described.CaCertificateId,
            CreationDate = described.CreationDate,
            LastConnected = registry is IConnectionMemory memory ? await memory.FindLastConnectedAsync(id, cancellationToken) : null,
            Things = await registry.ThingsOfPrincipalAsync(arn, cancellationToken).ToArrayAsync(cancellationToken),
            Policies = await registry.AttachedPoliciesAsync(arn, cancellationToken).Select(policy => policy.PolicyName!).ToArrayAsync(cancellationToken),
            CertificatePem = certificate.Pem,
        };
    }
}
