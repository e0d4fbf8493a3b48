namespace CdfProvisioning.Templates;

/// <summary>What a registration does with a property of a resource that exists already (a template's OverrideSettings).</summary>
internal enum OverrideAction
{
    /// <summary>
    /// Keeps what is there. AWS does not document which action applies when a template names none; this one, since without
    /// an instruction to override nothing should be: registering a device again changes nothing, and does not activate a
    /// certificate that was deactivated.
    /// </summary>
    DoNothing,

    /// <summary>Takes what the template says.</summary>
    Replace,

    /// <summary>Refuses the registration.</summary>
    Fail,

    /// <summary>Adds what the template says; only for attributes and groups.</summary>
    Merge,
}
