using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Storage.Journal;

/// <summary>What of a task has no column of its own.</summary>
internal sealed record TaskOptions(string? KeyDirectory, CdfProvisioningParameters? CdfParameters, ThingRegistrationSource? Source, bool IsOfServer = false)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public string? KeyFile { get; init; }

    public string? KeyRecipient { get; init; }

    public RequestIdentity? Request { get; init; }

    public bool IsDesiredState { get; init; }

    public bool IsRotation { get; init; }

    public bool IsIssuance { get; init; }

    public static TaskOptions Of(NewTask task) =>
        new(task.KeyDirectory, task.CdfParameters, task.Source, task.IsOfServer) { KeyFile = task.KeyFile, KeyRecipient = task.KeyRecipient, Request = task.Request, IsDesiredState = task.IsDesiredState, IsRotation = task.IsRotation, IsIssuance = task.IsIssuance };

    public static TaskOptions Parse(string json) => JsonSerializer.Deserialize<TaskOptions>(json, Json)!;

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
