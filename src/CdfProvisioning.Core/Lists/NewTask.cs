namespace CdfProvisioning.Lists;

/// <summary>What a task needs to know of itself, also when another process resumes it.</summary>
/// <param name="TemplateId">The template's id, if it came from the template store.</param>
/// <param name="TemplateBody">The template as it was when the list came; null where each row's GroupPath says which one applies.</param>
/// <param name="KeyDirectory">The full path of the folder for keys.</param>
/// <param name="CdfParameters">Values for the extensions of the template's CDF section.</param>
/// <param name="Source">Where the list came from, if AWS's StartThingRegistrationTask was used.</param>
/// <param name="IsOfServer">Whether a client of a server has begun it, and waits for the server to end it.</param>
internal sealed record NewTask(
    string? TemplateId, string? TemplateBody, string? KeyDirectory = null, CdfProvisioningParameters? CdfParameters = null, ThingRegistrationSource? Source = null,
    bool IsOfServer = false)
{
    /// <summary>The full path of the one file for all keys, instead of a folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The certificate (PEM) of who alone may read that file.</summary>
    public string? KeyRecipient { get; init; }

    /// <summary>The request that began it, if its client may send it again.</summary>
    public RequestIdentity? Request { get; init; }

    /// <summary>Whether its rows say what devices are to be like, existing ones too (<see cref="Templates.DesiredTemplate"/>).</summary>
    public bool IsDesiredState { get; init; }

    /// <summary>Whether its rows give existing things further certificates (<see cref="Templates.RotationTemplate"/>).</summary>
    public bool IsRotation { get; init; }

    /// <summary>Whether keys and certificates are made for devices that register themselves later (<see cref="Templates.ProvisioningTemplate.CertificateAlone"/>).</summary>
    public bool IsIssuance { get; init; }

    /// <summary>Whether keys that are made have somewhere to go.</summary>
    public bool KeepsKeys => KeyDirectory is not null || KeyFile is not null;
}

/// <summary>A request that a client may send again: the key that it gave it, and the SHA-256 of its body.</summary>
internal sealed record RequestIdentity(string Key, string BodyHash)
{
    /// <summary>How long it is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
}

/// <summary>The members of AWS's StartThingRegistrationTask that it describes a task with later.</summary>
/// <param name="InputFileBucket">The bucket of the list.</param>
/// <param name="InputFileKey">The list's key in it.</param>
/// <param name="RoleArn">The role as which AWS reads the list.</param>
/// <param name="TaskId">Of a task that AWS runs for us: the id that AWS gave it, once it was started.</param>
internal sealed record ThingRegistrationSource(string InputFileBucket, string InputFileKey, string RoleArn, string? TaskId = null);
