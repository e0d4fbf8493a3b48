using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Iot;

/// <summary>Takes a request record apart: what goes to the path, the query and the headers, and the rest into the body.</summary>
internal static class IotCall
{
    public static AwsRequest Of(object request)
    {
        var operation = IotOperations.Of(request.GetType());
        var members = JsonSerializer.SerializeToNode(request, operation.Request)!.AsObject();
        var call = new AwsRequest(operation.Name, operation.Method, operation.Path, operation.Response)
        {
            Body = HasBody(operation) ? Body(operation, members) : null,
            Names = members.Where(member => IsName(member.Key) && member.Value is not null).ToDictionary(member => member.Key, member => Text(member.Value!)),
        };
        foreach (var member in PathMembers(operation))
            call.PathMembers[member] = PathValue(operation, member, members);
        Bind(operation.Query, members, call.Query);
        Bind(operation.Headers, members, call.Headers);
        return call;
    }

    private static bool IsName(string member) =>
        member is "principal" or "target" or "parentGroup"
        || member.EndsWith("Name", StringComparison.Ordinal) || member.EndsWith("Id", StringComparison.Ordinal) || member.EndsWith("Arn", StringComparison.Ordinal);

    private static bool HasBody(IotOperation operation) => operation.Request.Properties.Any(property => !IsBoundElsewhere(operation, property.Name));

    private static byte[] Body(IotOperation operation, JsonObject members)
    {
        var body = new JsonObject();
        foreach (var (name, value) in members)
            if (!IsBoundElsewhere(operation, name))
                body.Add(name, value?.DeepClone());
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private static bool IsBoundElsewhere(IotOperation operation, string member) =>
        operation.Path.Contains($"{{{member}}}", StringComparison.Ordinal)
        || operation.Query.Any(b => b.Member == member)
        || operation.Headers.Any(b => b.Member == member);

    private static IEnumerable<string> PathMembers(IotOperation operation) =>
        operation.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part[1..^1]);

    /// <summary>An empty name would address the collection: DELETE /things/ is not meant.</summary>
    private static string PathValue(IotOperation operation, string member, JsonObject members) =>
        members[member] is { } value && Text(value) is { Length: > 0 } text
            ? text
            : throw IotErrorType.InvalidRequest.Error($"{operation.Name} needs a {member} that is not empty.");

    private static void Bind(IReadOnlyList<IotBinding> bindings, JsonObject members, Dictionary<string, string> target)
    {
        foreach (var binding in bindings)
            if (members[binding.Member] is { } value)
                target[binding.Name] = Text(value);
    }

    private static string Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
