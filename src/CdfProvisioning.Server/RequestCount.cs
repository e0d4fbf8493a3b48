namespace CdfProvisioning.Server;

/// <summary>How many requests to a route have been answered with a status.</summary>
/// <param name="Route">Method and path, such as <c>GET /things/{thingName}</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Count">How many.</param>
public sealed record RequestCount(string Route, int Status, long Count);
