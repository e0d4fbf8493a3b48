namespace CdfProvisioning.Provisioning;

/// <summary>A device that is registered and whose key nobody has yet.</summary>
/// <param name="Response">What is to be handed out.</param>
/// <param name="Place">Where its key is until then; null if no key was made.</param>
internal sealed record UndeliveredDevice(ProvisionResponse Response, UndeliveredKey? Place)
{
    /// <summary>The key has been handed out.</summary>
    public void Deliver() => Place?.GiveBack();

    /// <summary>The key could not be handed out: its file stays.</summary>
    /// <returns>What is to be said of it; null if no key was made.</returns>
    public string? Keep(string whoGotNone)
    {
        Place?.Keep();
        return Place is null ? null : $"Thing '{Response.ThingName}' was registered when {whoGotNone}: its key and its certificate are in '{Place.File}'.";
    }
}
