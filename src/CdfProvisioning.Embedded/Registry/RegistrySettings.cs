using CdfProvisioning.Certificates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Where the embedded registry can be told to behave otherwise than it does by default.</summary>
internal sealed record RegistrySettings
{
    /// <summary>The keys that CreateKeysAndCertificate makes, and with which the certificates are signed: RSA-2048 as on AWS, or those of a curve, in a thousandth of the time.</summary>
    public KeyAlgorithm KeyAlgorithm { get; init; } = KeyAlgorithm.Rsa;

    /// <summary>How long after its deprecation a thing type can be deleted. AWS makes its users wait for five minutes.</summary>
    public TimeSpan ThingTypeDeletionDelay { get; init; }

    /// <summary>Whether StartThingRegistrationTask is refused while a task is in progress, as AWS refuses it.</summary>
    public bool RunsOneTaskAtATime { get; init; }

    /// <summary>The time by which claims, tokens and certificates of devices end.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
