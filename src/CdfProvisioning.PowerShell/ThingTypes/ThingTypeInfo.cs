using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>A thing type, which things of one kind share.</summary>
/// <param name="ThingTypeName">The thing type's name.</param>
/// <param name="ThingTypeId">The thing type's id.</param>
/// <param name="ThingTypeArn">The thing type's ARN.</param>
/// <param name="Description">What the things of this type are.</param>
/// <param name="SearchableAttributes">The attributes by which things of this type can be searched.</param>
/// <param name="Deprecated">Whether new things can no longer have it.</param>
/// <param name="DeprecationDate">Since when that is so, UTC.</param>
/// <param name="CreationDate">When it was created, UTC.</param>
/// <param name="Tags">The thing type's tags, key to value.</param>
public sealed record ThingTypeInfo(
    string ThingTypeName, string? ThingTypeId, string? ThingTypeArn, string? Description, IReadOnlyList<string> SearchableAttributes,
    bool Deprecated, DateTimeOffset? DeprecationDate, DateTimeOffset? CreationDate, IReadOnlyDictionary<string, string> Tags)
{
    internal static async ValueTask<ThingTypeInfo> ReadAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var type = await registry.InvokeAsync(new DescribeThingTypeRequest(name), cancellationToken);
        var (properties, metadata) = (type.ThingTypeProperties, type.ThingTypeMetadata);
        return new(
            type.ThingTypeName ?? name, type.ThingTypeId, type.ThingTypeArn, properties?.ThingTypeDescription, properties?.SearchableAttributes ?? [],
            metadata?.Deprecated == true, metadata?.DeprecationDate, metadata?.CreationDate,
            await registry.TagsAsync(type.ThingTypeArn, cancellationToken));
    }
}
