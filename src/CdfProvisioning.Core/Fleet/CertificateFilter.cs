using CdfProvisioning.Iot;

namespace CdfProvisioning.Fleet;

/// <summary>Which certificates are asked for; what is null is not asked.</summary>
internal sealed record CertificateFilter
{
    /// <summary>Hexadecimal digits with which the id begins.</summary>
    public string? IdPrefix { get; init; }

    public string? Status { get; init; }

    public string? CaId { get; init; }

    /// <summary>Only those that are no longer valid then.</summary>
    public DateTimeOffset? ExpiresBefore { get; init; }

    /// <summary>Only those that no thing has.</summary>
    public bool NotAttached { get; init; }
}

/// <summary>A registry that devices connect to, and that remembers it.</summary>
internal interface IConnectionMemory : IDeviceRegistry
{
    /// <summary>When a device last connected with a certificate, to within an hour.</summary>
    ValueTask<DateTimeOffset?> FindLastConnectedAsync(string certificateId, CancellationToken cancellationToken);
}

/// <summary>A registry that finds certificates by what AWS IoT's listings cannot be asked for.</summary>
internal interface ICertificateIndex : IDeviceRegistry
{
    /// <summary>The ids, those that expire first first if expiry is asked for, else in the order of their registration.</summary>
    IAsyncEnumerable<string> FindCertificatesAsync(CertificateFilter filter, CancellationToken cancellationToken);
}
