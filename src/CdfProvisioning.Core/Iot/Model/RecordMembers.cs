using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace CdfProvisioning.Iot.Model;

/// <summary>Reads the members of our request records by the names that they have in JSON.</summary>
internal sealed class RecordMembers
{
    private static readonly ConcurrentDictionary<Type, RecordMembers> Known = new();

    private readonly FrozenDictionary<string, Func<object, object?>> _getters;

    private RecordMembers(Type type) =>
        _getters = IotJson.Default.GetTypeInfo(type)!.Properties.Where(p => p.Get is not null).ToFrozenDictionary(p => p.Name, p => p.Get!);

    public static RecordMembers Of(Type type) => Known.GetOrAdd(type, t => new(t));

    public object? Get(object record, string member) => _getters.GetValueOrDefault(member)?.Invoke(record);
}
