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
    bool IsOfServer = false);

/// <summary>The members of AWS's StartThingRegistrationTask that it describes a task with later.</summary>
/// <param name="InputFileBucket">The bucket of the list.</param>
/// <param name="InputFileKey">The list's key in it.</param>
/// <param name="RoleArn">The role as which AWS reads the list.</param>
/// <param name="TaskId">Of a task that AWS runs for us: the id that AWS gave it, once it was started.</param>
internal sealed record ThingRegistrationSource(string InputFileBucket, string InputFileKey, string RoleArn, string? TaskId = null);
