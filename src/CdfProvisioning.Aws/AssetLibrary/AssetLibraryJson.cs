using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdfProvisioning.Aws.AssetLibrary;

/// <summary>The Asset Library's policies, as far as they matter here.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(InheritedPolicies))]
[JsonSerializable(typeof(TemplateDocument))]
internal sealed partial class AssetLibraryJson : JsonSerializerContext;

internal sealed record InheritedPolicies(IReadOnlyList<InheritedPolicy>? Results);

internal sealed record InheritedPolicy(string? PolicyId, IReadOnlyList<string>? AppliesTo, string? Document);

internal sealed record TemplateDocument(string? Template);
