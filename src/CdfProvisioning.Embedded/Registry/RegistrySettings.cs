namespace CdfProvisioning.Embedded.Registry;

/// <summary>Where the embedded registry can be told to behave otherwise than it does by default.</summary>
internal sealed record RegistrySettings
{
    /// <summary>Whether CreateKeysAndCertificate makes P-256 keys, in a thousandth of the time, instead of RSA-2048 as AWS does.</summary>
    public bool CreatesP256Keys { get; init; }

    /// <summary>How long after its deprecation a thing type can be deleted. AWS makes its users wait for five minutes.</summary>
    public TimeSpan ThingTypeDeletionDelay { get; init; }

    /// <summary>Whether StartThingRegistrationTask is refused while a task is in progress, as AWS refuses it.</summary>
    public bool RunsOneTaskAtATime { get; init; }
}
