namespace CdfProvisioning.Lists;

/// <summary>What to do with the rows of a list.</summary>
/// <param name="TemplateId">The provisioning template; null where each row's GroupPath says which one applies.</param>
/// <param name="KeyDirectory">Where the keys made for the devices go; needed if the template makes keys.</param>
/// <param name="CdfParameters">Values for the extensions of the template's CDF section, the same for all rows (see <see cref="Provisioning.DeviceParameters"/>).</param>
internal sealed record BulkRegistrationRequest(string? TemplateId, string? KeyDirectory = null, CdfProvisioningParameters? CdfParameters = null)
{
    /// <summary>Whether a list that would fail in every row is refused before its first; otherwise each of its rows fails.</summary>
    public bool RefusesWhatFailsThroughout { get; init; }

    /// <summary>The one file for all keys (see <see cref="Keys.KeyFile"/>), instead of a folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The certificate (PEM) of who alone may read that file.</summary>
    public string? KeyRecipient { get; init; }

    /// <inheritdoc cref="NewTask.IsIssuance"/>
    public bool IsIssuance { get; init; }
}
