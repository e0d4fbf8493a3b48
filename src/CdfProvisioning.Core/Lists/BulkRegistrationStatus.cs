namespace CdfProvisioning;

/// <summary>How far the registration of a list is: the states of AWS IoT's thing registration tasks, and <see cref="Interrupted"/>.</summary>
public enum BulkRegistrationStatus
{
    /// <summary>Devices are being registered.</summary>
    InProgress,

    /// <summary>Every row has a result, be it a success or a failure.</summary>
    Completed,

    /// <summary>The task as a whole could not be run; its message says why.</summary>
    Failed,

    /// <summary>It was stopped; rows that had been registered until then stay so.</summary>
    Cancelled,

    /// <summary>It has been told to stop.</summary>
    Cancelling,

    /// <summary>
    /// Whoever ran it is gone, was interrupted, or found the registry out of order (full disk, ...). It can be resumed, and
    /// no row is registered twice.
    /// </summary>
    Interrupted,
}
