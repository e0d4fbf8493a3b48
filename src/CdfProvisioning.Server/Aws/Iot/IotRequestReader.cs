using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CdfProvisioning.Iot;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Iot;

/// <summary>Puts the parts of a request, wherever they travel, together to the JSON of the request record.</summary>
internal sealed class IotRequestReader : IDisposable
{
    private readonly ArrayBufferWriter<byte> _members = new();
    private readonly Utf8JsonWriter _json;
    private readonly IotOperation _operation;

    private IotRequestReader(IotOperation operation)
    {
        _json = new Utf8JsonWriter(_members);
        _operation = operation;
    }

    /// <exception cref="CdfException">InvalidRequest; the message names the member.</exception>
    public static object Read(IotRouteMatch route, HttpRequest request, ReadOnlyMemory<byte> body)
    {
        using var reader = new IotRequestReader(route.Operation);
        reader._json.WriteStartObject();
        foreach (var (member, value) in route.PathMembers)
            reader.Add(member, value);
        foreach (var binding in route.Operation.Query)
            if (request.Query.TryGetValue(binding.Name, out var value))
                reader.Add(binding.Member, value.ToString());
        foreach (var binding in route.Operation.Headers)
            if (request.Headers.TryGetValue(binding.Name, out var value))
                reader.Add(binding.Member, value.ToString());
        if (!body.IsEmpty)
            reader.AddBody(body);
        reader._json.WriteEndObject();
        return reader.ToRecord();
    }

    public void Dispose() => _json.Dispose();

    private object ToRecord()
    {
        _json.Flush();
        try
        {
            return JsonSerializer.Deserialize(_members.WrittenSpan, _operation.Request)!;
        }
        catch (JsonException e)
        {
            throw Invalid($"The member '{e.Path?.TrimStart('$', '.')}' of {_operation.Name} has a value that it cannot have.", e);
        }
    }

    private void AddBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Invalid("The body is not a JSON object.");
            foreach (var member in WithoutNulls(document.RootElement).Where(m => !TravelsElsewhere(m.Name)))
            {
                _json.WritePropertyName(member.Name);
                AddWithoutNulls(member.Value);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid($"The body is not JSON: {e.Message}", e);
        }
    }

    private bool TravelsElsewhere(string member) =>
        _operation.Path.Contains($"{{{member}}}", StringComparison.Ordinal)
        || _operation.Query.Concat(_operation.Headers).Any(binding => binding.Member == member);

    /// <summary>To AWS a null in a map or a list is none (Smithy, sparse trait: nothing of IoT's has it).</summary>
    private void AddWithoutNulls(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _json.WriteStartObject();
                foreach (var member in WithoutNulls(value))
                {
                    _json.WritePropertyName(member.Name);
                    AddWithoutNulls(member.Value);
                }

                _json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                _json.WriteStartArray();
                foreach (var item in value.EnumerateArray().Where(i => i.ValueKind != JsonValueKind.Null))
                    AddWithoutNulls(item);
                _json.WriteEndArray();
                break;
            default:
                value.WriteTo(_json);
                break;
        }
    }

    private static IEnumerable<JsonProperty> WithoutNulls(JsonElement json) => json.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null);

    /// <summary>Adds a member that travels as text.</summary>
    private void Add(string member, string value)
    {
        var type = _operation.Request.Properties.First(p => p.Name == member).PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        _json.WritePropertyName(member);
        if (type == typeof(string))
            _json.WriteStringValue(value);
        else if (type == typeof(bool) && value is "true" or "false")
            _json.WriteBooleanValue(value == "true");
        else if (type != typeof(bool) && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            _json.WriteNumberValue(number);
        else
            throw Invalid($"The value '{IotNames.Shown(value)}' of '{member}' is not a {(type == typeof(bool) ? "boolean" : "number")}.");
    }

    private static CdfException Invalid(string message, Exception? cause = null) => IotErrorType.InvalidRequest.Error(message, cause);
}
