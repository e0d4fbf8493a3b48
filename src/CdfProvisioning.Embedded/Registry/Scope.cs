using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What an operation works on: one consistent state of the registry, in which a changing operation runs to its end or leaves nothing.</summary>
internal sealed class Scope(Session session, Arns arns, RegistrySettings settings, CaCertificateCache caCertificates)
{
    public Session Session => session;

    public Arns Arns => arns;

    public RegistrySettings Settings => settings;

    public CaCertificateCache CaCertificates => caCertificates;

    /// <summary>One time for all that the operation writes.</summary>
    public DateTimeOffset Now { get; } = settings.Clock.GetUtcNow();

    /// <summary>The list and its row that register a thing; null for a thing by itself.</summary>
    public ListRow? Origin { get; init; }

    /// <summary>Where devices can connect to.</summary>
    public DeviceAddress? DeviceAddress { get; init; }

    /// <summary>What was read last, for the operations that come after within one reading; null where something may change in between.</summary>
    public LastRead? LastRead { get; init; }
}

/// <summary>What the operations of one reading ask for again and again.</summary>
internal sealed class LastRead
{
    public StoredThing? Thing { get; set; }

    public StoredCertificate? Certificate { get; set; }
}

/// <summary>A row of a list.</summary>
/// <param name="Task">The key of the list's task.</param>
/// <param name="Row">The row's number.</param>
internal sealed record ListRow(long Task, long Row);

/// <summary>Where devices can connect to.</summary>
/// <param name="HostName">The server's name; null for one like AWS's.</param>
/// <param name="Port">The port.</param>
internal sealed record DeviceAddress(string? HostName, int Port)
{
    /// <summary>The port of MQTT over TLS, which clients take where none is named.</summary>
    public const int DefaultPort = 8883;
}
