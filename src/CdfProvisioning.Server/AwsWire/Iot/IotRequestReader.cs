using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CdfProvisioning.Iot;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.AwsWire.Iot;

/// <summary>Puts the parts of a request, wherever they travel, together to the request record.</summary>
internal static class IotRequestReader
{
    /// <exception cref="CdfException">InvalidRequest; the message names the member.</exception>
    public static object Read(IotRouteMatch route, HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var operation = route.Operation;
        var missing = operation.Request.Properties.Where(p => p.IsRequired).Select(p => p.Name).ToHashSet();
        var members = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(members))
        {
            json.WriteStartObject();
            foreach (var (member, value) in route.PathMembers)
                Write(json, operation, member, value);
            foreach (var binding in operation.Query)
                if (request.Query.TryGetValue(binding.Name, out var value))
                    Write(json, operation, binding.Member, value.ToString());
            foreach (var binding in operation.Headers)
                if (request.Headers.TryGetValue(binding.Name, out var value))
                    Write(json, operation, binding.Member, value.ToString());
            WriteBody(json, operation, body, missing);
            json.WriteEndObject();
        }

        missing.ExceptWith(route.PathMembers.Select(m => m.Member));
        missing.ExceptWith(operation.Query.Where(b => request.Query.ContainsKey(b.Name)).Select(b => b.Member));
        missing.ExceptWith(operation.Headers.Where(b => request.Headers.ContainsKey(b.Name)).Select(b => b.Member));
        if (missing.Count > 0)
            throw Invalid($"{missing.Count} validation error{(missing.Count == 1 ? "" : "s")} detected: {string.Join("; ", missing.Order().Select(m => $"Value null at '{m}' failed to satisfy constraint: Member must not be null"))}");
        try
        {
            return JsonSerializer.Deserialize(members.WrittenSpan, operation.Request)!;
        }
        catch (JsonException e)
        {
            throw Invalid($"The member '{e.Path?.TrimStart('$', '.')}' of {operation.Name} has a value that it cannot have.", e);
        }
    }

    private static void WriteBody(Utf8JsonWriter json, IotOperation operation, ReadOnlyMemory<byte> body, HashSet<string> missing)
    {
        if (body.IsEmpty)
            return;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Invalid("The body is not a JSON object.");
            foreach (var member in document.RootElement.EnumerateObject())
                if (member.Value.ValueKind != JsonValueKind.Null && !IsElsewhere(operation, member.Name))
                {
                    missing.Remove(member.Name);
                    json.WritePropertyName(member.Name);
                    WriteWithoutNulls(json, member.Value);
                }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid($"The body is not JSON: {e.Message}", e);
        }
    }

    private static bool IsElsewhere(IotOperation operation, string member) =>
        operation.Path.Contains($"{{{member}}}", StringComparison.Ordinal)
        || operation.Query.Concat(operation.Headers).Any(binding => binding.Member == member);

    /// <summary>To AWS a null in a list or a map is none (Smithy, sparse trait: none of IoT's has it).</summary>
    private static void WriteWithoutNulls(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
                {
                    json.WritePropertyName(member.Name);
                    WriteWithoutNulls(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray().Where(i => i.ValueKind != JsonValueKind.Null))
                    WriteWithoutNulls(json, item);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, IotOperation operation, string member, string value)
    {
        var type = operation.Request.Properties.First(p => p.Name == member).PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        json.WritePropertyName(member);
        if (type == typeof(string))
            json.WriteStringValue(value);
        else if (type == typeof(bool) && value is "true" or "false")
            json.WriteBooleanValue(value == "true");
        else if (type != typeof(bool) && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            json.WriteNumberValue(number);
        else
            throw Invalid($"The value '{IotNames.Shown(value)}' of '{member}' is not a {(type == typeof(bool) ? "boolean" : "number")}.");
    }

    private static CdfException Invalid(string message, Exception? cause = null) => IotErrorType.InvalidRequest.Error(message, cause);
}
