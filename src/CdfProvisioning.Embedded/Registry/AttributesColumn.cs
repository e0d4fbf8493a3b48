using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Attributes as they are stored: a JSON object, or NULL for none.</summary>
internal static partial class AttributesColumn
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static string? Write(IReadOnlyDictionary<string, string> attributes) =>
        attributes.Count == 0 ? null : JsonSerializer.Serialize(attributes, AttributesJson.Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> Read(string? json) =>
        json is null ? None : JsonSerializer.Deserialize(json, AttributesJson.Default.IReadOnlyDictionaryStringString)!;

    /// <summary>An attribute whose value is empty is none (AWS IoT API Reference, AttributePayload).</summary>
    public static IReadOnlyDictionary<string, string> WithoutEmpty(IReadOnlyDictionary<string, string>? attributes)
    {
        if (attributes is null)
            return None;
        foreach (var value in attributes.Values)
            if (value.Length == 0)
                return attributes.Where(a => a.Value.Length > 0).ToDictionary();
        return attributes;
    }

    /// <summary>What is left of <paramref name="present"/> after an update: all of it if there is no payload, and what the payload does not name if it is to be merged.</summary>
    public static IReadOnlyDictionary<string, string> Update(IReadOnlyDictionary<string, string> present, AttributePayload? payload) => payload switch
    {
        null => present,
        { Merge: true } => Merge(present, payload.Attributes ?? None),
        _ => WithoutEmpty(payload.Attributes),
    };

    /// <summary>What is left of <paramref name="present"/> after an update.</summary>
    public static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> present, IReadOnlyDictionary<string, string> update)
    {
        var merged = new Dictionary<string, string>(present);
        foreach (var (name, value) in update)
            merged[name] = value;
        return WithoutEmpty(merged);
    }

    public static bool AreEqual(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(a => other.TryGetValue(a.Key, out var value) && value == a.Value);

    [JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
    private sealed partial class AttributesJson : JsonSerializerContext;
}
