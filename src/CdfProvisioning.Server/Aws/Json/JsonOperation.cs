using System.Text.Json.Nodes;

namespace CdfProvisioning.Server.Aws.Json;

/// <summary>Does one operation of a service in the region that was asked.</summary>
internal delegate Task<JsonObject> JsonOperation(Connection connection, JsonInput input, CancellationToken cancellationToken);
