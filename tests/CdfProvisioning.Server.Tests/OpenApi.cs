using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server.Rest;
using Json.Schema;
using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>The server's own description, as answers are held against it: with no member that it does not name.</summary>
internal static class OpenApi
{
    private static readonly JsonNode Document = JsonNode.Parse(ServiceRoutes.OpenApi.Span)!;
    private static readonly Lazy<JsonObject> Definitions = new(StrictDefinitions);
    private static readonly Dictionary<string, JsonSchema> Schemas = [];

    /// <summary>Method and path of every operation.</summary>
    public static IEnumerable<(string Method, string Path)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key != "parameters"
        select (operation.Key.ToUpperInvariant(), path.Key);

    public static string DescriptionOf((string Method, string Path) operation) =>
        (string?)Document["paths"]![operation.Path]![operation.Method.ToLowerInvariant()]!["description"] ?? "";

    public static IEnumerable<(string Name, string Description)> MembersOf(string schema) =>
        Document["components"]!["schemas"]![schema]!["properties"]!.AsObject().Select(member => (member.Key, (string?)member.Value!["description"] ?? ""));

    /// <summary>Fails unless the description allows the answer to the request.</summary>
    public static async Task CheckAsync(HttpRequestMessage request, HttpResponseMessage response)
    {
        Assert.True(response.Headers.Contains("x-request-id"));
        if (Answer(request, (int)response.StatusCode) is not { } answer)
            return;

        foreach (var header in answer["headers"]?.AsObject().Select(header => header.Key) ?? [])
            Assert.True(response.Headers.Contains(header), $"{request.Method} {request.RequestUri} answered without {header}.");
        if (answer["content"] is not JsonObject content)
        {
            Assert.Equal(0, response.Content.Headers.ContentLength ?? 0);
            return;
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        Assert.True(type is not null && content.ContainsKey(type), $"{request.Method} {request.RequestUri} answered {type}.");
        if (request.Method == HttpMethod.Head)
            return;
        var body = await response.Content.ReadAsStringAsync();
        if (type == MediaTypes.Text)
            return;
        if (type == MediaTypes.JsonLines)
        {
            foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Check(new JsonObject { ["$ref"] = "#/components/schemas/BulkRegistrationResult" }, line);
            return;
        }

        Check(content[type]!["schema"]!, body);
    }

    private static void Check(JsonNode schema, string body)
    {
        using var json = JsonDocument.Parse(body);
        EvaluationResults results;
        lock (Schemas) // the library's schemas share what they have resolved
            results = Compiled(schema).Evaluate(json.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List, RequireFormatValidation = true });
        Assert.True(results.IsValid, $"{body}\n{string.Join('\n', (results.Details ?? []).SelectMany(d => d.Errors ?? []))}");
    }

    private static JsonSchema Compiled(JsonNode schema)
    {
        var text = schema.ToJsonString();
        if (Schemas.TryGetValue(text, out var compiled))
            return compiled;

        var whole = (JsonObject)Local(schema);
        whole["$defs"] = Definitions.Value.DeepClone();
        return Schemas[text] = JsonSchema.FromText(whole.ToJsonString());
    }

    /// <summary>What the description says of that answer; null for a request that it does not know, whose answer must be a refusal.</summary>
    private static JsonNode? Answer(HttpRequestMessage request, int status)
    {
        var method = request.Method == HttpMethod.Head ? "get" : request.Method.Method.ToLowerInvariant();
        var operation = Document["paths"]!.AsObject()
            .Where(path => Regex.IsMatch(request.RequestUri!.AbsolutePath, $"^{Regex.Replace(path.Key, @"\{\w+\}", "[^/]+")}$"))
            .Select(path => path.Value![method])
            .FirstOrDefault(operation => operation is not null);
        if (operation is null)
        {
            Assert.InRange(status, 204, 499);
            return status == 204 ? null : Resolve(new JsonObject { ["$ref"] = "#/components/responses/Failure" });
        }

        var answers = operation["responses"]!;
        return Resolve(answers[$"{status}"] ?? (status >= 400 ? answers["default"] : null)
            ?? throw new InvalidOperationException($"{request.Method} {request.RequestUri} answered {status}, which is not described."));
    }

    private static JsonNode Resolve(JsonNode node) => node["$ref"] is { } reference
        ? reference.ToString().Split('/').Skip(1).Aggregate(Document, (at, name) => at[name]!)
        : node;

    private static JsonObject StrictDefinitions()
    {
        var definitions = (JsonObject)Local(Document["components"]!["schemas"]!);
        foreach (var (_, definition) in definitions)
            definition!.AsObject().TryAdd("additionalProperties", false);
        return definitions;
    }

    private static JsonNode Local(JsonNode schema) =>
        JsonNode.Parse(schema.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!;
}
