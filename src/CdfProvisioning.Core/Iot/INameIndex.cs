namespace CdfProvisioning.Iot;

/// <summary>What has a name that patterns may stand for.</summary>
internal enum NamedResource
{
    Thing,
    ThingGroup,
    ThingType,
    Policy,
}

/// <summary>A registry that finds names by their beginning without listing all.</summary>
internal interface INameIndex : IDeviceRegistry
{
    /// <summary>The names that begin with a prefix, in any case, in their order.</summary>
    IAsyncEnumerable<string> FindNamesAsync(NamedResource resource, string prefix, CancellationToken cancellationToken);
}
