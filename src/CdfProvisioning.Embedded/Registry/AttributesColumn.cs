using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Attributes as they are stored: a JSON object, or NULL for none.</summary>
internal static partial class AttributesColumn
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static string? Write(IReadOnlyDictionary<string, string> attributes) =>
        attributes.Count == 0 ? null : JsonSerializer.Serialize(attributes, AttributesJson.Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> Read(string? json) =>
        json is null ? None : JsonSerializer.Deserialize(json, AttributesJson.Default.IReadOnlyDictionaryStringString)!;

    /// <summary>What is left of <paramref name="present"/> after an update: all of it if there is no payload, and what the payload does not name if it is to be merged.</summary>
    public static IReadOnlyDictionary<string, string> Update(IReadOnlyDictionary<string, string> present, AttributePayload? payload) => payload switch
    {
        null => present,
        { Merge: true } => RegistryRules.Merge(present, payload.Attributes ?? None),
        _ => RegistryRules.WithoutEmpty(payload.Attributes),
    };

    [JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
    private sealed partial class AttributesJson : JsonSerializerContext;
}
