using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdfProvisioning.Server.Aws.Json;

/// <summary>The members of a request, each looked at for its type.</summary>
internal sealed class JsonInput(JsonObject json)
{
    /// <exception cref="CdfException">ValidationException: it is missing. SerializationException: it is not text.</exception>
    public string Text(string member) => TextOrNull(member) ?? throw Missing(member);

    public string? TextOrNull(string member) => Value(member, JsonValueKind.String) ? (string)json[member]! : null;

    public bool Flag(string member) => json[member] is { } value
        && (value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? (bool)value : throw WrongType(member));

    public long Number(string member) => NumberOrNull(member) ?? throw Missing(member);

    public long? NumberOrNull(string member) => !Value(member, JsonValueKind.Number) ? null
        : json[member]!.AsValue().TryGetValue<long>(out var number) ? number
        : throw WrongType(member);

    public JsonInput Object(string member) => ObjectOrNull(member) ?? throw Missing(member);

    public JsonInput? ObjectOrNull(string member) => Value(member, JsonValueKind.Object) ? new((JsonObject)json[member]!) : null;

    /// <summary>The texts of a list; none if it is missing.</summary>
    public IReadOnlyList<string> Texts(string member) => Value(member, JsonValueKind.Array)
        ? [.. ((JsonArray)json[member]!).Select(i => i?.GetValueKind() == JsonValueKind.String ? (string)i! : throw WrongType(member))]
        : [];

    /// <summary>The structures of a list; none if it is missing.</summary>
    public IReadOnlyList<JsonInput> Objects(string member) => Value(member, JsonValueKind.Array)
        ? [.. ((JsonArray)json[member]!).Select(i => i is JsonObject item ? new JsonInput(item) : throw WrongType(member))]
        : [];

    private bool Value(string member, JsonValueKind kind) =>
        json[member] is { } value && (value.GetValueKind() == kind ? true : throw WrongType(member));

    private static CdfException Missing(string member) =>
        JsonErrors.Validation.Error($"1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null");

    private static CdfException WrongType(string member) => JsonErrors.Serialization.Error($"The value of '{member}' has the wrong type.");
}
