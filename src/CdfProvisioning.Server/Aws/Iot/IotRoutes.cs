using System.Collections.Frozen;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Server.Aws.Iot;

/// <summary>Finds an operation by the method and the path of a request.</summary>
internal static class IotRoutes
{
    /// <summary>By method and number of segments; those that name what others take for a parameter come first.</summary>
    private static readonly FrozenDictionary<(string Method, int Segments), Route[]> Routes = IotOperations.All
        .Select(operation => new Route(operation))
        .GroupBy(route => (route.Operation.Method, route.Segments.Length))
        .ToFrozenDictionary(group => group.Key, group => group.OrderBy(route => route.Segments.Count(IsParameter)).ToArray());

    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path as it was sent, percent-encoded.</param>
    /// <returns>The operation and the members that are in the path, decoded; null if there is no such operation.</returns>
    public static IotRouteMatch? Find(string method, string path)
    {
        var segments = path[1..].Split('/');
        if (!Routes.TryGetValue((method, segments.Length), out var routes))
            return null;
        foreach (var route in routes)
            if (route.Match(segments) is { } match)
                return match;
        return null;
    }

    private static bool IsParameter(string segment) => segment[0] == '{';

    private sealed class Route
    {
        private readonly (int Segment, string Member)[] _parameters;

        public Route(IotOperation operation)
        {
            Operation = operation;
            Segments = operation.Path[1..].Split('/');
            _parameters = [.. Segments.Index().Where(s => IsParameter(s.Item)).Select(s => (s.Index, s.Item[1..^1]))];
        }

        public IotOperation Operation { get; }

        public string[] Segments { get; }

        public IotRouteMatch? Match(string[] segments)
        {
            for (var i = 0; i < segments.Length; i++)
                if (IsParameter(Segments[i]) ? segments[i].Length == 0 : segments[i] != Segments[i])
                    return null;
            return new(Operation, Array.ConvertAll(_parameters, p => (p.Member, Uri.UnescapeDataString(segments[p.Segment]))));
        }
    }
}

/// <summary>An operation, and the members of its request that are in the path.</summary>
internal sealed record IotRouteMatch(IotOperation Operation, IReadOnlyList<(string Member, string Value)> PathMembers);
